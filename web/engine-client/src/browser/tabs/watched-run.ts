// WatchedRun: a run that another tab owns, as this one sees it.
import type { Batch } from '../../batch.ts'
import type { PortName, Watcher } from '../../engine.ts'
import { WeirError } from '../../errors.ts'
import type { RunResult } from '../../wasm/engine-module.ts'
import { WorkerRun } from '../page/worker-run.ts'

/** After its owner is gone, what the run said last may still be on its way. */
const LAST_WORDS_MS = 1_000
/** A run that goes on answers within this time. */
const ANSWER_MS = 10_000
const WINDOW_BYTES = 1 << 20

/** Resolves once no page holds the run any more. */
async function ownerGone(id: string, signal: AbortSignal): Promise<WeirError> {
  await navigator.locks.request(`run:${id}`, { mode: 'shared', signal }, () => undefined)
  await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))
  return new WeirError(
    'run.ended',
    `the tab of the run '${id}' was closed; if the run keeps checkpoints, any tab can go on with it`
  )
}

export class WatchedRun {
  /** Rejects if its tab was closed. */
  readonly result: Promise<RunResult>

  private constructor(
    readonly id: string,
    private readonly run: WorkerRun
  ) {
    this.result = run.result
  }

  /** `outlets`: ports of the run that nobody else reads, which this page wants to. */
  static async open(id: string, port: MessagePort, outlets: readonly PortName[] = []): Promise<WatchedRun> {
    const stop = new AbortController()
    let tellAnswered!: () => void
    const answered = new Promise<void>((resolve) => {
      tellAnswered = resolve
    })
    const run = new WorkerRun({
      port,
      outlets,
      windowBytes: WINDOW_BYTES,
      fault: answered.then(() => ownerGone(id, stop.signal)).catch(() => new Promise<never>(() => undefined)),
      onFree: () => {
        stop.abort()
      }
    })
    const late = new Promise<never>((_, failed) =>
      setTimeout(() => {
        failed(new WeirError('run.none', `the run '${id}' does not answer; it may have ended`, true))
      }, ANSWER_MS)
    )
    try {
      await Promise.race([run.opened, run.result, late])
    } catch (reason) {
      run.leave()
      throw reason
    }
    tellAnswered()
    return new WatchedRun(id, run)
  }

  /** Figures, events, taps: the live protocol. */
  watch(): Watcher {
    return this.run.watch()
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    return this.run.outlet(node, port)
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.run.rows(node, port)
  }

  /** For all tabs. */
  cancel(): void {
    this.run.cancel()
  }

  /** The run goes on. */
  leave(): void {
    this.run.leave()
  }
}
