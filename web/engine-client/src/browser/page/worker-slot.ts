// WorkerSlot: one worker, as the page sees it: questions with answers, and its end.
import { EngineFault, WeirError } from '../../errors.ts'
import { errorOf, fromWorker, type FromWorker, type ToWorker } from '../protocol.ts'
import type { LogLevel } from '../../wasm/engine-module.ts'

type Log = (level: LogLevel, node: string, message: string) => void
/** A question without its number. */
export type Question = ToWorker extends infer One ? (One extends { call: number } ? Omit<One, 'call'> : never) : never

export class WorkerSlot {
  /** Rejects if the engine does not start. */
  readonly ready: Promise<void>
  /** Resolves with why the worker cannot be used any more. */
  readonly ended: Promise<EngineFault>
  private readonly asked = new Map<number, { done: (value: unknown) => void; failed: (error: WeirError) => void }>()
  private last = 0
  private fault: EngineFault | undefined
  private tellReady!: () => void
  private tellEnd!: (fault: EngineFault) => void

  constructor(
    private readonly worker: Worker,
    start: { module: WebAssembly.Module; zones?: string },
    private readonly log: Log
  ) {
    const started = new Promise<void>((resolve) => {
      this.tellReady = resolve
    })
    this.ended = new Promise((resolve) => {
      this.tellEnd = resolve
    })
    this.ready = Promise.race([
      started,
      this.ended.then((fault) => {
        throw fault
      })
    ])
    this.ready.catch(() => undefined)
    worker.onmessage = (event: MessageEvent) => {
      this.hear(event.data)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      this.end(`the worker failed: ${event.message || 'its script did not load'}`)
    }
    worker.onmessageerror = () => {
      this.end('the worker sent what cannot be read')
    }
    worker.postMessage({ type: 'start', ...start } satisfies ToWorker)
  }

  ask(question: Question, transfer: Transferable[] = []): Promise<unknown> {
    if (this.fault) return Promise.reject(this.fault)
    const call = ++this.last
    return new Promise((done, failed) => {
      this.asked.set(call, { done, failed })
      try {
        this.worker.postMessage({ ...question, call }, transfer)
      } catch (reason) {
        this.asked.delete(call)
        failed(new WeirError('protocol.invalid', `this cannot be sent to a worker: ${String(reason)}`))
      }
    })
  }

  /** The worker ends at once; what it was asked fails. */
  end(why: string): void {
    if (this.fault) return
    this.fault = new EngineFault(why)
    this.worker.terminate()
    for (const { failed } of this.asked.values()) failed(this.fault)
    this.asked.clear()
    this.tellEnd(this.fault)
  }

  private hear(data: unknown): void {
    let message: FromWorker
    try {
      message = fromWorker(data)
    } catch (reason) {
      this.end(reason instanceof Error ? reason.message : String(reason))
      return
    }
    switch (message.type) {
      case 'ready':
        this.tellReady()
        return
      case 'answer':
        this.asked.get(message.call)?.done(message.value)
        this.asked.delete(message.call)
        return
      case 'refused':
        this.asked.get(message.call)?.failed(errorOf(message.error))
        this.asked.delete(message.call)
        return
      case 'log':
        this.log(message.level, message.node, message.message)
        return
      case 'fault':
        this.end(message.message)
    }
  }
}
