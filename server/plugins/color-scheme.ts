// Pages of the portal have the scheme of the system, by main.css alone. The script of @nuxtjs/color-mode would set that of the agent app.
export default defineNitroPlugin(nitroApp => {
  nitroApp.hooks.hook('render:html', (html, { event }) => {
    if (event.context.portal)
      html.head = html.head.map(part => part.replace(/<script[^>]*>(?:(?!<\/script>)[^])*__NUXT_COLOR_MODE__[^]*?<\/script>/, ''))
  })
})
