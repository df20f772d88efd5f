// Feed: reads one port of a run and hands every batch to all who draw it, at the pace of the slowest.
import type { Batch } from '@weir/engine-client'
import type { FrameClock } from '../frame/frame-clock.ts'
import { attempt, errorOf } from '../frame/told.ts'
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
  /** So long `room` may hold the port up, then rows go by until it resolves, told by `shed`. Absent: for ever. */
  readonly patienceMs?: number
  /** So many rows went by without being given: the tab is hidden, or patience with `room` has ended. */
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
  /** What lets the port go on without waiting for this sink's room any longer. */
  private readonly leaving = new Map<Sink, () => void>()
  /** Sinks whose room patience has ended. */
  private readonly deaf = new Set<Sink>()
  private giveBack: FeedOptions['giveBack']
  private readonly stop = new AbortController()
  private readonly unwatch: () => void
  private reader: ReadableStreamDefaultReader<Batch> | undefined
  private over = false
  private failure: unknown

  constructor(
    private readonly open: () => ReadableStream<Batch>,
    private readonly options: FeedOptions
  ) {
    this.giveBack = options.giveBack
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
      endOf(sink, this.failure)
      return
    }
    this.sinks.add(sink)
    if (!this.reader) void this.pump()
  }

  /** Without sinks the rows are read and dropped, counted, so that the flow goes on. */
  remove(sink: Sink): void {
    this.sinks.delete(sink)
    this.deaf.delete(sink)
    this.leaving.get(sink)?.()
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
        this.back(value)
        await this.pace()
      }
      this.finish(undefined)
    } catch (reason) {
      this.finish(errorOf(reason, 'The stream broke.'))
      // A port that nobody reads would hold its node up.
      this.reader?.cancel().catch(() => undefined)
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
      for (const sink of [...this.sinks]) this.pass(sink, batch.rows)
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
    if (this.deaf.has(sink)) {
      this.pass(sink, batch.rows)
      return
    }
    try {
      // One that is asynchronous, which the type cannot forbid, fails as well.
      const take: (batch: Batch) => unknown = sink.take.bind(sink)
      const taken = take(batch)
      if (taken instanceof Promise) taken.catch(this.failing(sink))
      const room = sink.room?.()
      if (room) slow.push(this.untilRoom(sink, room))
    } catch (reason) {
      this.failing(sink)(reason)
    }
  }

  private pass(sink: Sink, rows: number): void {
    try {
      sink.shed?.(rows)
    } catch (reason) {
      this.failing(sink)(reason)
    }
  }

  private failing(sink: Sink): (reason: unknown) => void {
    return (reason) => {
      if (!this.sinks.has(sink)) return
      this.remove(sink)
      endOf(sink, errorOf(reason, 'The widget failed and did not say why.'))
    }
  }

  /** Resolves when there is room, the sink has gone or failed, or its patience has ended. */
  private untilRoom(sink: Sink, room: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const { patienceMs } = sink
      const impatient = (): void => {
        this.deaf.add(sink)
        leave()
      }
      const timer = patienceMs === undefined ? undefined : setTimeout(impatient, patienceMs)
      const leave = (): void => {
        clearTimeout(timer)
        this.leaving.delete(sink)
        resolve()
      }
      this.leaving.set(sink, leave)
      const settled = (): void => {
        this.deaf.delete(sink)
        leave()
      }
      room.then(settled, (reason: unknown) => {
        this.failing(sink)(reason)
        settled()
      })
    })
  }

  /** Giving back only saves memory: who cannot take batches back is given none any more. */
  private back(batch: Batch): void {
    const { giveBack } = this
    this.giveBack = undefined
    attempt(() => {
      giveBack?.(batch)
      this.giveBack = giveBack
    })
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
    attempt(this.unwatch)
    const sinks = [...this.sinks]
    this.sinks.clear()
    for (const sink of sinks) endOf(sink, failure)
  }
}

/** The end of one sink is not the others' business. */
function endOf(sink: Sink, failure: unknown): void {
  attempt(() => {
    sink.end(failure)
  })
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
