// The problems of a document: the immediate ones at once, those of an engine when it has looked.
import { validate } from '@weir/flow-model'
import type { Catalogue, DeepCheck, FlowDocument, Problem } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'

export interface ProblemState {
  list: readonly Problem[]
  /** The revision of the document that they are of. */
  revision: number
  /** Whether an engine has said what it finds in that revision. */
  deep: boolean
}

const kQuietMs = 150

/** Follows a document; `dispose` ends it. */
export class ProblemStore {
  readonly store: StoreApi<ProblemState> = createStore<ProblemState>(() => ({ list: [], revision: -1, deep: false }))
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly stop: () => void
  private disposed = false
  private readonly others = new Map<string, readonly Problem[]>()

  constructor(
    private readonly document: FlowDocument,
    private readonly catalogue: Catalogue,
    private deepCheck: DeepCheck | undefined
  ) {
    this.look()
    this.stop = document.subscribe(() => {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => {
        this.look()
      }, kQuietMs)
    })
  }

  /** Who looks deeper from now on. */
  useCheck(check: DeepCheck | undefined): void {
    this.deepCheck = check
    this.look()
  }

  /** Looks once more: what it looks with has changed. */
  again(): void {
    this.look()
  }

  /** Shows these beside what is found in the document, such as alerts of a live run; empty: none any more. `from`: who tells them. */
  showOthers(others: readonly Problem[], from = ''): void {
    const { list, revision, deep } = this.store.getState()
    const before = new Set(this.allOthers())
    this.others.set(from, others)
    const own = list.filter((problem) => !before.has(problem))
    this.store.setState({ list: [...own, ...this.allOthers()], revision, deep })
  }

  dispose(): void {
    this.disposed = true
    clearTimeout(this.timer)
    this.stop()
  }

  private allOthers(): readonly Problem[] {
    return [...this.others.values()].flat()
  }

  private look(): void {
    const { revision } = this.document
    const problems: readonly Problem[] = validate(this.document, { catalogue: this.catalogue })
    this.store.setState({ list: [...problems, ...this.allOthers()], revision, deep: false })
    const check = this.deepCheck
    if (check === undefined) return
    check(this.document.text()).then(
      (found) => {
        if (this.disposed || this.document.revision !== revision) return
        this.store.setState({ list: [...merged(problems, found), ...this.allOthers()], revision, deep: true })
      },
      () => {
        // Without an engine the immediate ones stand.
      }
    )
  }
}

/** What both found is said once. */
function merged(first: readonly Problem[], second: readonly Problem[]): readonly Problem[] {
  const seen = new Set(second.map((problem) => `${problem.pointer} ${problem.code}`))
  return [...second, ...first.filter((problem) => !seen.has(`${problem.pointer} ${problem.code}`))]
}
