// A flow, executed as one stream of messages: who does not read them makes the flow wait.
import {
  outletKey,
  type Engine,
  type ExecuteOptions,
  type Execution,
  type FlowSource,
  type PortName,
  type StreamMessage
} from '../engine.ts'
import { asWeirError, type WeirError } from '../errors.ts'
import { followFigures } from '../live/follow-figures.ts'
import { distinctPorts, drawn, endsOf, widgetPorts, type DrawnFlow } from './flow-ends.ts'

/** Rows of a port that are read ahead of who reads the messages: what one message has at most. */
const ROWS_A_MESSAGE = 100

/** Begins when it is first read; cancelling the stream cancels the run. */
export function messagesOf(
  engine: Engine,
  flow: FlowSource,
  options: ExecuteOptions = {}
): ReadableStream<StreamMessage> {
  let messages: MessageSource | undefined
  let cancelled = false
  return new ReadableStream<StreamMessage>(
    {
      pull: async (controller) => {
        if (!messages) {
          const made = await MessageSource.start(engine, flow, options)
          if (cancelled) made.cancel()
          messages = made
        }
        const next = await messages.next()
        if (next) controller.enqueue(next)
        else controller.close()
      },
      cancel: () => {
        cancelled = true
        messages?.cancel()
      }
    },
    { highWaterMark: 0 }
  )
}

/** Rows of one port, read ahead to one message. */
class PortMessages {
  private held: unknown[] = []
  private room: (() => void) | undefined
  ended = false
  failed: WeirError | undefined

  constructor(
    readonly port: PortName,
    readonly widgets: readonly string[],
    private readonly reader: ReadableStreamDefaultReader<unknown>,
    private readonly wake: () => void
  ) {
    void this.fill()
  }

  take(): unknown[] | undefined {
    if (this.held.length === 0) return undefined
    const rows = this.held
    this.held = []
    this.room?.()
    return rows
  }

  private async fill(): Promise<void> {
    try {
      for (let read = await this.reader.read(); !read.done; read = await this.reader.read()) {
        this.held.push(read.value)
        this.wake()
        if (this.held.length >= ROWS_A_MESSAGE) await new Promise<void>((resolve) => (this.room = resolve))
      }
    } catch (reason) {
      this.failed = asWeirError(reason)
    }
    this.ended = true
    this.wake()
  }
}

class MessageSource {
  private readonly ports: PortMessages[]
  private readonly queue: StreamMessage[] = []
  private figures: unknown
  private turn = 0
  private count = 0
  private over = false
  private wake: () => void = () => undefined

  private constructor(
    private readonly run: Execution,
    ports: readonly PortName[],
    widgets: readonly { widget: string; port: PortName }[],
    tellsFigures: boolean
  ) {
    this.add('execution-update', { status: 'running' })
    this.ports = ports.map(({ node, port }) => {
      const shown = widgets.filter((one) => outletKey(one.port) === outletKey({ node, port }))
      return new PortMessages(
        { node, port },
        shown.map((one) => one.widget),
        run.rows(node, port).getReader(),
        () => {
          this.wake()
        }
      )
    })
    if (tellsFigures) this.follow()
  }

  /** @throws FlowError */
  static async start(engine: Engine, flow: FlowSource, options: ExecuteOptions): Promise<MessageSource> {
    const { figures = true, outlets, ...request } = options
    const document: DrawnFlow = drawn(flow)
    const types = outlets && document.widgets.length === 0 ? [] : await engine.nodes()
    const widgets = widgetPorts(document, types)
    const ports = distinctPorts([...(outlets ?? endsOf(document, types)), ...widgets.map((one) => one.port)])
    const run = await engine.run(flow, { ...request, outlets: ports })
    return new MessageSource(run, ports, widgets, figures)
  }

  cancel(): void {
    this.run.dispose()
  }

  /** Nothing: the run has ended, and all of it was told. */
  async next(): Promise<StreamMessage | undefined> {
    for (;;) {
      const queued = this.queue.shift() ?? this.fromFigures() ?? this.fromPorts()
      if (queued) return queued
      if (this.over) return undefined
      if (this.ports.every((port) => port.ended)) await this.end()
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  /** Ports take turns. */
  private fromPorts(): StreamMessage | undefined {
    for (let i = 0; i < this.ports.length; i++) {
      this.turn = (this.turn + 1) % this.ports.length
      const port = this.ports[this.turn]
      const rows = port?.take()
      if (!port || !rows) continue
      const { node, port: name } = port.port
      this.add('node-output', rows, { node, port: name })
      for (const widgetId of port.widgets) this.add('widget-data', rows, { widgetId, node, port: name })
      return this.queue.shift()
    }
    return undefined
  }

  private fromFigures(): StreamMessage | undefined {
    if (this.figures === undefined) return undefined
    this.add('execution-update', { status: 'running', figures: this.figures })
    this.figures = undefined
    return this.queue.shift()
  }

  private async end(): Promise<void> {
    this.over = true
    try {
      const result = await this.run.result
      if (result.error) this.add('error', result.error)
      this.add('execution-update', { status: result.outcome, result })
    } catch (reason) {
      const { code, message, recoverable } = asWeirError(reason)
      this.add('error', { code, message, recoverable })
      this.add('execution-update', { status: 'failed' })
    }
  }

  /** Figures wait once, the newest. */
  private follow(): void {
    followFigures(this.run, (figures) => {
      this.figures = figures
      this.wake()
    })
  }

  private add(type: StreamMessage['type'], data: unknown, metadata?: Record<string, unknown>): void {
    this.count += 1
    const message: StreamMessage = { id: `${this.run.id}-${this.count}`, timestamp: Date.now(), type, data }
    if (metadata) message.metadata = metadata
    this.queue.push(message)
  }
}
