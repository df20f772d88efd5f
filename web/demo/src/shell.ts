// Shell: the service worker that makes the page work offline, its updates, and the facts of the status bar.
import { byId, button, make } from './elements.ts'
import { SHAPES } from './figures-text.ts'
import { tellNotice } from './notices.ts'
import { ownScript } from './trusted-scripts.ts'

type Kind = 'good' | 'bad' | 'warn' | ''

const facts = new Map<string, HTMLElement>()

/** One fact of the status bar; the same `name` replaces it. */
export function tellFact(name: string, text: string, kind: Kind = ''): void {
  const shape = kind === '' ? '' : `${SHAPES[kind]} `
  const made = make('li', { class: kind, 'data-fact': name }, `${shape}${text}`)
  const old = facts.get(name)
  if (old) old.replaceWith(made)
  else byId('facts').append(made)
  facts.set(name, made)
}

function tellNetwork(): void {
  tellFact('network', navigator.onLine ? 'Online' : 'Offline: all of this works on', navigator.onLine ? '' : 'good')
}

/** `busy`: how many runs go on in the tabs of this page. */
export async function startShell(busy: () => Promise<number>): Promise<void> {
  addEventListener('online', tellNetwork)
  addEventListener('offline', tellNetwork)
  tellNetwork()
  if (!('serviceWorker' in navigator)) {
    tellFact('shell', 'Not available offline in this browser', 'warn')
    return
  }
  let isControlled = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // A new version has taken over, as asked for in some tab; the first one only begins.
    if (isControlled) location.reload()
    isControlled = true
  })
  const registration = await navigator.serviceWorker.register(ownScript('/service-worker.js'), { type: 'module' })
  registration.addEventListener('updatefound', () => {
    watchUpdate(registration, busy)
  })
  await navigator.serviceWorker.ready
  tellFact('shell', 'Offline ready', 'good')
  watchUpdate(registration, busy)
}

function watchUpdate(registration: ServiceWorkerRegistration, busy: () => Promise<number>): void {
  const next = registration.waiting ?? registration.installing
  if (!next || !navigator.serviceWorker.controller) return
  const tell = (): void => {
    if (next.state === 'installed') offerUpdate(next, busy)
  }
  next.addEventListener('statechange', tell)
  tell()
}

const ASK_MS = 1000

/** The new version waits until it is asked for, and then until no run goes on in any tab: none is lost. */
function offerUpdate(next: ServiceWorker, busy: () => Promise<number>): void {
  tellFact('update', 'A new version is ready', 'warn')
  const words = make('span', {}, 'A new version of this page is ready.')
  const reload = async (): Promise<void> => {
    take.disabled = true
    for (let runs = await busy(); runs > 0; runs = await busy()) {
      const which = runs === 1 ? 'the run that goes on' : `the ${runs} runs that go on`
      words.textContent = `The page reloads after ${which}.`
      await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    }
    next.postMessage({ type: 'activate' })
  }
  const take = button('Reload', () => void reload(), 'first')
  tellNotice('update', words, take)
}
