// A run whose rows a test gives, frames that it steps, and a shelf of drafts without a browser.
import { batchOf } from '@weir/widgets/core'
import type { Batch, Tap } from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { MemoryOperationStore } from '@weir/flow-model'
import type { DraftShelf, ShelvedDraft } from '../../src/page/drafts/draft-shelf.ts'
import { FigureStore } from '../../src/run/figure-store.ts'
import type { RunFacts, RunKind, ShownRun } from '../../src/run/shown-run.ts'

export function batchWith(values: number[]): Batch {
  return batchOf({ value: values })
}

export class HandFrames {
  private readonly calls = new Map<number, () => void>()
  private last = 0
  private time = 0

  get pending(): number {
    return this.calls.size
  }
  request(call: () => void): number {
    this.calls.set(++this.last, call)
    return this.last
  }
  cancel(frame: number): void {
    this.calls.delete(frame)
  }
  now(): number {
    return this.time
  }
  step(): void {
    this.time += 16
    const calls = [...this.calls.values()]
    this.calls.clear()
    for (const call of calls) call()
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(0)
  })
}

/** Keeps no rows, as runs of a server; `give` goes to its taps. */
export class FakeRun implements ShownRun {
  readonly id = 'r'
  readonly label = 'Live'
  readonly place = 'Server'
  readonly figures = new FigureStore()
  readonly log = createStore<{ lines: []; dropped: number }>(() => ({ lines: [], dropped: 0 })) as ShownRun['log']
  readonly facts: StoreApi<RunFacts>
  disposed = false
  listeners = 0
  private readonly open = new Set<ReadableStreamDefaultController<Batch>>()

  constructor(readonly kind: RunKind = 'live') {
    const store = createStore<RunFacts>(() => ({
      status: 'running',
      startedAt: 0,
      endedAt: undefined,
      rows: 0,
      rate: 0,
      aside: 0,
      dropped: 0,
      heldUpBy: undefined,
      progress: undefined,
      secondsLeft: undefined,
      failures: [],
      held: [],
      result: undefined,
      documentText: ''
    }))
    this.facts = {
      ...store,
      subscribe: (listener) => {
        ++this.listeners
        const stop = store.subscribe(listener)
        return () => {
          --this.listeners
          stop()
        }
      }
    }
  }

  get taps(): number {
    return this.open.size
  }

  async give(batch: Batch): Promise<void> {
    await settle()
    for (const controller of this.open) controller.enqueue(batch)
    await settle()
  }

  async end(): Promise<void> {
    for (const controller of this.open) controller.close()
    this.facts.setState({ status: 'done', endedAt: 1 })
    for (let i = 0; i < 8; ++i) await Promise.resolve()
  }

  tap(): Promise<Tap> {
    let opened: ReadableStreamDefaultController<Batch> | undefined
    const batches = new ReadableStream<Batch>({
      start: (controller) => {
        opened = controller
        this.open.add(controller)
      }
    })
    const close = (): Promise<void> => {
      if (opened !== undefined) this.open.delete(opened)
      return Promise.resolve()
    }
    return Promise.resolve({ batches, close } as unknown as Tap)
  }
  rowsOf(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
  addBreakpoint(): Promise<number> {
    return Promise.resolve(0)
  }
  removeBreakpoint(): Promise<void> {
    return Promise.resolve()
  }
  goOn(): Promise<void> {
    return Promise.resolve()
  }
  dropRow(): Promise<void> {
    return Promise.resolve()
  }
  stepRow(): Promise<void> {
    return Promise.resolve()
  }
  deadLetters(): Promise<readonly unknown[]> {
    return Promise.resolve([])
  }
  heldBack(): Promise<readonly []> {
    return Promise.resolve([])
  }
  drain(): void {
    this.facts.setState({ status: 'stopping' })
  }
  cancel(): void {
    this.drain()
  }
  dispose(): void {
    this.disposed = true
  }
}

/** Has one draft, or none; counts what is written. */
export class FakeShelf implements DraftShelf {
  writes = 0
  readonly log = new MemoryOperationStore()

  constructor(private readonly draft?: { text: string; base: string }) {}

  read(key: string): Promise<ShelvedDraft | undefined> {
    return Promise.resolve(this.draft && { key, sequence: 0, revision: '1', at: 0, ...this.draft })
  }
  write(): Promise<void> {
    ++this.writes
    return Promise.resolve()
  }
  forget(): Promise<void> {
    ++this.writes
    return Promise.resolve()
  }
  operations(): MemoryOperationStore {
    return this.log
  }
  copies(): Promise<readonly never[]> {
    return Promise.resolve([])
  }
  keepCopy(): Promise<void> {
    ++this.writes
    return Promise.resolve()
  }
  dropCopy(): Promise<void> {
    ++this.writes
    return Promise.resolve()
  }
}
