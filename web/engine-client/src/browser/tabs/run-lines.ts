// RunLines: how a tab gets a line to a run of another: a port, handed on by the service worker, which both can reach.
import { WeirError } from '../../errors.ts'

/** Page to service worker. */
export type ToExchange = { type: 'weir-watch'; id: string } | { type: 'weir-owner'; ask: string }
/** Service worker to page. */
export type FromExchange = { type: 'weir-who'; id: string; ask: string } | { type: 'weir-guest'; id: string }

function textIn(data: unknown, field: string): string {
  const value = (data as Record<string, unknown> | null)?.[field]
  return typeof value === 'string' ? value : ''
}

export function toExchange(data: unknown): ToExchange | undefined {
  const type = textIn(data, 'type')
  if (type === 'weir-watch') return { type, id: textIn(data, 'id') }
  if (type === 'weir-owner') return { type, ask: textIn(data, 'ask') }
  return undefined
}

export function fromExchange(data: unknown): FromExchange | undefined {
  const type = textIn(data, 'type')
  if (type === 'weir-who') return { type, id: textIn(data, 'id'), ask: textIn(data, 'ask') }
  if (type === 'weir-guest') return { type, id: textIn(data, 'id') }
  return undefined
}

/** In pages: answers for their own runs. */
export function serveLines(admit: (id: string) => ((port: MessagePort) => void) | undefined): () => void {
  if (!('document' in globalThis) || !('serviceWorker' in navigator)) return () => undefined
  const container = navigator.serviceWorker
  const hear = (event: MessageEvent): void => {
    const message = fromExchange(event.data)
    if (message?.type === 'weir-who' && admit(message.id)) {
      const answer: ToExchange = { type: 'weir-owner', ask: message.ask }
      ;(event.source as ServiceWorker | null)?.postMessage(answer)
    }
    const [port] = event.ports
    if (message?.type === 'weir-guest' && port) admit(message.id)?.(port)
  }
  container.addEventListener('message', hear)
  container.startMessages()
  return () => {
    container.removeEventListener('message', hear)
  }
}

/** In pages: a port to the run, if a tab owns it; nothing is said when none does. */
export async function lineTo(id: string): Promise<MessagePort> {
  const worker = 'serviceWorker' in navigator ? navigator.serviceWorker.controller : null
  if (!worker) {
    throw new WeirError(
      'host.missing',
      'runs of other tabs are watched through the service worker, and this page has none yet; reload it'
    )
  }
  const { port1, port2 } = new MessageChannel()
  const asked: ToExchange = { type: 'weir-watch', id }
  worker.postMessage(asked, [port2])
  return Promise.resolve(port1)
}
