// Feed: reads one port of a run and hands every batch to all who draw it, at the pace of the slowest.
import type { Batch } from '@weir/engine-client'
import type { FrameClock } from '../frame/frame-clock.ts'
import { untilVisible, type Visibility } from '../frame/visibility.ts'

/**
 * What a hidden tab does with rows: `slow` takes one batch a second and so slows the flow; `shed` takes all and gives
 * none on, counted; `keep` gives all on, nothing is drawn until the tab is seen.
 */
export type HiddenPolicy = 'slow' | 'shed' | 'keep'

export interface Sink {
  /** Copies what it keeps: the batch's buffer is used again afterwards. */
  take(batch: Batch): void
  /** Asked after each batch: a promise holds the port up until it resolves. */
  room?(): Promise<void> | undefined
  /** So many rows went by without being given, since the tab is hidden. */
  shed?(rows: number): void
  /** Nothing more comes; `failure` if the stream broke. Called once. */
  end(failure?: unknown): void
}

export interface FeedOptions {
  clock: FrameClock
  visibility: Visibility
  hidden?: HiddenPolicy
  /** How long a hidden tab with policy `slow` waits between two batches. */
  hiddenMs?: number
  /** Who has read a batch gives its buffer back with it. */
  giveBack?: (batch: Batch) => void
}

const HIDDEN_MS = 1000

export interface FeedCounts {
  rows: number
  batches: number
  /** Not shown since the tab was hidden. */
  shed: number
  /** Read while nobody was subscribed. */
  unseen: number
}

export class Feed {
  readonly counts: FeedCounts = { rows: 0, batches: 0, shed: 0, unseen: 0 }
  private readonly sinks = new Set<Sink>()
  private readonly stop = new AbortController()
  private readonly unwatch: () => void
  private reader: ReadableStreamDefaultReader<Batch> | undefined
  private over = false
  private failure: unknown

  constructor(
    private readonly open: () => ReadableStream<Batch>,
    private readonly options: FeedOptions
  ) {
    this.unwatch = options.visibility.watch((hidden) => {
      if (hidden) options.clock.release()
    })
  }

  get ended(): boolean {
    return this.over
  }

  /** Begins to read with the first sink. A sink that comes after the end is ended at once. */
  add(sink: Sink): void {
    if (this.over) {
      sink.end(this.failure)
      return
    }
    this.sinks.add(sink)
    if (!this.reader) void this.pump()
  }

  /** Without sinks the rows are read and dropped, counted, so that the flow goes on. */
  remove(sink: Sink): void {
    this.sinks.delete(sink)
  }

  /** Stops reading; all sinks end. */
  close(): void {
    if (this.over) return
    this.stop.abort()
    if (this.reader) this.reader.cancel().catch(() => undefined)
    this.finish(undefined)
  }

  private async pump(): Promise<void> {
    try {
      const reader = this.open().getReader()
      this.reader = reader
      for (;;) {
        const { done, value } = await reader.read()
        if (done || this.stop.signal.aborted) break
        await this.hand(value)
        this.options.giveBack?.(value)
        await this.pace()
      }
      this.finish(undefined)
    } catch (reason) {
      this.finish(reason)
    }
  }

  private async hand(batch: Batch): Promise<void> {
    this.counts.rows += batch.rows
    this.counts.batches++
    if (this.sinks.size === 0) {
      this.counts.unseen += batch.rows
      return
    }
    if (this.options.visibility.hidden && this.options.hidden === 'shed') {
      this.counts.shed += batch.rows
      for (const sink of this.sinks) sink.shed?.(batch.rows)
      return
    }
    const slow: Promise<void>[] = []
    this.options.clock.spend(() => {
      for (const sink of [...this.sinks]) this.give(sink, batch, slow)
    })
    if (slow.length > 0) await settledOrAborted(slow, this.stop.signal)
  }

  /** A sink that throws is ended with its error; the others go on. */
  private give(sink: Sink, batch: Batch, slow: Promise<void>[]): void {
    const fail = (reason: unknown): void => {
      if (this.sinks.delete(sink)) sink.end(reason)
    }
    try {
      sink.take(batch)
      const room = sink.room?.()
      if (room) slow.push(room.catch(fail))
    } catch (reason) {
      fail(reason)
    }
  }

  private async pace(): Promise<void> {
    const { clock, visibility, hidden = 'slow', hiddenMs = HIDDEN_MS } = this.options
    if (visibility.hidden) {
      if (hidden === 'slow') await untilVisible(visibility, hiddenMs, this.stop.signal)
    } else if (clock.exhausted) {
      await clock.nextFrame()
    }
  }

  private finish(failure: unknown): void {
    if (this.over) return
    this.over = true
    this.failure = failure
    this.unwatch()
    const sinks = [...this.sinks]
    this.sinks.clear()
    for (const sink of sinks) sink.end(failure)
  }
}

/** Leaves nothing behind at the signal: a slow reader waits here at every batch. */
function settledOrAborted(all: Promise<void>[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done)
    Promise.all(all).then(done, done)
  })
}
