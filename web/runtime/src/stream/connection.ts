// StreamConnection: an edge of the engine with a writer at one end and readers at the other.
import { WeirError, type Engine, type Execution } from '@weir/engine-client'
import type { BackpressureHandler } from './backpressure.ts'
import { BLOCK, type StreamConfig } from './config.ts'
import { connectionFlow, EDGE, INLET, OUTLET, type AlertRule, type ConnectionEnds } from './connection-flow.ts'
import { ConnectionMeter, type ConnectionMetrics } from './connection-metrics.ts'
import { ConnectionWriter } from './connection-writer.ts'
import type { StreamEvent } from './events.ts'
import { ListenerFailures } from './listener-failures.ts'
import { tellLoad } from './load-teller.ts'
import { delivered, type NodeMessage } from './message.ts'
import type { ErrorRecovery } from './recovery.ts'
import { RunFigures, type RunEvent } from './run-figures.ts'

/** Called with one message after another; the next comes when its promise is settled. */
export type MessageListener = (message: NodeMessage) => void | Promise<void>

/** What a connection is made of. */
export interface ConnectionParts {
  engine: Promise<Engine>
  handler: BackpressureHandler | undefined
  recovery: () => ErrorRecovery | undefined
  alerts: readonly AlertRule[]
  emit: (event: StreamEvent) => void
}

interface OpenRun {
  execution: Execution
  rows: WritableStreamDefaultWriter<unknown[]>
  figures: RunFigures
}

export class StreamConnection {
  /** Waits while the connection is full, unless it drops. */
  readonly writer: ConnectionWriter
  private readonly meter = new ConnectionMeter()
  private readonly opened: Promise<OpenRun>
  private readonly listeners = new Set<MessageListener>()
  private rowReader: ReadableStreamDefaultReader<unknown> | undefined
  private pumping: Promise<void> | undefined
  private readonly ended: Promise<void>
  private readonly failures = new ListenerFailures()
  /** Aborted when nothing is handed on any more: the connection was aborted, or it failed. */
  private readonly stopped = new AbortController()
  private kept: NodeMessage | undefined
  private finish: () => void = () => undefined
  private reject: (failure: Error) => void = () => undefined
  private told: Promise<void> | undefined
  private failure: Error | undefined
  private aborted = false
  private taken = false
  private latest: ConnectionMetrics | undefined
  private over = false

