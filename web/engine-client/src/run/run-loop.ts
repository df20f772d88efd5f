// RunLoop: works a run in slices, so that messages and frames get their turn, and sleeps while it can do nothing.
import { asWeirError, type WeirError } from '../errors.ts'
import { ModuleRun, type EngineModule, type RunResult } from '../wasm/engine-module.ts'

export interface LoopOptions {
  /** Longest slice. */
  sliceMs?: number
  /** After each slice: rows may wait at outlets, frames at watchers. */
  onSlice?: () => void
}

const SLICE_MS = 8

/** Calls back in the next turn of the event loop, without the 4 ms that timers are held to. */
function nextTurn(): (call: () => void) => void {
  const channel = new MessageChannel()
  let queued: (() => void)[] = []
  channel.port1.onmessage = () => {
    const now = queued
    queued = []
    for (const call of now) call()
  }
  const unref = (port: unknown): void => {
    ;(port as { unref?: () => void }).unref?.()
  }
  unref(channel.port1)
  return (call) => {
    if (queued.length === 0) channel.port2.postMessage(null)
    queued.push(call)
  }
}

const soon = typeof setImmediate === 'function' ? (call: () => void) => void setImmediate(call) : nextTurn()

export class RunLoop {
  /** Rejects with EngineFault if the engine itself failed. */
  readonly ended: Promise<RunResult>
  private settle!: { done: (result: RunResult) => void; failed: (error: WeirError) => void }
  private timer: ReturnType<typeof setTimeout> | undefined
  private scheduled = false
  private over = false

  constructor(
    private readonly engine: EngineModule,
    readonly run: ModuleRun,
    private readonly options: LoopOptions = {}
  ) {
    this.ended = new Promise((done, failed) => {
      this.settle = { done, failed }
    })
  }

  /** Something became ready: a call was answered, rows were written or taken, the run was cancelled. */
  wake(): void {
    if (this.over || this.scheduled) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.scheduled = true
    soon(() => {
      this.scheduled = false
      this.slice()
    })
  }

  private slice(): void {
    if (this.over) return
    try {
      const next = this.run.work(this.options.sliceMs ?? SLICE_MS)
      this.options.onSlice?.()
      if (next === ModuleRun.finished) {
        this.over = true
        this.settle.done(this.run.result())
      } else if (next === 0) {
        this.wake()
      } else if (next > 0) {
        // Browsers cut fractions off: a timer that comes too early would come again and again until it is time.
        const waitMs = Math.ceil(Math.max(0, next - this.engine.nowMicros) / 1000)
        this.timer = setTimeout(
          () => {
            this.wake()
          },
          Math.min(waitMs, 2 ** 31 - 1)
        )
      }
    } catch (reason) {
      this.over = true
      this.settle.failed(asWeirError(reason))
    }
  }
}
