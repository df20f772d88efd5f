// WorkerRun: a run in a worker, as the page sees it. Streams are wrapped around the port here.
import type { RunCounters } from '../../placement/add-figures.ts'
import type { Batch } from '../../batch.ts'
import { outletKey, type Execution, type PortName, type RunFiles, type Watcher } from '../../engine.ts'
import { asWeirError, EngineFault, WeirError } from '../../errors.ts'
import type { Control, Frame } from '../../live/frames.ts'
import { stoppedFor } from '../../run/stopped-for.ts'
import type { RunResult } from '../../wasm/engine-module.ts'
import type { CheckpointNews, Keeping } from '../kept/kept-run.ts'
import { errorOf, fromRun, type CarriedError, type FromRun, type ToRun } from '../protocol.ts'

/** One reader of an outlet: what has come, and what it counts. */
interface Channel {
  accept: (items: unknown[], bytes: number) => void
  end: (error?: WeirError) => void
}

interface Waiting {
  item: unknown
  bytes: number
}

export interface WorkerRunOptions {
  port: MessagePort
  outlets: readonly PortName[]
  /** Bytes of an outlet that may be on their way or wait in the page. */
  windowBytes: number
  fault: Promise<WeirError>
  /** The run is over and read: the worker is free, or spoilt. */
  onFree: (fault?: EngineFault) => void
}

/** A function of its own: what it leaves with the worker's promise shares no scope with the run. */
function failAt(fault: Promise<WeirError>, heldBy: { fail: ((error: WeirError) => void) | undefined }): void {
  void fault.then((error) => heldBy.fail?.(error))
}

export class WorkerRun implements Execution {
  id = ''
  /** Whether it can go on after this page is gone. */
  keeping: Keeping = { isKept: false, reasons: [] }
  /** The newest one that was tried. */
  checkpoint: CheckpointNews | undefined
  readonly result: Promise<RunResult>
  /** The worker has it. */
  readonly opened: Promise<void>
  private tellOpened!: () => void
  private readonly outlets = new Set<string>()
  private readonly channels = new Map<number, Channel>()
  private readonly calls = new Map<number, { done: (data: unknown) => void; failed: (error: WeirError) => void }>()
  private readonly watchers = new Map<number, (message: Control) => void>()
  private readonly framed = new Map<number, ((frame: Frame) => void)[]>()
  /** Buffers that were read, on their way back to the worker's pool. */
  private readonly spent: ArrayBuffer[] = []
  private readonly checkpointListeners: ((news: CheckpointNews) => void)[] = []
  /** What waits for the end of the worker: the worker outlives the run and must not hold it. */
  private readonly heldBy: { fail: ((error: WeirError) => void) | undefined } = {
    fail: (error) => {
      this.fail(error)
    }
  }
  lastFigures: RunCounters | undefined
  private letters: unknown[] = []
  private used: RunFiles | undefined
  private last = 0
  private over = false
  private free = false
  /** From here. */
  private cancelled = false
  /** Why the run was stopped from here. */
  private stopped: WeirError | undefined
  private settle!: { done: (result: RunResult) => void; failed: (error: WeirError) => void }

  constructor(private readonly options: WorkerRunOptions) {
    for (const port of options.outlets) this.outlets.add(outletKey(port))
    this.opened = new Promise((resolve) => {
      this.tellOpened = resolve
    })
    this.result = new Promise((done, failed) => {
      this.settle = { done, failed }
    })
    this.result.catch(() => undefined)
    options.port.onmessage = (event: MessageEvent) => {
      try {
        this.hear(fromRun(event.data))
      } catch (reason) {
        this.fail(reason as WeirError)
      }
    }
    failAt(options.fault, this.heldBy)
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    return this.read<Batch>(node, port, 'batches')
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.read<unknown>(node, port, 'rows')
  }

