// Selection: what is chosen and what has the focus. It is personal, and never in the document.
import type { ElementKind } from '../document/elements.ts'
import type { FlowDocument } from '../document/flow-document.ts'

export interface Chosen {
  kind: ElementKind
  id: string
}

/** Follows the document: what goes is no longer chosen, what gets another id in one gesture is. */
export class Selection {
  private readonly chosen: Record<ElementKind, Set<string>> = {
    nodes: new Set(),
    edges: new Set(),
    groups: new Set(),
    notes: new Set(),
    widgets: new Set()
  }
  private readonly listeners = new Set<() => void>()
  private focused: Chosen | undefined
  private readonly stop: () => void

  constructor(private readonly document: FlowDocument) {
    this.stop = document.subscribe(({ kinds }) => {
      let changed = false
      for (const kind of Object.keys(this.chosen) as ElementKind[]) {
        for (const id of kinds[kind].removed) {
          const to = document.renamed.get(`${kind}/${id}`)
          const there = to !== undefined && document.tables[kind].has(to) ? to : undefined
          if (this.chosen[kind].delete(id)) {
            changed = true
            if (there !== undefined) this.chosen[kind].add(there)
          }
          if (this.focused?.kind === kind && this.focused.id === id) {
            changed = true
            this.focused = there === undefined ? undefined : { kind, id: there }
          }
        }
      }
      if (changed) this.tell()
    })
  }

  dispose(): void {
    this.stop()
  }

  get focus(): Chosen | undefined {
    return this.focused
  }
  ids(kind: ElementKind): ReadonlySet<string> {
    return this.chosen[kind]
  }
  has(kind: ElementKind, id: string): boolean {
    return this.chosen[kind].has(id)
  }
  get size(): number {
    return Object.values(this.chosen).reduce((sum, ids) => sum + ids.size, 0)
  }

  /** Chooses these and nothing else. The last has the focus. */
  set(things: readonly Chosen[]): void {
    for (const ids of Object.values(this.chosen)) ids.clear()
    this.add(things)
  }

  add(things: readonly Chosen[]): void {
    for (const { kind, id } of things) if (this.document.tables[kind].has(id)) this.chosen[kind].add(id)
    this.focused = things.at(-1) ?? this.focused
    this.tell()
  }

  /** With Ctrl: in if it was out, out if it was in. */
  toggle({ kind, id }: Chosen): void {
    if (!this.chosen[kind].delete(id)) this.chosen[kind].add(id)
    this.focused = { kind, id }
    this.tell()
  }

  clear(): void {
    this.focused = undefined
    this.set([])
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener()
  }
}
