import { fileURLToPath } from 'node:url'

export default defineNuxtConfig({
  modules: ['@nuxt/eslint', '@nuxt/ui', '@nuxtjs/supabase', '@vueuse/nuxt', '@vite-pwa/nuxt', 'nuxt-security'],
  devtools: { enabled: false },

  app: {
    head: {
      htmlAttrs: { lang: 'en' },
      titleTemplate: '%s · Switchboard',
      meta: [
        { name: 'description', content: 'Tickets of your customers: triaged, answered and resolved by your team, together.' },
        { name: 'theme-color', content: '#fafafa', media: '(prefers-color-scheme: light)' },
        { name: 'theme-color', content: '#18181b', media: '(prefers-color-scheme: dark)' }
      ],
      link: [
        { rel: 'icon', href: '/favicon.ico', sizes: '32x32' },
        { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' },
        { rel: 'apple-touch-icon', href: '/apple-touch-icon.png' },
        { rel: 'manifest', href: '/manifest.webmanifest' }
      ]
    }
  },
  css: ['~/assets/css/main.css'],
  // Folders are by noun, and do not prefix the names of components.
  imports: { dirs: ['composables/**', 'utils/**'] },
  components: [{ path: '~/components', pathPrefix: false }],

  // Fonts come from @fontsource in main.css: @nuxt/fonts would call four font hosts at build time.
  ui: { fonts: false, experimental: { componentDetection: true } },

  runtimeConfig: {
    // Filled at run time by scripts/serve.ts from SUPABASE_*, DATABASE_URL, SMTP_URL and others (see .env.example).
    databaseUrl: '',
    jwtSecret: '',
    jwtIssuer: '',
    smtpUrl: '',
    mailFrom: 'Switchboard <no-reply@localhost>',
    trustedProxies: '',
    supabase: { secretKey: '' },
    clamavHost: '',
    clamavPort: 3310,
    webhookAllowPrivate: '',
    webhookRetryScale: 1,
    public: { siteUrl: 'http://localhost:3000' }
  },

  // The agent app is client-rendered: a server-rendered list costs 70–95 ms of CPU per request without a benefit for agents.
  routeRules: {
    '/': { ssr: false },
    '/dashboard/**': { ssr: false },
    '/tickets/**': { ssr: false },
    '/articles/**': { ssr: false },
    '/contacts/**': { ssr: false },
    '/notifications/**': { ssr: false },
    '/reports/**': { ssr: false },
    '/t/**': { ssr: false },
    '/settings/**': { ssr: false },
    '/teams/**': { ssr: false },
    '/docs/**': { ssr: false }, // server-rendering takes 135 ms of CPU per request
    // Pages for clients: rendered by the server, with one small script of their own (modules/portal).
    '/portal/**': { noScripts: true },
    '/p/**': { noScripts: true },
    '/help/**': { noScripts: true },
    // Browsers must revalidate both to find a new version.
    '/sw.js': { headers: { 'cache-control': 'no-cache' } },
    '/manifest.webmanifest': { headers: { 'cache-control': 'no-cache' } },
    // nuxt-security sends a content security policy with pages only.
    '/api/**': { headers: { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" } }
  },
  // Links prefetch their page on hover and focus, not when they become visible.
  // The service worker detects new versions (app/plugins/updates.client.ts). Nuxt's own check would reload the page and lose typed text.
  experimental: { appManifest: false, defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } } },
  compatibilityDate: '2026-11-01',

  nitro: {
    compressPublicAssets: true,
    sourceMap: false,
    // Without bundling, these cost about two seconds and 200 MB on the first server-rendered page.
    externals: {
      inline: [
        'date-fns',
        'reka-ui',
        '@internationalized',
        '@vueuse',
        '@floating-ui',
        '@tanstack',
        '@iconify',
        'tailwind-variants',
        'tailwind-merge',
        'vaul-vue',
        'zod',
        'tslib'
      ]
    }
  },

  vite: {
    // One script for what is always loaded together: two hundred small ones cost a browser more than their bytes.
    $client: {
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [
                { name: 'entry', tags: ['$initial'], priority: 5 },
                { name: 'agent', test: /\/app\/(layouts\/default|pages\/tickets\/index)\.vue/, priority: 4 },
                { name: 'ticket', test: /\/app\/components\/ticket\/detail\/TicketSlideover\.vue/, priority: 2 },
                { name: 'guest', test: /\/app\/(layouts\/auth|pages\/(sign-|forgot|reset|auth|invitations).*)\.vue/, priority: 3 },
                { name: 'settings', test: /\/app\/pages\/settings/, minShareCount: 2, priority: 1 }
              ]
            }
          }
        }
      }
    },
    optimizeDeps: { include: ['zod', 'date-fns', 'markdown-it', '@internationalized/date', '@unovis/vue', '@unovis/ts'] }
  },
  typescript: {
    strict: true,
    // scripts/, supabase/embedded/ and network/ run with Node's type stripping, so that imports need the .ts extension.
    tsConfig: { include: ['../service-worker/**/*', '../portal/**/*'], compilerOptions: { allowImportingTsExtensions: true } },
    nodeTsConfig: {
      include: ['../scripts/**/*', '../supabase/**/*', '../tests/**/*', '../bench/**/*', '../network/**/*', '../*.ts'],
      compilerOptions: { allowImportingTsExtensions: true, erasableSyntaxOnly: true, paths: { '~/*': ['../app/*'], '~~/*': ['../*'] } }
    }
  },
  telemetry: false,
  hooks: {
    // Before Nuxt's error handler, which answers everything but JSON.
    'nitro:init': nitro => {
      // Requests name the type of their answer. Inferring it from all routes exceeds the compiler's depth limit.
      nitro.hooks.hook('types:extend', types => {
        types.routes = {}
      })
    },
    'nitro:config': config => {
      config.errorHandler = ['~~/server/error-handler.ts', ...[config.errorHandler ?? []].flat()]
    }
  },
  eslint: { config: { stylistic: false } }, // prettier formats

  // Icons named in app/ and shared/ are bundled. A server collection of solar would add 11.7 MB.
  icon: {
    provider: 'server',
    fallbackToApi: false,
    serverBundle: { collections: ['lucide'] },
    clientBundle: { scan: { globInclude: ['**/*.{vue,ts}'] }, sizeLimitKb: 512 }
  },

  pwa: {
    strategies: 'injectManifest',
    srcDir: fileURLToPath(new URL('service-worker', import.meta.url)),
    filename: 'sw.ts',
    injectRegister: false,
    client: { registerPlugin: false },
    injectManifest: { globPatterns: ['_nuxt/**/*.{js,css,woff2}'], rollupFormat: 'iife' },
    manifest: {
      id: '/',
      name: 'Switchboard',
      short_name: 'Switchboard',
      description: 'Tickets of your customers: triaged, answered and resolved by your team, together.',
      start_url: '/tickets',
      scope: '/',
      display: 'standalone',
      theme_color: '#4f46e5',
      background_color: '#ffffff',
      icons: [
        { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
        { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
        { src: '/icon-maskable-192.png', sizes: '192x192', type: 'image/png', purpose: 'maskable' },
        { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }
      ]
    }
  },

  security: {
    rateLimiter: false, // in memory, 150 requests per 5 min and IP: one busy agent exceeds it
    xssValidator: false, // refuses legitimate tickets that contain markup; rendering escapes them
    corsHandler: false, // its build-time default becomes access-control-allow-origin: *
    removeLoggers: false,
    requestSizeLimiter: false, // parseBody() counts the bytes and answers with the documented shape
    headers: {
      crossOriginEmbedderPolicy: false,
      strictTransportSecurity: false, // sent by the TLS proxy
      xFrameOptions: 'DENY',
      contentSecurityPolicy: {
        'default-src': ["'none'"],
        'base-uri': ["'none'"],
        'object-src': ["'none'"],
        'frame-ancestors': ["'none'"],
        'form-action': ["'self'"],
        'manifest-src': ["'self'"],
        'worker-src': ["'self'"],
        'script-src': ["'nonce-{{nonce}}'", "'strict-dynamic'"],
        'script-src-attr': ["'none'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'upgrade-insecure-requests': false // breaks plain http on a LAN address
      }
    }
  },

  supabase: {
    // Overridden at run time by NUXT_PUBLIC_SUPABASE_URL and _KEY. These placeholders avoid build warnings.
    url: 'http://127.0.0.1:54321',
    key: 'set-at-run-time',
    redirect: false, // app/middleware/auth.global.ts
    types: false, // no page reads the tables
    cookiePrefix: 'sb-switchboard-auth', // otherwise derived at build time from the URL's host
    // `secure` is set from SITE_URL at run time (scripts/serve/settings.ts), the lifetime in app/plugins/session-cookie.ts.
    cookieOptions: { sameSite: 'lax', secure: false }
  }
})
