// RunPort: one run of a worker, served to the page through a port: rows within credits, inlets, watchers.
import type { Batch } from '../../batch.ts'
import type { RunFiles, Watcher } from '../../engine.ts'
import type { LocalEngine, LocalExecution, RowGroup } from '../../local-engine.ts'
import { followFigures } from '../../live/follow-figures.ts'
import type { RunCounters } from '../../placement/add-figures.ts'
import type { RunResult } from '../../wasm/engine-module.ts'
import type { CheckpointNews } from '../kept/kept-run.ts'
import { WeirError } from '../../errors.ts'
import { carry, toRun, type CarriedError, type FromRun, type ToRun } from '../protocol.ts'

/** One reader of an outlet. */
interface Channel {
  credit: number
  left: boolean
  wake: () => void
  cancel: () => void
}

/** A run that was ended for a reason that the engine does not know. */
export interface Stopped {
  error?: { code: string; message: string; recoverable: boolean }
}

/** Rows of one message. */
const MOST_ROWS = 500

/** What the engine says of saved state is meant for a command line. */
function inWordsOfAPage(result: RunResult): RunResult {
  const { error } = result
  if (!error?.code.startsWith('state.')) return result
  const message = error.message.replace(
    /[;,] start (the run )?again without --resume.*$/,
    '; discard the run, and start it anew'
  )
  return { ...result, error: { ...error, message } }
}

export class RunPort {
  private readonly channels = new Map<number, Channel>()
  private readonly writers = new Map<string, WritableStreamDefaultWriter<unknown[]>>()
  private readonly watchers = new Map<number, Watcher>()
  private readonly guests = new Set<RunPort>()
  /** Followed until the page does so itself: a short run is over before it can. */
  private figures: RunCounters | undefined
  private endFigures: () => void = () => undefined
  /** What the run has read and written, asked when it has ended. */
  filesOf: (() => RunFiles) | undefined

  constructor(
    private readonly engine: LocalEngine,
    private readonly run: LocalExecution,
    private readonly port: MessagePort,
    private readonly onDispose: () => void,
    private readonly stopped: Stopped = {},
    /** A tab that does not own the run: it watches, reads what nobody else does, and may stop it. */
    private readonly isGuest = false
  ) {
    port.onmessage = (event: MessageEvent) => {
      try {
        this.take(toRun(event.data))
      } catch (reason) {
        this.say({ type: 'failed', error: carry(reason) })
      }
    }
    if (!isGuest) {
      this.endFigures = followFigures(run, (figures) => {
        this.figures = figures
      })
    }
    this.say({ type: 'opened', id: run.id })
    void this.tellResult()
  }

  tellCheckpoint(news: CheckpointNews): void {
    this.say({ type: 'checkpoint', news })
  }

  private async tellResult(): Promise<void> {
    try {
      const ended = await this.run.result
      const { error } = this.stopped
      const result =
        error && ended.outcome === 'cancelled' ? { ...ended, outcome: 'failed' as const, error } : inWordsOfAPage(ended)
      const files = this.filesOf?.()
      const letters = await this.run.deadLetters()
      this.say({ type: 'result', result, letters, figures: this.figures, ...(files !== undefined && { files }) })
    } catch (reason) {
      this.say({ type: 'failed', error: carry(reason) })
    }
  }

  private take(message: ToRun): void {
    if (this.isGuest && (message.type === 'write' || message.type === 'end')) {
      this.answer(message.call, Promise.reject(new WeirError('run.busy', 'only the tab of a run writes into it')))
      return
    }
    switch (message.type) {
      case 'read':
        void this.read(message)
        return
      case 'credit':
        this.credit(message.channel, message.bytes, message.buffers)
        return
      case 'leave':
        this.leave(message.channel)
        return
      case 'write':
        this.answer(message.call, this.writer(message.inlet, message.mostBytes).write(message.rows))
        return
      case 'end':
        this.answer(message.call, this.writer(message.inlet).close())
        return
      case 'watch':
        this.watch(message.watcher)
        return
      case 'ask': {
        const watcher = this.watchers.get(message.watcher)
        if (message.what === 'subscribe' && message.data.kind === 'metrics') this.endFigures()
        const asked = watcher?.ask(message.what, message.data, message.subscription)
        this.answer(message.call, asked ?? Promise.reject(new Error('there is no such watcher')))
        return
      }
      case 'unwatch':
        this.watchers.get(message.watcher)?.close()
        this.watchers.delete(message.watcher)
        return
      case 'guest':
        this.admit(message.port)
        return
      case 'drain':
        this.run.drain()
        return
      case 'cancel':
        // Of those who read, the one that cancelled it knows so; the others are told.
        this.run.stop(new WeirError('run.cancelled', 'the run was cancelled from elsewhere'))
        return
      case 'dispose':
        this.dispose()
    }
  }

