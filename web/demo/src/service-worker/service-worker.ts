// The service worker: keeps the shell of the page, one version whole, and answers the platform's HTTP API locally.
import { RunDirectory, RunExchange, RunRoutes } from '@weir/engine-client/browser'
import { messageOf, type StorageNews } from '../storage-news.ts'
import { isOfApi, PageApi } from './page-api.ts'

/** Put in by the build: the version of the shell, and its files. */
declare const SHELL_VERSION: string
declare const SHELL_FILES: string[]

const scope = globalThis as unknown as ServiceWorkerGlobalScope
const PREFIX = 'weir-shell-'
const SHELL = PREFIX + SHELL_VERSION

/** Everything or nothing: a shell that misses a file is not installed. */
async function install(): Promise<void> {
  const cache = await caches.open(SHELL)
  await cache.addAll(SHELL_FILES.map((url) => new Request(url, { cache: 'reload' })))
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== SHELL) await caches.delete(name)
  }
  await scope.clients.claim()
}

/** From the shell of this version; what is not in it comes from the network. */
async function fromShell(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL)
  const found = await cache.match(request.mode === 'navigate' ? '/' : request, { ignoreSearch: true })
  return found ?? fetch(request)
}

async function engineModule(): Promise<WebAssembly.Module> {
  const response = await fromShell(new Request('/weir.wasm'))
  return WebAssembly.compileStreaming(response)
}

/** Nobody may be there: then a page tells what was damaged when it is opened next. */
async function tellPages(news: StorageNews): Promise<void> {
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const page of pages) page.postMessage(messageOf(news))
}

const exchange = new RunExchange(scope.clients)
const runs = new RunRoutes(new RunDirectory(), exchange)
const api = new PageApi(engineModule, SHELL_VERSION, runs, (news) => void tellPages(news).catch(() => undefined))

// A new version waits for the tabs of the old one to close, or until a page asks for it: a page and its worker are of
// one version, and runs go on.
scope.addEventListener('install', (event) => {
  event.waitUntil(install())
})
scope.addEventListener('activate', (event) => {
  event.waitUntil(activate())
})
// A page asks for it when no run goes on in any tab.
scope.addEventListener('message', (event) => {
  const { type } = (event.data ?? {}) as { type?: unknown }
  if (type === 'activate') event.waitUntil(scope.skipWaiting())
})
scope.addEventListener('message', (event) => {
  exchange.hear(event, (work) => {
    event.waitUntil(work)
  })
})
scope.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (url.origin !== scope.location.origin) return
  if (isOfApi(url.pathname)) {
    const answer = api.answer(event.request)
    event.respondWith(answer)
    event.waitUntil(answer.then(() => api.settled()))
  } else if (event.request.method === 'GET') event.respondWith(fromShell(event.request))
})