  inlet(node: string, mostBytes?: number): WritableStream<unknown[]> {
    return new WritableStream<unknown[]>({
      write: async (rows) => {
        try {
          await this.call({ type: 'write', inlet: node, rows, ...(mostBytes !== undefined && { mostBytes }) })
        } catch (reason) {
          throw this.refused(asWeirError(reason))
        }
      },
      close: async () => {
        if (!this.over) await this.call({ type: 'end', inlet: node })
      },
      abort: () => {
        this.cancel()
      }
    })
  }

  watch(): Watcher {
    const watcher = ++this.last
    const listeners: ((message: Control) => void)[] = []
    this.watchers.set(watcher, (message) => {
      for (const listener of listeners) listener(message)
    })
    this.say({ type: 'watch', watcher })
    return {
      ask: (what, data = {}, subscription) =>
        this.call({ type: 'ask', watcher, what, data, ...(subscription !== undefined && { subscription }) }),
      onMessage: (listener) => {
        listeners.push(listener)
      },
      onFrame: (listener) => {
        this.framed.set(watcher, [...(this.framed.get(watcher) ?? []), listener])
      },
      close: () => {
        this.framed.delete(watcher)
        if (this.watchers.delete(watcher)) this.say({ type: 'unwatch', watcher })
      }
    }
  }

  /** Called for each checkpoint that was stored, or could not be. */
  onCheckpoint(listener: (news: CheckpointNews) => void): void {
    this.checkpointListeners.push(listener)
  }

  drain(): void {
    this.say({ type: 'drain' })
  }

  cancel(): void {
    this.cancelled = true
    this.say({ type: 'cancel' })
  }

  /** It ends, not because its reader wants it: who reads is told why. */
  stop(reason: WeirError): void {
    if (this.over || this.cancelled) return
    this.stopped ??= reason
    this.say({ type: 'cancel' })
  }

  files(): RunFiles | undefined {
    return this.used
  }

  deadLetters(): Promise<unknown[]> {
    return this.result.then(() => this.letters)
  }

  dispose(): void {
    this.cancel()
    this.outlets.clear()
    for (const channel of [...this.channels.values()]) channel.end()
    if (this.over) this.release()
    else
      void this.result
        .catch(() => undefined)
        .then(() => {
          this.release()
        })
  }

  /** Another tab watches it through this port. */
  admit(port: MessagePort): void {
    if (this.free) port.close()
    else this.say({ type: 'guest', port }, [port])
  }

  /** Nothing more is wanted of it; a run that another tab owns goes on. */
  leave(): void {
    this.fail(new WeirError('run.ended', 'this page watches the run no more'))
  }

  /** A batch that was read and is not needed any more: its buffer goes back with the next credit. */
  giveBack(batch: Batch): void {
    if (batch.buffer.byteLength > 0 && this.spent.length < 64) this.spent.push(batch.buffer)
  }

  /** An inlet that refused rows can never be ended: the run is, unless it is another's. */
  private refused(error: WeirError): WeirError {
    if (error.code !== 'run.busy' && error.code !== 'run.ended') this.stop(error)
    return error
  }

  /** What a reader is told at the end: nothing of what was cancelled from here. */
  private endError(carried: CarriedError | undefined): WeirError | undefined {
    if (carried?.code !== 'run.cancelled') return carried && errorOf(carried)
    return this.stopped ?? (this.cancelled ? undefined : errorOf(carried))
  }

