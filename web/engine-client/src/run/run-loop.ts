// RunLoop: works a run in slices, so that messages and frames get their turn, and sleeps while it can do nothing.
import { asWeirError, type WeirError } from '../errors.ts'
import { soon } from './turns.ts'
import { ModuleRun, type EngineModule, type RunResult } from '../wasm/engine-module.ts'

export interface LoopOptions {
  /** Longest slice. */
  sliceMs?: number
  /** After each slice: rows may wait at outlets, frames at watchers. */
  onSlice?: () => void
}

const SLICE_MS = 8

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
