// Upload: files of one folder on their way to the other home, a few at a time; nothing there is replaced unasked.
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { kMostFileBytes, pathThere, whyNot } from './upload-plan.ts'
import type { RefusedFile, UploadFile, UploadPlan } from './upload-plan.ts'
import type { UploadPace } from './upload-pace.ts'

/** Files that go at the same time. */
export const kAtOnce = 4

export interface PutOptions {
  /** Takes the place of a file of that path; else one that is there stays. */
  replace: boolean
  signal: AbortSignal
}

/** Puts a file there. @throws UploadStopped if others would fare no better, another error for this file alone */
export type PutFile = (path: string, file: File, options: PutOptions) => Promise<'put' | 'there'>

/** What holds for all files, not for one: the way is gone, the disk is full, the right is missing. */
export class UploadStopped extends Error {
  override readonly name = 'UploadStopped'
  /** `unsure`: the file may have come all the same. */
  constructor(
    message: string,
    readonly unsure = false
  ) {
    super(message)
  }
}

export interface UploadState {
  phase: 'ready' | 'going' | 'resting'
  /** Put there or kept there, and their bytes. */
  done: number
  bytes: number
  /** Of `done`: those that were there and stayed. */
  kept: number
  /** Files of that path are there: they wait for a choice. Complete when nothing goes. */
  there: readonly string[]
  /** Some of `there` may have come before the connection broke. */
  unsure: boolean
  /** What failed for itself. Complete when nothing goes. */
  failed: readonly RefusedFile[]
  /** Not sent yet. */
  waiting: number
  /** Why all of it stopped; empty if it did not. */
  problem: string
}

/** Whether all files are there, as far as they were to go. */
export function isThere({ phase, there, failed, waiting }: UploadState): boolean {
  return phase === 'resting' && waiting === 0 && there.length === 0 && failed.length === 0
}

interface Turn {
  abort: AbortController
  files: UploadFile[]
  /** The next of `files`. */
  at: number
}

/** Begins when it is told to. Who makes it cancels it. */
export class Upload {
  readonly store: StoreApi<UploadState>
  private readonly sizes: ReadonlyMap<string, number>
  private waiting: UploadFile[]
  private there: string[] = []
  private failed: RefusedFile[] = []
  private readonly unsure = new Set<string>()
  /** Which of the waiting may take the place of others. */
  private readonly mayReplace = new Set<string>()
  private turn: Turn | undefined

  /** `open` gives a file by its path below the mount; it is asked for one just before it goes. */
  constructor(
    readonly plan: UploadPlan,
    private readonly open: (path: string) => Promise<File | undefined>,
    private readonly put: PutFile,
    private readonly pace: UploadPace
  ) {
    this.waiting = [...plan.files]
    this.sizes = new Map(plan.files.map(({ path, bytes }) => [path, bytes]))
    this.store = createStore<UploadState>(() => ({
      phase: 'ready',
      done: 0,
      bytes: 0,
      kept: 0,
      there: [],
      unsure: false,
      failed: [],
      waiting: plan.files.length,
      problem: ''
    }))
  }

  /** Sends what waits and what failed before; ends when it rests. Nothing happens while it goes. */
  async go(): Promise<void> {
    if (this.turn !== undefined) return
    const again = this.failed.map(({ path }) => ({ path, bytes: this.sizes.get(path) ?? 0 }))
    const turn: Turn = { abort: new AbortController(), files: [...this.waiting, ...again], at: 0 }
    this.turn = turn
    this.waiting = []
    this.failed = []
    this.store.setState({ phase: 'going', problem: '', failed: [], waiting: turn.files.length })
    this.pace.begin()
    await Promise.all(Array.from({ length: Math.min(kAtOnce, turn.files.length) }, () => this.work(turn)))
    this.pace.end()
    this.waiting = this.waiting.concat(turn.files.slice(turn.at))
    this.turn = undefined
    this.store.setState({
      phase: 'resting',
      there: [...this.there],
      unsure: this.there.some((path) => this.unsure.has(path)),
      failed: [...this.failed],
      waiting: this.waiting.length
    })
  }

  /** What is under way stops; what was put stays, and the rest can go later. */
  cancel(): void {
    this.turn?.abort.abort()
  }

  /** Files that are there stay as they are. */
  keepTheirs(): void {
    if (this.turn !== undefined) return
    const { done, kept } = this.store.getState()
    const more = this.there.length
    this.there = []
    this.store.setState({ done: done + more, kept: kept + more, there: [], unsure: false })
  }

  /** The files of here take the place of those. */
  async replaceTheirs(): Promise<void> {
    if (this.turn !== undefined) return
    for (const path of this.there) {
      this.mayReplace.add(path)
      this.waiting.push({ path, bytes: this.sizes.get(path) ?? 0 })
    }
    this.there = []
    this.store.setState({ there: [], unsure: false })
    await this.go()
  }

  private async work(turn: Turn): Promise<void> {
    while (!turn.abort.signal.aborted && this.store.getState().problem === '') {
      const file = turn.files[turn.at]
      if (file === undefined) return
      ++turn.at
      await this.send(file, turn)
      this.store.setState({ waiting: turn.files.length - turn.at + this.waiting.length })
    }
  }

  private async send(planned: UploadFile, { abort: { signal } }: Turn): Promise<void> {
    const { path } = planned
    try {
      const file = await this.open(path)
      if (file === undefined) throw new Error('cannot be opened any more')
      if (file.size > kMostFileBytes) throw new Error(whyNot(path, file.size))
      if (signal.aborted) {
        this.waiting.push(planned)
        return
      }
      const how = await this.put(pathThere(this.plan.into, path), file, { replace: this.mayReplace.has(path), signal })
      if (how === 'there') this.there.push(path)
      else this.count(planned, file.size)
    } catch (error) {
      this.missed(planned, error, signal)
    }
  }

  private count({ bytes }: UploadFile, sent: number): void {
    const state = this.store.getState()
    this.pace.add(sent)
    this.store.setState({ done: state.done + 1, bytes: state.bytes + bytes })
  }

  private missed(file: UploadFile, error: unknown, { aborted }: AbortSignal): void {
    const words = error instanceof Error ? error.message : String(error)
    if (aborted || error instanceof UploadStopped) {
      // What was under way may have come there, unheard.
      if (aborted || (error instanceof UploadStopped && error.unsure)) this.unsure.add(file.path)
      this.waiting.push(file)
      if (!aborted && this.store.getState().problem === '') this.store.setState({ problem: words })
      return
    }
    this.failed.push({ path: file.path, why: words })
  }
}
