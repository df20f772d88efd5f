// RunWatch: a watched run by name: rows of an edge as they pass, breakpoints, and what may be done with a held row.
import type { Batch } from '../batch.ts'
import type { Execution, Watcher } from '../engine.ts'
import { asWeirError, WeirError } from '../errors.ts'
import type { Frame } from './frames.ts'
import { BatchAssembler } from './batch-assembler.ts'

export interface TapOptions {
  edge: string
  /** A CEL condition over the rows. */
  where?: string
  /** 1,000. */
  rowsPerSecond?: number
  /** 1 MiB. */
  bytesPerSecond?: number
  /** Sensitive fields too. */
  reveal?: boolean
}

/** `passed >= seen >= matched >= shown`; what is passed and not seen, or matched and not shown, was shed. */
export interface TapCounts {
  passed: number
  seen: number
  matched: number
  shown: number
  failed: number
  problem?: string
}

export interface Tap {
  /** The newest rows within the budget. Read slowly, and rows are shed and counted; the run never waits. */
  readonly batches: ReadableStream<Batch>
  /** False: the run reads fewer fields than its sources have. */
  readonly allFields: boolean
  readonly counts: TapCounts | undefined
  /** Resolves with the counts to the end. */
  close(): Promise<TapCounts | undefined>
}

export interface BreakpointOptions {
  /** Rows that come to the node, or along the edge. */
  node?: string
  edge?: string
  /** A CEL condition over the rows. */
  where?: string
  /** The so-manieth row that fits stops; 1. */
  after?: number
  /** Nothing stops: this CEL text is told as an event. */
  log?: string
}

/** A row that was stopped (docs/guide/debugging.md). */
export interface HeldRow {
  /** Its number. */
  held: number
  breakpoint: number
  edge: string
  source: string
  target: string
  row: Record<string, unknown>
  /** Of its fields. */
  types: Record<string, string>
  rowsBehind: number
  [key: string]: unknown
}

const MOST_EARLY = 1000

export class RunWatch {
  private readonly watcher: Watcher
  private readonly taps = new Map<number, OpenTap>()
  private opening = 0
  private early: Frame[] = []

  constructor(execution: Execution) {
    this.watcher = execution.watch()
    this.watcher.onFrame?.((frame) => {
      this.take(frame)
    })
    this.watcher.onMessage(({ type, subscription, data }) => {
      if (type === 'tapped' && subscription !== undefined) this.taps.get(subscription)?.told(data as TapCounts)
    })
    const end = (): void => {
      for (const tap of this.taps.values()) tap.end()
    }
    execution.result.then(end, end)
  }

  /** @throws WeirError (a rejection) for an edge that is not there, or a condition that is none */
  async tap(options: TapOptions): Promise<Tap> {
    if (!this.watcher.onFrame) throw new WeirError('live.unknown', 'rows of this run cannot be watched from here')
    this.opening += 1
    try {
      const reply = await this.watcher.ask('subscribe', { kind: 'tap', ...options })
      const { subscription, allFields } = reply as { subscription: number; allFields: boolean }
      const tap = new OpenTap(this.watcher, subscription, allFields, () => this.taps.delete(subscription))
      this.taps.set(subscription, tap)
      for (const frame of this.early) if (frame.subscription === subscription) tap.frame(frame)
      return tap
    } finally {
      this.opening -= 1
      if (this.opening === 0) this.early = []
    }
  }

  /** Rows may come before the answer that names their subscription. */
  private take(frame: Frame): void {
    const tap = this.taps.get(frame.subscription)
    if (tap) tap.frame(frame)
    else if (this.opening > 0 && this.early.length < MOST_EARLY) this.early.push(frame)
  }

  /** The number of the breakpoint. */
  async addBreakpoint(options: BreakpointOptions): Promise<number> {
    return ((await this.watcher.ask('break', { ...options })) as { breakpoint: number }).breakpoint
  }

  async removeBreakpoint(breakpoint: number): Promise<void> {
    await this.watcher.ask('unbreak', { breakpoint })
  }

