// ServerExecution: a run on a server, as its client sees it: rows from its events, within the pace of who reads them.
import type { Batch } from '../batch.ts'
import { outletKey, type Execution, type PortName, type StreamMessage, type Watcher } from '../engine.ts'
import { asWeirError, WeirError } from '../errors.ts'
import { batchOfRows } from '../rows-to-batch.ts'
import { stoppedFor } from '../run/stopped-for.ts'
import type { RunResult } from '../wasm/engine-module.ts'
import { executionEvents, type EventsOptions } from './execution-events.ts'
import { ServerInlet } from './server-inlet.ts'

export interface ServerExecutionOptions extends Omit<EventsOptions, 'signal'> {
  outlets: readonly PortName[]
  /** Bytes of events that wait for their readers before no more are taken from the server. */
  windowBytes: number
  features: readonly string[]
  abort: AbortController
  openWatcher: (run: string) => Watcher
}

interface Waiting {
  rows: unknown[]
  bytes: number
}

/** What came for one outlet, and who waits for it. */
class OutletQueue {
  readonly waiting: Waiting[] = []
  ended = false
  failed: WeirError | undefined
  wake: () => void = () => undefined

  end(error?: WeirError): void {
    this.ended = true
    this.failed = error
    this.wake()
  }
}

export class ServerExecution implements Execution {
  readonly id: string
  /** Rejects with `server.gone` when the server can no longer be asked. */
  readonly result: Promise<RunResult>
  private readonly queues = new Map<string, OutletQueue>()
  private readonly taken = new Set<string>()
  private readonly watchers = new Set<Watcher>()
  private waitingBytes = 0
  private room: () => void = () => undefined
  private letters: unknown[] = []
  private error: RunResult['error']
  private left = false
  private stopped: WeirError | undefined
  private over = false

  constructor(private readonly options: ServerExecutionOptions) {
    this.id = options.id
    for (const port of options.outlets) this.queues.set(outletKey(port), new OutletQueue())
    this.result = this.follow().finally(() => {
      this.over = true
      for (const watcher of this.watchers) watcher.close()
    })
    this.result.catch(() => undefined)
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    const queue = this.take(node, port)
    return this.stream<Batch>(queue, ({ rows }) => (rows.length === 0 ? [] : [batchOfRows(rows)]))
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.stream<unknown>(this.take(node, port), ({ rows }) => rows)
  }

  /** @throws WeirError `server.cannot` if the server takes no rows. */
  inlet(node: string): WritableStream<unknown[]> {
    if (!this.options.features.includes('inlets')) {
      throw new WeirError('server.cannot', `this server takes no rows for '${node}': it does not offer inlets`)
    }
    const { http, id, abort } = this.options
    const inlet = new ServerInlet(http, id, node, abort.signal)
    return new WritableStream<unknown[]>({
      write: async (rows) => {
        if (this.isOver()) throw new WeirError('run.ended', 'the run has ended')
        await inlet.write(rows).catch((reason: unknown) => this.refused(asWeirError(reason)))
      },
      close: async () => {
        if (!this.over) await inlet.end().catch((reason: unknown) => this.refused(asWeirError(reason)))
      },
      abort: () => {
        this.cancel()
      }
    })
  }

  watch(): Watcher {
    if (!this.options.features.includes('live')) return deaf('this server does not offer the live protocol')
    const watcher = this.options.openWatcher(this.id)
    this.watchers.add(watcher)
    return watcher
  }

  /** Of a server that does not offer it, it is a cancel. */
  drain(): void {
    if (!this.options.features.includes('drain')) this.cancel()
    else this.tell('POST', `${this.path}/drain`)
  }

  cancel(): void {
    if (this.over) return
    this.tell('DELETE', this.path)
    this.leaveRows()
  }

  async deadLetters(): Promise<unknown[]> {
    await this.result
    return this.letters
  }

  giveBack(): void {
    // Its columns were made for this batch.
  }

  /** It ends, not because its reader wants it: who reads is told why. */
  stop(reason: WeirError): void {
    if (this.over || this.left) return
    this.stopped ??= reason
    this.tell('DELETE', this.path)
    for (const queue of this.queues.values()) queue.end(this.stopped)
    this.options.abort.abort()
    this.room()
  }

  dispose(): void {
    if (!this.over) this.tell('DELETE', this.path)
    this.leaveRows()
    this.options.abort.abort()
  }

  private get path(): string {
    return `executions/${encodeURIComponent(this.id)}`
  }

  private isOver(): boolean {
    return this.over
  }

  private isStopped(): boolean {
    return this.stopped !== undefined
  }