  /** Hands rows on while there is credit; the engine's own credit follows what was handed on. */
  private async read({ channel: number, node, port, as, credit }: ToRun & { type: 'read' }): Promise<void> {
    const channel: Channel = { credit, left: false, wake: () => undefined, cancel: () => undefined }
    this.channels.set(number, channel)
    let error: CarriedError | undefined
    try {
      if (as === 'batches') await this.pump(channel, this.run.outlet(node, port).getReader(), number)
      else await this.pumpRows(channel, this.run.rowGroups(node, port).getReader(), number)
    } catch (reason) {
      error = carry(reason)
    }
    this.channels.delete(number)
    this.say({ type: 'ended', channel: number, ...(error && { error }) })
  }

  private async pump(channel: Channel, reader: ReadableStreamDefaultReader<Batch>, number: number): Promise<void> {
    channel.cancel = () => void reader.cancel().catch(() => undefined)
    while (await this.hasCredit(channel)) {
      const { done, value: batch } = await reader.read()
      if (done) return
      channel.credit -= batch.bytes
      this.port.postMessage({ type: 'batch', channel: number, batch } satisfies FromRun, [batch.buffer])
    }
  }

  /** Rows that came together go together, so many that the page's thread takes them within a frame. */
  private async pumpRows(
    channel: Channel,
    reader: ReadableStreamDefaultReader<RowGroup>,
    number: number
  ): Promise<void> {
    channel.cancel = () => void reader.cancel().catch(() => undefined)
    while (await this.hasCredit(channel)) {
      const { done, value } = await reader.read()
      if (done) return
      const each = value.bytes / value.rows.length
      for (let at = 0; at < value.rows.length && (await this.hasCredit(channel)); at += MOST_ROWS) {
        const rows = value.rows.slice(at, at + MOST_ROWS)
        channel.credit -= each * rows.length
        this.say({ type: 'rows', channel: number, rows, bytes: each * rows.length })
      }
    }
  }

  /** False once the reader has left. */
  private async hasCredit(channel: Channel): Promise<boolean> {
    while (channel.credit <= 0 && !channel.left) {
      await new Promise<void>((resolve) => {
        channel.wake = resolve
      })
    }
    return !channel.left
  }

  private credit(number: number, bytes: number, buffers: ArrayBuffer[]): void {
    for (const buffer of buffers) this.engine.giveBackBuffer(buffer)
    const channel = this.channels.get(number)
    if (!channel) return
    channel.credit += bytes
    channel.wake()
  }

  private leave(number: number): void {
    const channel = this.channels.get(number)
    if (!channel) return
    channel.left = true
    channel.cancel()
    channel.wake()
  }

  private watch(number: number): void {
    const watcher = this.run.watch()
    watcher.onMessage((message) => {
      this.say({ type: 'said', watcher: number, message })
    })
    watcher.onFrame?.((frame) => {
      // A copy of its own: the bytes it lies in hold other frames too.
      const payload = frame.payload.slice()
      this.port.postMessage({ type: 'framed', watcher: number, frame: { ...frame, payload } } satisfies FromRun, [
        payload.buffer
      ])
    })
    this.watchers.set(number, watcher)
  }

  private writer(inlet: string, mostBytes?: number): WritableStreamDefaultWriter<unknown[]> {
    const found = this.writers.get(inlet)
    if (found) return found
    const made = this.run.inlet(inlet, mostBytes).getWriter()
    made.closed.catch(() => undefined)
    this.writers.set(inlet, made)
    return made
  }

  private answer(call: number, work: Promise<unknown>): void {
    work.then(
      (data) => {
        this.say({ type: 'done', call, data })
      },
      (reason: unknown) => {
        this.say({ type: 'done', call, error: carry(reason) })
      }
    )
  }

  private admit(port: MessagePort): void {
    const guest: RunPort = new RunPort(
      this.engine,
      this.run,
      port,
      () => {
        this.guests.delete(guest)
      },
      this.stopped,
      true
    )
    this.guests.add(guest)
  }

  private dispose(): void {
    this.endFigures()
    for (const channel of this.channels.keys()) this.leave(channel)
    for (const watcher of this.watchers.values()) watcher.close()
    for (const guest of this.guests) guest.dispose()
    if (!this.isGuest) this.run.dispose()
    this.port.close()
    this.onDispose()
  }

  private say(message: FromRun): void {
    this.port.postMessage(message)
  }
}
