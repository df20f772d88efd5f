// SampleRuns: the sample runs again after an edit: a moment after the last one, the one before it cancelled.
import { asWeirError } from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { RunPlace, ShownRun, StartOptions } from './shown-run.ts'

/** Edits that follow each other as fast are one. */
const kQuietMs = 60
/** The run before stays in sight until the new one has ended, for so long at most. */
const kPatienceMs = 400

export interface SampleState {
  run: ShownRun | undefined
  /** A newer one is on its way. */
  isStale: boolean
  /** Why the newest cannot run; empty if it can. */
  problem: string
}

/** One node's sample, kept up to date. `dispose` ends the run that it shows. */
export class SampleRuns {
  readonly store: StoreApi<SampleState> = createStore<SampleState>(() => ({
    run: undefined,
    isStale: false,
    problem: ''
  }))
  private timer: ReturnType<typeof setTimeout> | undefined
  private turn = 0
  private coming: ShownRun | undefined
  private disposed = false

  constructor(
    private readonly place: () => RunPlace | undefined,
    private readonly options: Omit<StartOptions, 'kind'> = {},
    private readonly quietMs = kQuietMs
  ) {}

  /** The document is another now, or another node is looked at. */
  request(documentText: string, upTo?: string): void {
    if (this.disposed) return
    clearTimeout(this.timer)
    const turn = ++this.turn
    this.cancelComing()
    this.store.setState({ isStale: true })
    this.timer = setTimeout(() => {
      void this.start(turn, documentText, upTo)
    }, this.quietMs)
  }

  dispose(): void {
    this.disposed = true
    ++this.turn
    clearTimeout(this.timer)
    this.cancelComing()
    this.store.getState().run?.dispose()
    this.store.setState({ run: undefined, isStale: false })
  }

  private cancelComing(): void {
    this.coming?.dispose()
    this.coming = undefined
  }

  private async start(turn: number, documentText: string, upTo: string | undefined): Promise<void> {
    const place = this.place()
    if (place === undefined) return
    let run: ShownRun
    try {
      run = await place.start(documentText, { ...this.options, kind: 'sample', ...(upTo !== undefined && { upTo }) })
    } catch (reason) {
      if (turn === this.turn) this.store.setState({ isStale: false, problem: asWeirError(reason).message })
      return
    }
    if (turn !== this.turn) {
      run.dispose()
      return
    }
    this.coming = run
    await endOf(run, kPatienceMs)
    if (this.coming !== run) return
    this.coming = undefined
    this.store.getState().run?.dispose()
    this.store.setState({ run, isStale: false, problem: '' })
  }
}

/** Resolves when the run has ended, or after so long. */
function endOf(run: ShownRun, mostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stop()
      resolve()
    }
    const stop = run.facts.subscribe(({ endedAt }) => {
      if (endedAt !== undefined) done()
    })
    const timer = setTimeout(done, mostMs)
    if (run.facts.getState().endedAt !== undefined) done()
  })
}
