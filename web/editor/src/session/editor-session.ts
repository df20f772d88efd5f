// EditorSession: one open flow and all that works on it. Made when a flow is opened, disposed of when it is closed.
import { CanvasIndex, Geometry, History, Selection } from '@weir/flow-model'
import type { Catalogue, Done, FlowDocument, GestureOptions, Operation, OperationStore } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { placedInside } from '../boxes/grown.ts'
import type { RunPlace, ShownRun } from '../run/shown-run.ts'
import { ProblemStore } from './problem-store.ts'
import { makeViewStore } from './view-state.ts'
import type { ViewStore } from './view-state.ts'
import { wordsOf } from '@weir/ui/refused.ts'

export interface SessionOptions {
  author: string
  now?: () => number
  operations?: OperationStore
  /** A log that was read back; by default an empty one. */
  history?: History
  /** Why nothing may be changed; empty if it may. */
  readOnly?: string
}

/** The run that is shown and where the next one starts. */
export interface RunState {
  shown: ShownRun | undefined
  place: RunPlace | undefined
  places: readonly RunPlace[]
}

/** Why something was not done, or what was; told to the person and read to who listens. */
export interface Notice {
  text: string
  tone: 'info' | 'warning' | 'error'
  at: number
}

export class EditorSession {
  readonly history: History
  readonly geometry: Geometry
  readonly index: CanvasIndex
  readonly selection: Selection
  readonly view: ViewStore = makeViewStore()
  readonly problems: ProblemStore
  readonly run: StoreApi<RunState> = createStore<RunState>(() => ({ shown: undefined, place: undefined, places: [] }))
  readonly notice: StoreApi<{ notice: Notice | undefined }> = createStore<{ notice: Notice | undefined }>(() => ({
    notice: undefined
  }))
  /** Why the sample of what is chosen cannot run; empty if it can, or if nothing is sampled. */
  readonly sample: StoreApi<{ problem: string }> = createStore<{ problem: string }>(() => ({ problem: '' }))
  private readonly now: () => number
  private readonly closing: (() => void)[] = []

  constructor(
    readonly document: FlowDocument,
    readonly catalogue: Catalogue,
    readonly options: SessionOptions
  ) {
    this.now = options.now ?? Date.now
    this.history =
      options.history ??
      new History(document, {
        author: options.author,
        now: this.now,
        ...(options.operations === undefined ? {} : { store: options.operations }),
        ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly })
      })
    this.geometry = new Geometry(document, catalogue)
    this.index = new CanvasIndex(this.geometry)
    this.selection = new Selection(document)
    this.problems = new ProblemStore(document, catalogue, undefined)
    this.onClose(
      catalogue.subscribe(() => {
        this.index.refresh()
        this.problems.again()
      })
    )
  }

  /** Does what a person did in one go, and tells why what was refused was. What is added is in the box that is gone into. */
  do(operations: readonly Operation[], options: GestureOptions | string): Done {
    const done = this.history.apply(
      placedInside(this, operations),
      typeof options === 'string' ? { label: options } : options
    )
    const [refused] = done.refusals
    if (refused !== undefined) this.tell(wordsOf(refused.message), 'warning')
    return done
  }

  undo(): void {
    this.toldOf(this.history.undoLabel, 'Undone', this.history.undo())
  }

  redo(): void {
    this.toldOf(this.history.redoLabel, 'Done again', this.history.redo())
  }

  tell(text: string, tone: Notice['tone'] = 'info'): void {
    this.notice.setState({ notice: { text, tone, at: this.now() } })
  }

  /** What is to be freed with the session. */
  onClose(free: () => void): void {
    this.closing.push(free)
  }

  /** Frees all that follows the document, and the run that is shown. */
  dispose(): void {
    for (const free of this.closing.splice(0).reverse()) free()
    this.run.getState().shown?.dispose()
    this.run.setState({ shown: undefined, place: undefined, places: [] })
    this.problems.dispose()
    this.index.dispose()
    this.selection.dispose()
  }

  private toldOf(label: string | undefined, did: string, done: Done | undefined): void {
    if (done === undefined) {
      this.tell(did === 'Undone' ? 'There is nothing to undo.' : 'There is nothing to do again.')
      return
    }
    const [refused] = done.refusals
    if (refused !== undefined) this.tell(wordsOf(refused.message), 'warning')
    else this.tell(`${did}: ${label ?? ''}`)
  }
}
