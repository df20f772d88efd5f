// Shell: the service worker that makes the page work offline, and the facts at the top of the page.
import { byId, make } from './elements.ts'
import { ownScript } from './trusted-scripts.ts'

const facts = new Map<string, HTMLElement>()

/** One fact at the top of the page; the same `name` replaces it. */
export function tellFact(name: string, text: string, kind: 'good' | 'bad' | '' = ''): void {
  const made = make('li', { class: kind, 'data-fact': name }, text)
  const old = facts.get(name)
  if (old) old.replaceWith(made)
  else byId('facts').append(made)
  facts.set(name, made)
}

function tellNetwork(): void {
  tellFact('network', navigator.onLine ? 'Online' : 'Offline: the page works on', navigator.onLine ? '' : 'good')
}

export async function startShell(): Promise<void> {
  addEventListener('online', tellNetwork)
  addEventListener('offline', tellNetwork)
  tellNetwork()
  if (!('serviceWorker' in navigator)) {
    tellFact('shell', 'Not available offline in this browser')
    return
  }
  const registration = await navigator.serviceWorker.register(ownScript('/service-worker.js'), { type: 'module' })
  registration.addEventListener('updatefound', () => {
    tellUpdate(registration)
  })
  await navigator.serviceWorker.ready
  tellFact('shell', 'Ready to work offline', 'good')
  tellUpdate(registration)
}

/** A new version waits until every tab of the page has been closed, so that no run is lost. */
function tellUpdate(registration: ServiceWorkerRegistration): void {
  const next = registration.waiting ?? registration.installing
  if (!next || !navigator.serviceWorker.controller) return
  const tell = (): void => {
    if (next.state === 'installed') tellFact('update', 'A new version is there: close all tabs of this page to use it')
  }
  next.addEventListener('statechange', tell)
  tell()
}
