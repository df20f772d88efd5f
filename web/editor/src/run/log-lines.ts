// LogLines: the log of a run, the newest first, with a bound; told at most once a frame's time.
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { LogLine } from './shown-run.ts'

const kMostLines = 10_000
const kTellMs = 100

export class LogLines {
  readonly store: StoreApi<{ lines: readonly LogLine[]; dropped: number }> = createStore<{
    lines: readonly LogLine[]
    dropped: number
  }>(() => ({ lines: [], dropped: 0 }))
  private waiting: LogLine[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private dropped = 0

  add(line: LogLine): void {
    this.waiting.push(line)
    // A flood is not kept while it waits.
    if (this.waiting.length > 2 * kMostLines) this.dropped += this.waiting.splice(0, kMostLines).length
    this.timer ??= setTimeout(() => {
      this.flush()
    }, kTellMs)
  }

  /** Tells what waits, now. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.waiting.length === 0) return
    const all = [...this.waiting.reverse(), ...this.store.getState().lines]
    this.waiting = []
    this.dropped += Math.max(0, all.length - kMostLines)
    this.store.setState({ lines: all.slice(0, kMostLines), dropped: this.dropped })
  }

  dispose(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.waiting = []
  }
}