  constructor(
    readonly id: string,
    readonly ends: Readonly<ConnectionEnds>,
    readonly config: Readonly<StreamConfig>,
    private readonly parts: ConnectionParts
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.finish = resolve
      this.reject = reject
    })
    // Who only writes, or only reads, need not look at it.
    this.ended.catch(() => undefined)
    this.opened = this.open()
    this.opened.catch((reason: unknown) => {
      this.fail(reason)
      if (this.aborted) this.finish()
    })
    this.writer = new ConnectionWriter(
      config.maxBatchSize,
      (rows) => this.put(rows),
      (reason) => this.end(reason)
    )
  }

  get sourceNodeId(): string {
    return this.ends.sourceNode
  }

  get targetNodeId(): string {
    return this.ends.targetNode
  }

  /** The same as `writer`, for pipeTo. */
  get writable(): WritableStream<NodeMessage> {
    return new WritableStream<NodeMessage>({
      write: (message) => this.writer.write(message),
      close: () => this.writer.close(),
      abort: (reason) => this.writer.abort(reason)
    })
  }

  /** The messages, read when they are asked for. Once, and instead of `subscribe`. */
  get readable(): ReadableStream<NodeMessage> {
    if (this.taken || this.pumping) throw new TypeError(`connection '${this.id}' is being read already`)
    this.taken = true
    return new ReadableStream<NodeMessage>(
      {
        pull: async (controller) => {
          const message = await this.next()
          if (message) controller.enqueue(message)
          else controller.close()
        },
        cancel: () => this.abort()
      },
      { highWaterMark: 0 }
    )
  }

  /** Reads while there is a subscriber; all of them have each message before the next is read. Ends by what it returns. */
  subscribe(listener: MessageListener): () => void {
    if (this.taken) throw new TypeError(`connection '${this.id}' is being read already`)
    this.listeners.add(listener)
    this.pumping ??= this.pump()
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Of now, from the engine's own counters; after the end, of then. */
  async metrics(): Promise<ConnectionMetrics> {
    const { figures } = await this.opened
    const now = await figures.now()
    return this.meter.metrics(now?.edges.find((edge) => edge.id === EDGE))
  }

  /** The messages from now on, for one of several readers: they have each message together, so the slowest sets the pace. */
  stream(): ReadableStream<NodeMessage> {
    let wanted: () => void = () => undefined
    let leave: () => void = () => undefined
    let left = false
    return new ReadableStream<NodeMessage>(
      {
        start: (controller) => {
          leave = this.subscribe((message) => {
            controller.enqueue(message)
            return new Promise((resolve) => (wanted = resolve))
          })
          this.ended.then(
            () => {
              leave()
              if (!left) controller.close()
            },
            (failure: unknown) => {
              leave()
              if (!left) controller.error(failure)
            }
          )
        },
        pull: () => {
          wanted()
        },
        cancel: () => {
          left = true
          leave()
          wanted()
        }
      },
      { highWaterMark: 0 }
    )
  }

  /** As the engine last told them, by itself ten times a second; undefined before that. */
  get lastMetrics(): ConnectionMetrics | undefined {
    return this.latest
  }

  /** Somebody reads, or has begun to. */
  get isRead(): boolean {
    return this.taken || this.pumping !== undefined
  }

  /**
   * Resolves when the last message was read, or the connection was aborted here. Rejects when messages may be missing:
   * with `run.cancelled` if the run was cancelled by somebody else, with `run.ended` and the engine's words if it failed
   * or a worker's engine was closed.
   */
  get finished(): Promise<void> {
    return this.ended
  }

  /** No more is written; what was written is still read. */
  close(): Promise<void> {
    return this.writer.close()
  }

  /** Ends at once: what is under way is gone. */
  async abort(): Promise<void> {
    await this.writer.abort()
  }

  private async open(): Promise<OpenRun> {
    const engine = await this.parts.engine
    const policy = this.parts.handler?.policy ?? BLOCK
    const flow = connectionFlow(this.id, this.ends, this.config, policy, this.parts.alerts)
    const execution = await engine.run(flow, { outlets: [{ node: OUTLET, port: 'rows' }], runId: this.id })
    const figures = new RunFigures(execution, {
      event: (event) => {
        this.said(event)
      },
      figures: (all) => {
        this.latest = this.meter.metrics(all.edges.find((edge) => edge.id === EDGE))
        this.tell('metrics', this.latest)
      }
    })
    this.rowReader = execution.rows(OUTLET, 'rows').getReader()
    this.told = this.whenOver(execution, policy.adaptive ? tellLoad(engine) : undefined)
    return { execution, rows: execution.inlet(INLET, 0).getWriter(), figures }
  }

  private async whenOver(execution: Execution, stopTelling: (() => void) | undefined): Promise<void> {
    const { outcome, error } = await execution.result.catch((reason: unknown) => ({
      outcome: 'failed' as const,
      error: { message: messageOf(reason) }
    }))
    this.over = true
    stopTelling?.()
    if (outcome === 'cancelled') {
      const why = 'its engine was closed, or its run was cancelled by somebody else; messages may be missing'
      this.fail(new WeirError('run.cancelled', `connection '${this.id}' ended early: ${why}`))
    } else if (outcome !== 'done') {
      const why = error ? `${outcome}: ${error.message}` : outcome
      this.fail(new WeirError('run.ended', `connection '${this.id}' ended: ${why}`))
    }
    this.tell('closed', { outcome })
  }

  /** Nothing once it was aborted here: that end is its own. */
  private fail(reason: unknown): void {
    if (this.aborted || this.failure) return
    this.failure = reason instanceof Error ? reason : new Error(String(reason))
    this.writer.fail(this.failure)
    this.tell('error', { error: this.failure.message })
    this.stopped.abort(this.failure)
    this.reject(this.failure)
  }

  private async put(rows: object[]): Promise<void> {
    const { rows: inlet, execution } = await this.opened
    try {
      await inlet.write(rows)
    } catch (reason) {
      // An inlet that refused once takes no more.
      this.fail(reason)
      execution.dispose()
      throw reason
    }
    this.meter.wrote(rows.length)
    this.tell('sent', { messages: rows.length })
  }

  private async end(reason?: Error): Promise<void> {
    if (reason) {
      this.aborted = true
      this.stopped.abort(reason)
    }
    const { rows, execution } = await this.opened
    if (reason) {
      execution.dispose()
      this.finish()
      return
    }
    if (!this.over) await rows.close()
  }

  /** Nothing at the end, and once it was aborted. @throws why it failed */
  private async next(): Promise<NodeMessage | undefined> {
    await this.opened
    const read = await this.rowReader?.read().catch((reason: unknown) => ({ done: true as const, reason }))
    if (read === undefined || read.done) {
      // How the run ended says whether this is the last message, or messages are missing.
      await this.told
      if (read && 'reason' in read) this.fail(read.reason)
      if (this.failure) throw this.failure
      this.finish()
      return undefined
    }
    const one = delivered(read.value, performance.now())
    this.meter.read(one.latencyMs)
    this.tell('received', one.message, one.latencyMs)
    return one.message
  }

  private async pump(): Promise<void> {
    for (;;) {
      if (this.listeners.size === 0 || this.stopped.signal.aborted) break
      const message = this.kept ?? (await this.next().catch(() => undefined))
      if (!message) break
      // The last subscriber left while it was on its way: it is for the next one.
      this.kept = this.listeners.size === 0 ? message : undefined
      if (this.kept) break
      await Promise.all([...this.listeners].map((listener) => this.hand(listener, message)))
    }
    this.pumping = undefined
  }

  private async hand(listener: MessageListener, message: NodeMessage): Promise<void> {
    const { signal } = this.stopped
    const once = async (): Promise<void> => {
      signal.throwIfAborted()
      try {
        await listener(message)
      } catch (reason) {
        this.tell('retry', { messageId: message.id, error: messageOf(reason) })
        throw reason
      }
    }
    const recovery = this.parts.recovery()
    try {
      await (recovery ? recovery.run(this.id, this.config, once, signal) : once())
    } catch (reason) {
      // What was under way is gone.
      if (signal.aborted) return
      this.meter.failed()
      this.tell('failed', { message, error: messageOf(reason) })
    }
  }

  private said(event: RunEvent): void {
    const pressure = PRESSURE[event.kind]
    if (pressure !== undefined) {
      if (pressure !== 'pressure-over') this.meter.pressed()
      const { handler } = this.parts
      if (handler?.onPressure) {
        this.failures.guard(handler, () =>
          handler.onPressure?.({ connectionId: this.id, kind: pressure, message: event.message })
        )
      }
      this.tell(pressure, { message: event.message })
    } else if (event.kind === 'alert.raised' || event.kind === 'alert.cleared') {
      this.tell(event.kind, { ...event })
    }
  }

  private tell(type: StreamEvent['type'], data: unknown, latencyMs?: number): void {
    const event: StreamEvent = { type, connectionId: this.id, timestamp: Date.now(), data }
    if (latencyMs !== undefined) event.latencyMs = latencyMs
    this.parts.emit(event)
  }
}

const PRESSURE: Record<string, 'pressure' | 'pressure-over' | 'dropping' | undefined> = {
  'edge.pressure': 'pressure',
  'edge.pressure_over': 'pressure-over',
  'edge.shedding': 'dropping'
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
