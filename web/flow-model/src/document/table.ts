// ElementTable: the elements of one list by id, in an order that a change of one does not touch.
import type { JsonObject } from '../json/value.ts'

export interface Entry {
  readonly id: string
  /** The element without its place; never changed, only replaced. */
  value: JsonObject
}

interface Link extends Entry {
  id: string
  before: Link | undefined
  after: Link | undefined
}

/** Finding, adding, removing and replacing take the same time whatever the number of elements. */
export class ElementTable {
  private readonly byId = new Map<string, Link>()
  private first: Link | undefined
  private last: Link | undefined
  private ordered: readonly Entry[] | undefined

  get size(): number {
    return this.byId.size
  }

  has(id: string): boolean {
    return this.byId.has(id)
  }

  get(id: string): JsonObject | undefined {
    return this.byId.get(id)?.value
  }

  /** In the order of the document; the same array until an element comes, goes or gets another id. */
  list(): readonly Entry[] {
    if (this.ordered !== undefined) return this.ordered
    const list: Entry[] = []
    for (let link = this.first; link !== undefined; link = link.after) list.push(link)
    this.ordered = list
    return list
  }

  ids(): IterableIterator<string> {
    return this.byId.keys()
  }

  /** The id of the element before this one; null of the first. */
  before(id: string): string | null {
    return this.byId.get(id)?.before?.id ?? null
  }

  /** Behind `after`; first if that is null, last if it is undefined or not there. The id is not taken. */
  add(id: string, value: JsonObject, after?: string | null): void {
    const link: Link = { id, value, before: undefined, after: undefined }
    const left = after === null ? undefined : ((after === undefined ? undefined : this.byId.get(after)) ?? this.last)
    const right = after === null ? this.first : left?.after
    link.before = left
    link.after = right
    if (left === undefined) this.first = link
    else left.after = link
    if (right === undefined) this.last = link
    else right.before = link
    this.byId.set(id, link)
    this.ordered = undefined
  }

  remove(id: string): void {
    const link = this.byId.get(id)
    if (link === undefined) return
    if (link.before === undefined) this.first = link.after
    else link.before.after = link.after
    if (link.after === undefined) this.last = link.before
    else link.after.before = link.before
    this.byId.delete(id)
    this.ordered = undefined
  }

  set(id: string, value: JsonObject): void {
    const link = this.byId.get(id)
    if (link !== undefined) link.value = value
  }

  rename(id: string, to: string, value: JsonObject): void {
    const link = this.byId.get(id)
    if (link === undefined) return
    this.byId.delete(id)
    link.id = to
    link.value = value
    this.byId.set(to, link)
  }
}
