// Keeps the frame of the agent app and its code, so that it starts without a network, and tabs that stay open over a new
// version find the code they were made of. It never keeps an answer of the API, nor a page of a guest or of a person: the
// frame is fetched without cookies, and kept with its headers, so that its policy and the nonces in it belong together.
import { isPublicPath } from '../app/utils/session/public-path'

interface Waiting {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Waiting {
  request: Request
  respondWith(answer: Promise<Response>): void
}
interface Events {
  install: Waiting
  activate: Waiting
  fetch: Fetching
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
const frame = '/tickets' // every page of the agent app has the same
const frameAge = 3_600_000 // milliseconds until it is fetched again: the server's settings stand in it

/** What this version is made of; the names of these files change with their content. */
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
  await keepFrame()
  await self.skipWaiting()
}

// Tabs that are open were made by the version before: its code stays one version longer.
async function activate(): Promise<void> {
  const list = new Request(new URL('/_nuxt/versions', self.location.origin))
  const cache = await caches.open(codeCache)
  const [before = []] = ((await (await cache.match(list))?.json()) as string[][] | undefined) ?? []
  const kept = new Set([...code, ...before, new URL(list.url).pathname])
  if (before.join() !== code.join()) await cache.put(list, new Response(JSON.stringify([code, before])))
  const gone = (await cache.keys()).filter(({ url }) => !kept.has(new URL(url).pathname))
  await Promise.all(gone.map(request => cache.delete(request)))
  await self.clients.claim()
}

async function answerCode(request: Request, pathname: string): Promise<Response> {
  const kept = await (await caches.open(codeCache)).match(pathname)
  return kept ?? fetch(request)
}

async function answerPage(event: Fetching): Promise<Response> {
  try {
    const answer = await fetch(event.request)
    event.waitUntil(renewFrame(answer))
    return answer
  } catch (error) {
    const kept = await (await caches.open(frameCache)).match(frame)
    if (!kept) throw error
    return kept
  }
}

// By the server's time on both sides: the clock of this machine may be wrong.
async function renewFrame(answer: Response): Promise<void> {
  const kept = await (await caches.open(frameCache)).match(frame)
  if (dateOf(answer) - dateOf(kept) < frameAge) return
  await keepFrame()
}

async function keepFrame(): Promise<void> {
  const answer = await fetch(frame, { credentials: 'omit', cache: 'no-store' })
  if (!answer.ok || answer.redirected) throw new Error(`The frame of the app answered ${answer.status}`)
  await (await caches.open(frameCache)).put(frame, answer)
}

function dateOf(answer: Response | undefined): number {
  return Date.parse(answer?.headers.get('date') ?? '')
}

function isPage(pathname: string): boolean {
  return !isPublicPath(pathname) && !/^\/(?:api|_nuxt)\/|\.\w+$/.test(pathname)
}