  async breakpoints(): Promise<Record<string, unknown>[]> {
    const found = await this.watcher.ask('breakpoints')
    return (found as { breakpoints: Record<string, unknown>[] }).breakpoints
  }

  /** Rows that are stopped now. */
  async held(reveal = false): Promise<HeldRow[]> {
    return ((await this.watcher.ask('held', { reveal })) as { held: HeldRow[] }).held
  }

  /** The next row that comes to the node is held, and those behind it wait; `resume` lets them go. */
  async pause(at: { node: string } | { edge: string }): Promise<number> {
    return this.addBreakpoint(at)
  }

  /** Removes a breakpoint, and lets go what is held. */
  async resume(breakpoint: number): Promise<void> {
    await this.removeBreakpoint(breakpoint)
    for (const row of await this.held()) await this.proceed(row.held)
  }

  /** To the next breakpoint. */
  async proceed(held: number): Promise<void> {
    await this.watcher.ask('act', { held, action: 'continue' })
  }

  /** The row goes on, and is held again at the next node. */
  async step(held: number): Promise<void> {
    await this.watcher.ask('act', { held, action: 'step' })
  }

  /** The row goes on, and the one behind it is held. */
  async next(held: number): Promise<void> {
    await this.watcher.ask('act', { held, action: 'next' })
  }

  async drop(held: number): Promise<void> {
    await this.watcher.ask('act', { held, action: 'drop' })
  }

  /** Gives fields of a held row other values. */
  async change(held: number, fields: Record<string, unknown>): Promise<void> {
    await this.watcher.ask('set', { held, fields })
  }

  close(): void {
    for (const tap of this.taps.values()) tap.end()
    this.watcher.close()
  }
}

/** Batches that wait for a reader who is slow: the newest. */
const MOST_WAITING = 16

class OpenTap implements Tap {
  readonly batches: ReadableStream<Batch>
  counts: TapCounts | undefined
  private readonly assembler = new BatchAssembler()
  private readonly waiting: { batch: Batch; bytes: number }[] = []
  private wake: () => void = () => undefined
  private ended = false
  private failed: WeirError | undefined

  constructor(
    private readonly watcher: Watcher,
    private readonly subscription: number,
    readonly allFields: boolean,
    private readonly forget: () => void
  ) {
    this.batches = new ReadableStream<Batch>(
      {
        pull: async (controller) => {
          while (this.waiting.length === 0 && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve))
          const next = this.waiting.shift()
          if (next) {
            controller.enqueue(next.batch)
            this.credit(next.bytes)
          } else if (this.failed) throw this.failed
          else controller.close()
        },
        cancel: async () => {
          await this.close()
        }
      },
      { highWaterMark: 0 }
    )
  }

  frame(frame: Parameters<BatchAssembler['take']>[0]): void {
    if (this.ended) return
    try {
      const batch = this.assembler.take(frame)
      const bytes = frame.payload.length + 28
      if (!batch) {
        this.credit(bytes)
        return
      }
      this.waiting.push({ batch, bytes })
      const old = this.waiting.length > MOST_WAITING ? this.waiting.shift() : undefined
      if (old) this.credit(old.bytes)
      this.wake()
    } catch (reason) {
      this.failed = asWeirError(reason)
      this.end()
    }
  }

  told(counts: TapCounts): void {
    this.counts = counts
    this.credit(256)
  }

  end(): void {
    this.ended = true
    this.wake()
  }

  async close(): Promise<TapCounts | undefined> {
    this.end()
    this.forget()
    // Of a run that has ended the last counts were told.
    const last = await this.watcher.ask('unsubscribe', {}, this.subscription).catch(() => undefined)
    this.counts = (last as TapCounts | undefined) ?? this.counts
    return this.counts
  }

  private credit(bytes: number): void {
    if (!this.ended) this.watcher.ask('credit', { bytes }, this.subscription).catch(() => undefined)
  }
}
