// The service worker of the tests: only what runs of other tabs need.
import { RunDirectory, RunExchange, RunRoutes } from '@weir/engine-client/browser'

const scope = globalThis as unknown as ServiceWorkerGlobalScope
const exchange = new RunExchange(scope.clients)
const routes = new RunRoutes(new RunDirectory(), exchange)
const API = '/api/v1/'

scope.addEventListener('install', (event) => {
  event.waitUntil(scope.skipWaiting())
})
scope.addEventListener('activate', (event) => {
  event.waitUntil(scope.clients.claim())
})
scope.addEventListener('message', (event) => {
  exchange.hear(event, (work) => {
    event.waitUntil(work)
  })
})
scope.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (!url.pathname.startsWith(API)) return
  const answer = routes.answer(event.request, url.pathname.slice(API.length))
  event.respondWith(answer.then((response) => response ?? new Response(null, { status: 404 })))
})
