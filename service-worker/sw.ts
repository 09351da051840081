// Caches the frame of the agent app and its code, so that the app starts without a network, and tabs that stay open during a
// deployment still find the code of their version. Never caches answers of the API or pages with data of a person: the frame
// is fetched without cookies. It is stored with its headers, because its nonces must match its content security policy.
import { isPublicPath } from '../app/utils/session/public-path'

interface ExtendableEvent {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends ExtendableEvent {
  request: Request
  respondWith(answer: Promise<Response>): void
}
interface Events {
  install: ExtendableEvent
  activate: ExtendableEvent
  fetch: FetchEvent
}
interface Scope {
  __WB_MANIFEST: { url: string }[]
  location: Location
  clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener<E extends keyof Events>(type: E, handler: (event: Events[E]) => void): void
}

declare const self: Scope

const codeCache = 'switchboard-code'
const frameCache = 'switchboard-frame'
const frame = '/tickets' // the same for every page of the agent app
const frameAge = 3_600_000 // in milliseconds; then it is fetched again, because it contains settings of the server

/** The paths of the scripts of this version. Their names contain a hash of their content. */
const code = self.__WB_MANIFEST.map(({ url }) => new URL(url, self.location.origin).pathname).filter(path => path.startsWith('/_nuxt/'))

self.addEventListener('install', event => event.waitUntil(install()))
self.addEventListener('activate', event => event.waitUntil(activate()))

self.addEventListener('fetch', event => {
  const { method, mode, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== self.location.origin) return
  if (pathname.startsWith('/_nuxt/')) event.respondWith(answerCode(event.request, pathname))
  else if (mode === 'navigate' && isPage(pathname)) event.respondWith(answerPage(event))
})

async function install(): Promise<void> {
  const cache = await caches.open(codeCache)
  const known = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  await cache.addAll(code.filter(path => !known.has(path)))
  await cacheFrame()
  await self.skipWaiting()
}

// Open tabs run the previous version, so its code is kept for one more version.
async function activate(): Promise<void> {
  const list = new Request(new URL('/_nuxt/versions', self.location.origin))
  const cache = await caches.open(codeCache)
  const [previousCode = []] = ((await (await cache.match(list))?.json()) as string[][] | undefined) ?? []
  const needed = new Set([...code, ...previousCode, new URL(list.url).pathname])
  if (previousCode.join() !== code.join()) await cache.put(list, new Response(JSON.stringify([code, previousCode])))
  const obsolete = (await cache.keys()).filter(({ url }) => !needed.has(new URL(url).pathname))
  await Promise.all(obsolete.map(request => cache.delete(request)))
  await self.clients.claim()
}

async function answerCode(request: Request, pathname: string): Promise<Response> {
  const cached = await (await caches.open(codeCache)).match(pathname)
  return cached ?? fetch(request)
}

async function answerPage(event: FetchEvent): Promise<Response> {
  try {
    const answer = await fetch(event.request)
    event.waitUntil(renewFrame(answer))
    return answer
  } catch (error) {
    const cached = await (await caches.open(frameCache)).match(frame)
    if (!cached) throw error
    return cached
  }
}

// Compares Date headers of the server, because the local clock may be wrong.
async function renewFrame(answer: Response): Promise<void> {
  const cached = await (await caches.open(frameCache)).match(frame)
  if (readDate(answer) - readDate(cached) < frameAge) return
  await cacheFrame()
}

async function cacheFrame(): Promise<void> {
  const answer = await fetch(frame, { credentials: 'omit', cache: 'no-store' })
  if (!answer.ok || answer.redirected) throw new Error(`The frame of the app answered ${answer.status}`)
  await (await caches.open(frameCache)).put(frame, answer)
}

function readDate(answer: Response | undefined): number {
  return Date.parse(answer?.headers.get('date') ?? '')
}

function isPage(pathname: string): boolean {
  return !isPublicPath(pathname) && !/^\/(?:api|_nuxt)\/|\.\w+$/.test(pathname)
}
