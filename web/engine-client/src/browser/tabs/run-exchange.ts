// RunExchange: in the service worker: finds the tab that owns a run, and hands it ports of those who watch.
import { WeirError } from '../../errors.ts'
import { toExchange, type FromExchange } from './run-lines.ts'
import { randomId } from '../../random-id.ts'

/** A tab that lives answers within this time. */
const ANSWER_MS = 5_000

/** What is used of a service worker's clients. */
export interface Pages {
  matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly Page[]>
  get(id: string): Promise<Page | undefined>
}
interface Page {
  postMessage(message: FromExchange, transfer?: Transferable[]): void
}

/** A message to the service worker. */
interface Said {
  readonly data: unknown
  readonly ports: readonly MessagePort[]
  readonly source: unknown
}

export class RunExchange {
  private readonly asked = new Map<string, (client: string) => void>()

  constructor(private readonly pages: Pages) {}

  /** True: the message was meant for this; what it takes is given to `keepAlive`. */
  hear(event: Said, keepAlive: (work: Promise<void>) => void): boolean {
    const message = toExchange(event.data)
    if (!message) return false
    const [port] = event.ports
    if (message.type === 'weir-owner') this.asked.get(message.ask)?.((event.source as { id?: string } | null)?.id ?? '')
    else if (port) {
      keepAlive(
        this.handOn(message.id, port).catch((reason: unknown) => {
          const { code, message: text } = reason as WeirError
          port.postMessage({ type: 'failed', error: { code, message: text, recoverable: true } })
        })
      )
    }
    return true
  }

  /** A line of the service worker's own; error `run.none`. */
  async line(id: string): Promise<MessagePort> {
    const { port1, port2 } = new MessageChannel()
    await this.handOn(id, port2)
    return port1
  }

  private async handOn(id: string, port: MessagePort): Promise<void> {
    const owner = await this.ownerOf(id)
    if (!owner) throw new WeirError('run.none', `no tab has a run '${id}': it has ended, or its tab was closed`)
    owner.postMessage({ type: 'weir-guest', id }, [port])
  }

  private async ownerOf(id: string): Promise<Page | undefined> {
    const ask = randomId()
    const found = new Promise<string>((resolve) => {
      this.asked.set(ask, resolve)
    })
    const none = new Promise<string>((resolve) =>
      setTimeout(() => {
        resolve('')
      }, ANSWER_MS)
    )
    const pages = await this.pages.matchAll({ type: 'window', includeUncontrolled: true })
    for (const page of pages) page.postMessage({ type: 'weir-who', id, ask })
    const client = pages.length === 0 ? '' : await Promise.race([found, none])
    this.asked.delete(ask)
    return client === '' ? undefined : this.pages.get(client)
  }
}
