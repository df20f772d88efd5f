// Keeps the files of the studio, one version whole, so that a site without a server opens offline.

/** Put in by the build: a sum over all files, and their paths below the page. */
declare const SHELL_VERSION: string
declare const SHELL_FILES: readonly string[]

const scope = globalThis as unknown as ServiceWorkerGlobalScope
const PREFIX = `weir-studio ${scope.registration.scope} `
const SHELL = PREFIX + SHELL_VERSION
const ADDRESSES = new Set(SHELL_FILES.map((file) => new URL(file, scope.registration.scope).href))

/** Everything or nothing: what misses a file is not installed. */
async function install(): Promise<void> {
  const cache = await caches.open(SHELL)
  await cache.addAll([...ADDRESSES].map((url) => new Request(url, { cache: 'reload' })))
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== SHELL) await caches.delete(name)
  }
  await scope.clients.claim()
}

async function kept(address: string, request: Request): Promise<Response> {
  const cache = await caches.open(SHELL)
  return (await cache.match(address)) ?? fetch(request)
}

// A new version waits until the tabs of the old one are closed: a page and its files are of one version.
scope.addEventListener('install', (event) => {
  event.waitUntil(install())
})
scope.addEventListener('activate', (event) => {
  event.waitUntil(activate())
})
scope.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  url.hash = ''
  url.search = ''
  // All else, the API above all, goes to the network as if nobody stood here.
  if (request.method === 'GET' && ADDRESSES.has(url.href)) event.respondWith(kept(url.href, request))
})