  private tell(method: 'POST' | 'DELETE', path: string): void {
    this.options.http.ask(path, { method, repeatable: true }).catch(() => undefined)
  }

  private take(node: string, port: string): OutletQueue {
    const key = outletKey({ node, port })
    const queue = this.queues.get(key)
    if (!queue || this.taken.has(key)) {
      throw new WeirError('run.no_outlet', `port '${port}' of '${node}' is not among the outlets of this run`)
    }
    this.taken.add(key)
    return queue
  }

  private stream<T>(queue: OutletQueue, chunksOf: (waiting: Waiting) => readonly T[]): ReadableStream<T> {
    let held: readonly T[] = []
    let at = 0
    return new ReadableStream<T>(
      {
        pull: async (controller) => {
          while (at >= held.length) {
            const next = queue.waiting.shift()
            if (next) {
              this.free(next.bytes)
              held = chunksOf(next)
              at = 0
            } else if (queue.failed) throw queue.failed
            else if (queue.ended) {
              controller.close()
              return
            } else await new Promise<void>((resolve) => (queue.wake = resolve))
          }
          controller.enqueue(held[at] as T)
          at += 1
        },
        cancel: () => {
          this.drop(queue)
        }
      },
      { highWaterMark: 0 }
    )
  }

  private free(bytes: number): void {
    this.waitingBytes -= bytes
    this.room()
  }

  /** Nobody reads it any more: it does not hold the others up. */
  private drop(queue: OutletQueue): void {
    for (const { bytes } of queue.waiting.splice(0)) this.free(bytes)
    for (const [key, one] of this.queues) if (one === queue) this.queues.delete(key)
  }

  /** An inlet that refused rows can neither be written nor ended any more: a run that waited for it would never end. */
  private refused(error: WeirError): never {
    if (error.code !== 'run.ended') this.stop(error)
    throw error
  }

  private leaveRows(): void {
    this.left = true
    for (const queue of [...this.queues.values()]) {
      this.drop(queue)
      queue.end()
    }
    this.room()
  }

  private async follow(): Promise<RunResult> {
    const { abort } = this.options
    try {
      let last: StreamMessage | undefined
      for await (const { message, bytes } of executionEvents({ ...this.options, signal: abort.signal }, isLast)) {
        last = message
        this.hear(message, bytes)
        while (this.waitingBytes > this.options.windowBytes && !this.left && !this.isStopped()) {
          await new Promise<void>((resolve) => (this.room = resolve))
        }
      }
      const result = this.resultOf(last)
      const isOthers = result.outcome === 'cancelled' && !this.left
      const why = isOthers ? new WeirError('run.cancelled', 'the run was cancelled at the server') : undefined
      for (const queue of this.queues.values()) queue.end(why)
      return result
    } catch (reason) {
      const error = this.stopped ?? asWeirError(reason)
      if (this.stopped && !error.recoverable) return stoppedFor(cancelled(), error)
      if (this.left && error.code === 'run.cancelled') return cancelled()
      for (const queue of this.queues.values()) queue.end(error)
      throw error
    }
  }

  private hear(message: StreamMessage, bytes: number): void {
    if (message.type === 'error') this.error = message.data as NonNullable<RunResult['error']>
    if (message.type !== 'node-output') return
    const { node = '', port = '' } = (message.metadata ?? {}) as { node?: string; port?: string }
    const queue = this.queues.get(outletKey({ node, port }))
    if (!queue) return
    this.waitingBytes += bytes
    queue.waiting.push({ rows: Array.isArray(message.data) ? message.data : [message.data], bytes })
    queue.wake()
  }

  private resultOf(last: StreamMessage | undefined): RunResult {
    const said = (last?.data ?? {}) as { status?: string; result?: RunResult; deadLetters?: unknown[] }
    this.letters = said.deadLetters ?? []
    if (said.result) return said.result.error || !this.error ? said.result : { ...said.result, error: this.error }
    const failed: RunResult = { ...cancelled(), outcome: 'failed', exitCode: 1 }
    return this.error ? { ...failed, error: this.error } : failed
  }
}

function cancelled(): RunResult {
  return { outcome: 'cancelled', exitCode: 130, elapsedMicros: 0, deadLetters: 0, errorsByCode: {} }
}

function isLast(message: StreamMessage): boolean {
  if (message.type !== 'execution-update') return false
  const status = (message.data as { status?: unknown } | null)?.status
  return typeof status === 'string' && status !== 'running'
}

function deaf(why: string): Watcher {
  return {
    ask: () => Promise.reject(new WeirError('server.cannot', why)),
    onMessage: () => undefined,
    close: () => undefined
  }
}
