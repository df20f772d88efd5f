// StreamBuffer: the newest messages of a stream, told of at steady intervals; for people who want rows as objects.
import { cell, type Batch } from '@weir/engine-client'
import { errorOf, tell } from '../frame/told.ts'

export interface StreamDataOptions {
  /** The most messages that are kept: 1,000 unless told. */
  bufferSize?: number
  /** Milliseconds between updates: 16 unless told, about 60 a second. */
  updateInterval?: number
  /**
   * true, as unless told: at most `bufferSize` messages an update, each of them is in `data` once, and the stream waits
   * meanwhile. false: all is read as it comes, and what does not fit is dropped, the oldest first, and counted.
   */
  enableBackpressure?: boolean
}

export interface StreamMetrics {
  /** Messages that have been in `data` or were dropped. */
  messageCount: number
  /**
   * Milliseconds until a message is in `data`, on average over the last 1,000: since its own `timestamp` if it has one,
   * else since it came to the page.
   */
  averageLatency: number
  /** Messages that were never in `data`; none with backpressure. */
  droppedCount: number
}

export interface StreamSnapshot<T> {
  /** Oldest first. A batch counts as its rows, as objects. */
  data: readonly T[]
  /** The stream is open: it has neither ended nor failed. */
  isConnected: boolean
  metrics: StreamMetrics
  /** Why the stream broke. */
  error?: unknown
}

interface Waiting {
  chunk: unknown
  /** Messages of it that were taken or dropped. */
  used: number
  count: number
  arrived: number
}

const LATENCIES = 1000
const MOST_SIZE = 1_000_000
/** The longest that timers can wait. */
const MOST_INTERVAL_MS = 2 ** 31 - 1

/** A whole number within its bounds; what is none is taken as if it had not been given. */
function bounded(value: number | undefined, otherwise: number, least: number, most: number): number {
  if (value === undefined || Number.isNaN(value)) return otherwise
  return Math.max(least, Math.min(most, Math.floor(value)))
}

export class StreamBuffer<T = unknown> {
  private readonly size: number
  private readonly interval: number
  private readonly backpressure: boolean
  private readonly reader: ReadableStreamDefaultReader<unknown>
  private waiting: Waiting[] = []
  private waitingCount = 0
  private goOn: (() => void) | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private data: readonly T[] = []
  private messages = 0
  private dropped = 0
  private readonly latencies = new Float64Array(LATENCIES)
  private latencyCount = 0
  private open = true
  private closed = false
  private error: unknown

  constructor(
    stream: ReadableStream<unknown>,
    options: StreamDataOptions,
    private readonly onUpdate: (snapshot: StreamSnapshot<T>) => void
  ) {
    this.size = bounded(options.bufferSize, 1000, 1, MOST_SIZE)
    this.interval = bounded(options.updateInterval, 16, 0, MOST_INTERVAL_MS)
    this.backpressure = options.enableBackpressure ?? true
    this.reader = stream.getReader()
    void this.read()
  }

  get snapshot(): StreamSnapshot<T> {
    return {
      data: this.data,
      isConnected: this.open,
      metrics: { messageCount: this.messages, averageLatency: this.averageLatency(), droppedCount: this.dropped },
      ...(this.error !== undefined && { error: this.error })
    }
  }

  /** Stops reading; no update comes after it. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.open = false
    clearTimeout(this.timer)
    this.goOn?.()
    this.reader.cancel().catch(() => undefined)
  }

  private async read(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.reader.read()
        if (done || this.closed) break
        this.add(value)
        if (this.backpressure && this.waitingCount >= this.size)
          await new Promise<void>((resolve) => (this.goOn = resolve))
      }
    } catch (reason) {
      this.break(reason)
    }
    this.open = false
    this.schedule()
  }

  private add(chunk: unknown): void {
    const count = isBatch(chunk) ? chunk.rows : 1
    if (count === 0) return
    this.waiting.push({ chunk, used: 0, count, arrived: performance.now() })
    this.waitingCount += count
    if (!this.backpressure) this.drop(this.waitingCount - this.size)
    this.schedule()
  }

  private drop(count: number): void {
    for (let left = count; left > 0;) {
      const first = this.waiting[0]
      if (!first) return
      const part = Math.min(left, first.count - first.used)
      first.used += part
      left -= part
      this.waitingCount -= part
      this.dropped += part
      this.messages += part
      if (first.used === first.count) this.waiting.shift()
    }
  }

  private schedule(): void {
    if (this.closed || this.timer !== undefined) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.update()
    }, this.interval)
  }

  /** Nobody reads on, so that nobody is held up. */
  private break(reason: unknown): void {
    this.error = errorOf(reason, 'the stream broke')
    this.open = false
    this.reader.cancel().catch(() => undefined)
  }

  /** Messages that cannot be read end the stream, in words; an `onUpdate` that throws ends it too, and is told. */
  private update(): void {
    try {
      this.publish()
    } catch (reason) {
      this.waiting = []
      this.waitingCount = 0
      this.break(reason)
      this.goOn?.()
    }
    try {
      this.onUpdate(this.snapshot)
    } catch (reason) {
      this.close()
      tell(reason)
    }
  }

  private publish(): void {
    const fresh: T[] = []
    while (fresh.length < this.size) {
      const first = this.waiting[0]
      if (!first) break
      const to = Math.min(first.count, first.used + this.size - fresh.length)
      for (let i = first.used; i < to; i++) fresh.push(messageOf(first.chunk, i) as T)
      this.noteLatency(first, to - first.used)
      this.waitingCount -= to - first.used
      first.used = to
      if (to === first.count) this.waiting.shift()
    }
    this.messages += fresh.length
    if (fresh.length > 0)
      this.data = [...this.data.slice(Math.max(0, this.data.length + fresh.length - this.size)), ...fresh]
    if (this.waitingCount < this.size) {
      this.goOn?.()
      this.goOn = undefined
    }
    if (this.waitingCount > 0) this.schedule()
  }

  private noteLatency(from: Waiting, count: number): void {
    const sent = timestampOf(from.chunk)
    const latency = sent === undefined ? performance.now() - from.arrived : Math.max(0, Date.now() - sent)
    for (let i = 0; i < Math.min(count, LATENCIES); i++) {
      this.latencies[this.latencyCount % LATENCIES] = latency
      this.latencyCount++
    }
  }

  private averageLatency(): number {
    const known = Math.min(this.latencyCount, LATENCIES)
    let sum = 0
    for (let i = 0; i < known; i++) sum += this.latencies[i] ?? 0
    return known === 0 ? 0 : sum / known
  }
}

function isBatch(chunk: unknown): chunk is Batch {
  if (typeof chunk !== 'object' || chunk === null) return false
  const { rows, columns } = chunk as Partial<Batch>
  return typeof rows === 'number' && Array.isArray(columns)
}

function messageOf(chunk: unknown, row: number): unknown {
  if (!isBatch(chunk)) return chunk
  return Object.fromEntries(chunk.columns.map((column) => [column.name, cell(column, row)]))
}

function timestampOf(chunk: unknown): number | undefined {
  if (isBatch(chunk) || typeof chunk !== 'object' || chunk === null) return undefined
  const { timestamp } = chunk as { timestamp?: unknown }
  return typeof timestamp === 'number' ? timestamp : undefined
}
