// RunDirectory: which runs go on in this origin, whichever tab owns them; any tab, and the service worker, may stop one.

import { serveLines } from './run-lines.ts'

const CHANNEL = 'weir-runs'
const LOCK = 'run:'
/** A tab that lives answers within this time; the runs of one that does not are listed without their details. */
const ANSWER_MS = 1_000
const LOOK_MS = 20

/** A run that goes on, as its owner tells it. */
export interface RunningRun {
  id: string
  /** The id of its flow; empty if the tab that owns it does not answer. */
  flow: string
  /** Milliseconds since 1970; 0 if its tab does not answer. */
  startedAt: number
  /** It keeps checkpoints: it can go on after its tab is gone. */
  isKept: boolean
}

/** What its owner lets others do with it. */
export interface OwnedRun {
  stop(): void
  /** Somebody watches it through this port. */
  admit(port: MessagePort): void
}

type Message = { type: 'who' } | { type: 'here'; run: RunningRun } | { type: 'stop'; id: string }

function messageOf(data: unknown): Message | undefined {
  const message = data as Partial<{ type: string; id: unknown; run: Partial<RunningRun> }> | null
  if (message?.type === 'who') return { type: 'who' }
  if (message?.type === 'stop' && typeof message.id === 'string') return { type: 'stop', id: message.id }
  const { id, flow, startedAt, isKept = false } = message?.run ?? {}
  if (message?.type !== 'here' || typeof id !== 'string' || typeof flow !== 'string') return undefined
  return typeof startedAt === 'number' ? { type: 'here', run: { id, flow, startedAt, isKept } } : undefined
}

/** One for each page or service worker. */
export class RunDirectory {
  private readonly channel = new BroadcastChannel(CHANNEL)
  private readonly own = new Map<string, { run: RunningRun; owned: OwnedRun }>()
  private readonly heard = new Map<string, RunningRun>()
  private readonly endLines: () => void

  constructor() {
    this.endLines = serveLines((id) => {
      const owned = this.own.get(id)?.owned
      return owned && owned.admit.bind(owned)
    })
    this.channel.onmessage = (event: MessageEvent) => {
      const message = messageOf(event.data)
      if (message?.type === 'who') for (const { run } of this.own.values()) this.say({ type: 'here', run })
      if (message?.type === 'here') this.heard.set(message.run.id, message.run)
      if (message?.type === 'stop') this.own.get(message.id)?.owned.stop()
    }
    ;(this.channel as { unref?: () => void }).unref?.()
  }

  /** This page owns the run until `ended` is settled; its lock says so, and goes with the page. */
  add(run: RunningRun, owned: OwnedRun, ended: Promise<unknown>): void {
    this.own.set(run.id, { run, owned })
    const over = ended.catch(() => undefined).finally(() => this.own.delete(run.id))
    // A site without TLS has no locks: its other tabs do not see the run.
    if ('locks' in navigator) navigator.locks.request(LOCK + run.id, () => over).catch(() => undefined)
  }

  /** The runs of every tab, by id. */
  async list(): Promise<RunningRun[]> {
    const { held = [] } = 'locks' in navigator ? await navigator.locks.query() : {}
    const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(LOCK))
    const ids = names.map((name) => name.slice(LOCK.length)).sort()
    const known = (id: string): RunningRun | undefined => this.own.get(id)?.run ?? this.heard.get(id)
    this.heard.clear()
    this.say({ type: 'who' })
    for (const until = Date.now() + ANSWER_MS; Date.now() < until && !ids.every(known);) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    return ids.map((id) => known(id) ?? { id, flow: '', startedAt: 0, isKept: false })
  }

  /** A run of this page. */
  owned(id: string): OwnedRun | undefined {
    return this.own.get(id)?.owned
  }

  /** Its owner cancels it; a run that has ended is none. */
  stop(id: string): void {
    this.own.get(id)?.owned.stop()
    this.say({ type: 'stop', id })
  }

  close(): void {
    this.endLines()
    this.channel.close()
  }

  private say(message: Message): void {
    this.channel.postMessage(message)
  }
}
