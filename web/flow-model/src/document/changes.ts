// What changed in a document, so that a view redraws only that.
import { kElementKinds } from './elements.ts'
import type { ElementKind } from './elements.ts'

/** Ids by what happened to them. A thing that was renamed went under its old id and came under its new one. */
export interface KindChanges {
  added: ReadonlySet<string>
  removed: ReadonlySet<string>
  /** Something in it has another value. */
  changed: ReadonlySet<string>
  /** It stands elsewhere, or has another size. */
  moved: ReadonlySet<string>
}

export interface Changes {
  /** Of the document, after the change; counts up by one. */
  revision: number
  kinds: Readonly<Record<ElementKind, KindChanges>>
  /** Top-level keys with another value: metadata, config, parameters, ports, dashboards and so on. */
  flow: ReadonlySet<string>
}

interface Sets {
  added: Set<string>
  removed: Set<string>
  changed: Set<string>
  moved: Set<string>
}

/** Gathers what several operations changed into one notice. */
export class ChangeCollector {
  private kinds = emptyKinds()
  private flow = new Set<string>()
  private any = false

  add(kind: ElementKind, id: string): void {
    const sets = this.touch(kind)
    if (sets.removed.delete(id)) sets.changed.add(id)
    else sets.added.add(id)
  }

  remove(kind: ElementKind, id: string): void {
    const sets = this.touch(kind)
    sets.changed.delete(id)
    sets.moved.delete(id)
    if (!sets.added.delete(id)) sets.removed.add(id)
  }

  change(kind: ElementKind, id: string): void {
    const sets = this.touch(kind)
    if (!sets.added.has(id)) sets.changed.add(id)
  }

  move(kind: ElementKind, id: string): void {
    const sets = this.touch(kind)
    if (!sets.added.has(id)) sets.moved.add(id)
  }

  changeFlow(key: string): void {
    this.any = true
    this.flow.add(key)
  }

  /** What was gathered, or undefined if that is nothing; the collector is empty then. */
  take(revision: number): Changes | undefined {
    if (!this.any) return undefined
    const changes: Changes = { revision, kinds: this.kinds, flow: this.flow }
    this.kinds = emptyKinds()
    this.flow = new Set()
    this.any = false
    return changes
  }

  private touch(kind: ElementKind): Sets {
    this.any = true
    return this.kinds[kind]
  }
}

function emptyKinds(): Record<ElementKind, Sets> {
  const make = (): Sets => ({ added: new Set(), removed: new Set(), changed: new Set(), moved: new Set() })
  return { nodes: make(), edges: make(), groups: make(), notes: make(), widgets: make() }
}

/** Every id that a kind's changes name. */
export function touched(changes: KindChanges): Set<string> {
  return new Set([...changes.added, ...changes.removed, ...changes.changed, ...changes.moved])
}

/** Whether nothing but places changed. */
export function onlyMoved(changes: Changes): boolean {
  if (changes.flow.size > 0) return false
  return kElementKinds.every((kind) => {
    const { added, removed, changed } = changes.kinds[kind]
    return added.size + removed.size + changed.size === 0
  })
}
