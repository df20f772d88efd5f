// RunFigures: what the engine says of a run: figures of its edges and nodes, events; by the live protocol.
import type { Control, Execution, Watcher } from '@weir/engine-client'

/** Nanoseconds, or counts. */
export interface Quantiles {
  count: number
  p50: number
  p95: number
  p99: number
}

/** offered = taken + filtered + dropped + discarded + failed + held; rows. */
export interface EdgeFigures {
  id: string
  source: string
  target: string
  offered: number
  taken: number
  filtered: number
  dropped: number
  discarded: number
  failed: number
  held: number
  heldBytes: number
  capacityRows: number
  capacityBytes: number
  waitNanos: Quantiles
}

export interface NodeFigures {
  id: string
  typeId: string
  rowsIn: number
  rowsOut: number
  bytesOut: number
  failed: number
  retries: number
  busyNanos: number
}

export interface Figures {
  elapsedMicros: number
  usedBytes: number
  peakBytes: number
  deadLetters: number
  errors: number
  nodes: NodeFigures[]
  edges: EdgeFigures[]
}

export interface RunEvent {
  number: number
  atMicros: number
  severity: 'debug' | 'info' | 'warning' | 'error' | 'critical'
  kind: string
  /** The node, edge or alert that it is about. */
  subject: string
  message: string
}

export interface FiguresListener {
  figures?: (figures: Figures) => void
  event?: (event: RunEvent) => void
}

/** What a subscription may send before it is given credit again, and when it is. */
const CREDIT_BYTES = 256 << 10

export class RunFigures {
  private readonly watcher: Watcher
  private readonly credit = new Map<number, number>()
  private readonly waiting: ((figures: Figures | undefined) => void)[] = []
  private latest: Figures | undefined
  private over = false

  constructor(
    execution: Execution,
    private readonly listener: FiguresListener = {}
  ) {
    this.watcher = execution.watch()
    this.watcher.onMessage((message) => {
      this.take(message)
    })
    this.subscribe('events')
    this.subscribe('metrics')
    execution.result.then(
      () => {
        this.end()
      },
      () => {
        this.end()
      }
    )
  }

  /** As they are now; after the run, as they were at its end. */
  async now(): Promise<Figures | undefined> {
    if (this.over) return this.latest
    const next = new Promise<Figures | undefined>((resolve) => this.waiting.push(resolve))
    // The first figures of a subscription come at once.
    try {
      const { subscription } = (await this.watcher.ask('subscribe', { kind: 'metrics' })) as { subscription: number }
      const figures = await next
      if (!this.isOver()) await this.watcher.ask('unsubscribe', {}, subscription)
      return figures
    } catch {
      // The run ended meanwhile.
      return this.latest
    }
  }

  private isOver(): boolean {
    return this.over
  }

  private subscribe(kind: string): void {
    this.watcher.ask('subscribe', { kind }).then(
      (data) => this.credit.set((data as { subscription: number }).subscription, CREDIT_BYTES),
      () => undefined
    )
  }

  private take(message: Control): void {
    if (message.type === 'metrics') this.told(message.data as Figures)
    if (message.type === 'event') this.listener.event?.(message.data as RunEvent)
    if (message.subscription !== undefined) this.spend(message.subscription, message)
  }

  private told(figures: Figures): void {
    this.latest = figures
    for (const wait of this.waiting.splice(0)) wait(figures)
    this.listener.figures?.(figures)
  }

  private spend(subscription: number, message: Control): void {
    const left = this.credit.get(subscription)
    if (left === undefined || this.over) return
    const rest = left - JSON.stringify(message).length
    this.credit.set(subscription, rest > CREDIT_BYTES / 2 ? rest : CREDIT_BYTES)
    if (rest > CREDIT_BYTES / 2) return
    this.watcher.ask('credit', { bytes: CREDIT_BYTES - rest }, subscription).catch(() => undefined)
  }

  private end(): void {
    this.over = true
    for (const wait of this.waiting.splice(0)) wait(this.latest)
  }
}