  private read<T>(node: string, port: string, as: 'batches' | 'rows'): ReadableStream<T> {
    if (!this.outlets.delete(outletKey({ node, port }))) {
      throw new WeirError('run.no_outlet', `port '${port}' of '${node}' is not among the outlets of this run`)
    }
    const channel = ++this.last
    const waiting: Waiting[] = []
    let wanted: (() => void) | undefined
    let ended: { error?: WeirError } | undefined
    let owed = 0
    const leave = (): void => {
      this.channels.delete(channel)
      this.freeWhenRead()
    }
    const serve = (controller: ReadableStreamDefaultController<T>): void => {
      const next = waiting.shift()
      if (next) {
        owed += next.bytes
        controller.enqueue(next.item as T)
      } else if (ended?.error) controller.error(ended.error)
      else if (ended) controller.close()
      else return
      wanted?.()
      wanted = undefined
      if (ended && waiting.length === 0) leave()
    }
    return new ReadableStream<T>(
      {
        start: (controller) => {
          this.channels.set(channel, {
            accept: (items, bytes) => {
              for (const item of items) waiting.push({ item, bytes: bytes / items.length })
              if (wanted) serve(controller)
            },
            end: (error) => {
              ended = error ? { error } : {}
              if (wanted) serve(controller)
            }
          })
          this.say({ type: 'read', channel, node, port, as, credit: this.options.windowBytes })
        },
        pull: (controller) => {
          // What was read before is through with: the run may give as much again. It is told so before it has to wait.
          if (owed > this.options.windowBytes / 4 || (owed > 0 && waiting.length === 0)) {
            this.credit(channel, owed)
            owed = 0
          }
          return new Promise<void>((resolve) => {
            wanted = resolve
            serve(controller)
          })
        },
        cancel: () => {
          this.say({ type: 'leave', channel })
          leave()
        }
      },
      { highWaterMark: 0 }
    )
  }

  private credit(channel: number, bytes: number): void {
    const buffers = this.spent.splice(0).filter((one) => one.byteLength > 0)
    this.say({ type: 'credit', channel, bytes, buffers }, buffers)
  }

  private hear(message: FromRun): void {
    switch (message.type) {
      case 'opened':
        this.id = message.id
        this.tellOpened()
        return
      case 'batch':
        this.channels.get(message.channel)?.accept([message.batch], message.batch.bytes)
        return
      case 'rows':
        this.channels.get(message.channel)?.accept(message.rows, message.bytes)
        return
      case 'ended':
        this.channels.get(message.channel)?.end(this.endError(message.error))
        return
      case 'done':
        this.answered(message.call, message.data, message.error)
        return
      case 'said':
        this.watchers.get(message.watcher)?.(message.message)
        return
      case 'checkpoint':
        this.checkpoint = message.news
        for (const listener of this.checkpointListeners) listener(message.news)
        return
      case 'framed':
        for (const listener of this.framed.get(message.watcher) ?? []) listener(message.frame)
        return
      case 'result':
        this.letters = message.letters
        this.lastFigures = message.figures
        this.used = message.files
        this.over = true
        this.settle.done(this.stopped ? stoppedFor(message.result, this.stopped) : message.result)
        this.freeWhenRead()
        return
      case 'failed':
        this.fail(errorOf(message.error))
    }
  }

  private answered(call: number, data: unknown, error?: CarriedError): void {
    const asked = this.calls.get(call)
    this.calls.delete(call)
    if (error) asked?.failed(errorOf(error))
    else asked?.done(data)
  }

  /** The run is lost: whoever waits for something of it is told. */
  private fail(error: WeirError): void {
    if (this.free) return
    this.over = true
    this.settle.failed(error)
    for (const channel of [...this.channels.values()]) channel.end(error)
    this.channels.clear()
    this.outlets.clear()
    this.release(error)
  }

  private freeWhenRead(): void {
    if (this.over && this.channels.size === 0 && this.outlets.size === 0) this.release()
  }

  private release(error?: WeirError): void {
    if (this.free) return
    this.say({ type: 'dispose' })
    this.free = true
    const ended = new WeirError('run.ended', 'the run has ended')
    for (const { failed } of this.calls.values()) failed(ended)
    this.calls.clear()
    this.options.port.close()
    this.heldBy.fail = undefined
    this.options.onFree(error instanceof EngineFault ? error : undefined)
  }

  private call(
    message: ToRun & { call: number } extends infer One
      ? One extends { call: number }
        ? Omit<One, 'call'>
        : never
      : never
  ): Promise<unknown> {
    if (this.free) return Promise.reject(new WeirError('run.ended', 'the run has ended'))
    const call = ++this.last
    return new Promise((done, failed) => {
      this.calls.set(call, { done, failed })
      this.say({ ...message, call } as ToRun)
    })
  }

  private say(message: ToRun, transfer: Transferable[] = []): void {
    if (!this.free) this.options.port.postMessage(message, transfer)
  }
}
