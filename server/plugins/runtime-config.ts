/** Nitro builds the configuration again for each page, which took a twentieth of its time. It never changes while the server runs. */
export default defineNitroPlugin(nitro => {
  const config = useRuntimeConfig()
  nitro.hooks.hook('request', event => {
    Object.assign(event.context.nitro!, { runtimeConfig: config })
  })
})
