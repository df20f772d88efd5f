// ReaderFiles: the files that a reader matches, which shapes they have, the odd ones first, and what each gave.
import { asWeirError } from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { PartNode } from './document-parts.ts'
import { shapesOf } from './file-shapes.ts'
import type { FileShape, SeenFile } from './file-shapes.ts'
import { countFiles, seeFiles } from './look-at-files.ts'
import type { FileCount } from './look-at-files.ts'
import { chosen, globsOf, listFiles, schemaOf } from './sample-files.ts'
import type { DriftedFile, Run } from './sample-files.ts'

/** Files that one run of the engine looks at. */
const kAtOnce = 25

export interface FilesState {
  phase: 'listing' | 'looking' | 'counting' | 'resting'
  /** How many match is known. */
  listed: boolean
  /** How many match, and their bytes. */
  of: number
  bytes: number
  /** Of how many the shape is known. */
  looked: number
  /** Files that differ first, most of all files last. */
  shapes: readonly FileShape[]
  /** Rows and errors by path, of those that were counted. */
  counts: ReadonlyMap<string, FileCount>
  /** Why they cannot be listed; empty if they can. */
  problem: string
}

const kNone: FilesState = {
  phase: 'resting',
  listed: false,
  of: 0,
  bytes: 0,
  looked: 0,
  shapes: [],
  counts: new Map(),
  problem: ''
}

/** Nothing is read before it is asked to; `stop` ends what is under way. */
export class ReaderFiles {
  readonly store: StoreApi<FilesState> = createStore<FilesState>(() => kNone)
  private files: readonly { path: string; bytes: number }[] | undefined
  /** In the order in which they are looked at: the first ones are from everywhere. */
  private order: readonly string[] = []
  private readonly seen = new Map<string, SeenFile>()
  private turn = 0

  /** `drifted` is told files that differ, one for each shape. */
  constructor(
    private readonly node: PartNode,
    private readonly engine: () => Promise<Run>,
    private readonly drifted: (files: readonly DriftedFile[]) => void = () => undefined
  ) {}

  /** Lists them and looks at so many; those that are known count. */
  look(most: number): Promise<void> {
    return this.work(async (turn, engine) => {
      await this.list(engine)
      await this.see(turn, engine, most)
    })
  }

  /** Reads all of them to the end, and counts the rows and the errors of each. */
  count(): Promise<void> {
    return this.work(async (turn, engine) => {
      await this.list(engine)
      await this.see(turn, engine, Infinity)
      if (turn !== this.turn) return
      this.store.setState({ phase: 'counting', counts: new Map() })
      const paths = [...this.seen.keys()].sort()
      const schema = paths.length === 0 ? undefined : await schemaOf(this.node, chosen(paths), engine)
      const { shapes } = this.store.getState()
      for (let from = 0; from < paths.length && turn === this.turn; from += kAtOnce) {
        const some = paths.slice(from, from + kAtOnce)
        const found = await countFiles(this.node, some, shapes, schema, engine)
        if (turn !== this.turn) return
        this.store.setState({ counts: new Map([...this.store.getState().counts, ...found]) })
      }
    })
  }

  /** Forgets what it knows: files may be others now. */
  forget(): void {
    this.stop()
    this.files = undefined
    this.seen.clear()
    this.store.setState(kNone)
  }

  stop(): void {
    ++this.turn
    this.store.setState({ phase: 'resting' })
  }

  private async work(act: (turn: number, engine: Run) => Promise<void>): Promise<void> {
    const turn = ++this.turn
    this.store.setState({ phase: 'listing', problem: '' })
    try {
      await act(turn, await this.engine())
    } catch (reason) {
      if (turn === this.turn) this.store.setState({ problem: asWeirError(reason).message })
    }
    if (turn === this.turn) this.store.setState({ phase: 'resting' })
  }

  private async list(engine: Run): Promise<void> {
    if (this.files !== undefined) return
    const files = await listFiles(globsOf(this.node, true), engine)
    this.files = files
    this.order = spread(files.map(({ path }) => path))
    this.store.setState({ listed: true, of: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) })
  }

  private async see(turn: number, engine: Run, most: number): Promise<void> {
    const wanted = this.order.slice(0, most).filter((path) => !this.seen.has(path))
    if (turn === this.turn) this.store.setState({ phase: 'looking' })
    for (let from = 0; from < wanted.length && turn === this.turn; from += kAtOnce) {
      const found = await seeFiles(this.node, wanted.slice(from, from + kAtOnce), engine)
      for (const file of found) this.seen.set(file.path, file)
      if (turn === this.turn) this.tell()
    }
  }

  private tell(): void {
    const shapes = shapesOf([...this.seen.values()])
    this.store.setState({ looked: this.seen.size, shapes })
    const odd = shapes.filter(({ differs, problem }) => differs && problem === '')
    this.drifted(
      odd.flatMap(({ files, columns }) => {
        const [path] = files
        return path === undefined ? [] : [{ path, columns: columns.map(({ name }) => name) }]
      })
    )
  }
}

/** The first, the last and the middle, then the middles between them, so that a few tell of all. */
function spread(paths: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const take = (at: number): void => {
    const path = paths[Math.min(paths.length - 1, Math.floor(at))]
    if (path !== undefined) found.add(path)
  }
  take(0)
  take(paths.length - 1)
  for (let parts = 2; found.size < paths.length && parts <= paths.length * 2; parts *= 2)
    for (let part = 1; part < parts; part += 2) take((paths.length * part) / parts)
  for (const path of paths) found.add(path)
  return [...found]
}
