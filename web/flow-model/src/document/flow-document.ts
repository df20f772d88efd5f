// FlowDocument: one flow as an editor works on it. It is changed by operations only (src/operations).
import { isList, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { compareText } from '../json/text.ts'
import { boxOf, kPlacedLists, orderedObject, withoutPreset } from './canonical.ts'
import type { PlacedList } from './canonical.ts'
import { ChangeCollector } from './changes.ts'
import type { Changes } from './changes.ts'
import { kElementKinds, readEdge, readGroup, readNode, readNote, readWidget } from './elements.ts'
import type { ElementKind, FlowEdge, FlowGroup, FlowNode, FlowNote, FlowWidget } from './elements.ts'
import { formatCanonical } from './format.ts'
import { Places } from './places.ts'
import { edgeShape, flowShape, groupShape, nodeShape, noteShape, widgetShape } from './shape.ts'
import type { Shape } from './shape.ts'
import { ElementTable } from './table.ts'

const kLists: ReadonlySet<string> = new Set(kElementKinds)

export function isPlaced(kind: ElementKind): kind is PlacedList {
  return kind !== 'edges'
}

/** Keys of a document that are no elements are its `rest`; its `layout` holds no places. */
export function isRestKey(key: string): boolean {
  return !kLists.has(key)
}

/** What of the layout is no place. */
export function layoutRestOf(root: JsonObject): JsonObject {
  const layout = root.get('layout')
  const rest = new Map<string, Json>(isObject(layout) ? layout : [])
  for (const kind of kPlacedLists) rest.delete(kind)
  return rest
}

function withoutPlace(item: JsonObject): JsonObject {
  if (!item.has('position') && !item.has('size')) return item
  const made = new Map(item)
  made.delete('position')
  made.delete('size')
  return made
}

export class FlowDocument {
  /** The elements of each list, without their places. */
  readonly tables: Readonly<Record<ElementKind, ElementTable>>
  readonly places: Readonly<Record<PlacedList, Places>>
  /** What operations change within one notice. */
  readonly changes = new ChangeCollector()
  /** Ids that were given up for others, by kind: what still names the old one means the new one. */
  readonly renamed = new Map<string, string>()
  private rest: JsonObject
  private readonly listed = new Set<string>()
  private readonly edgeIds = new Map<string, Set<string>>()
  private readonly listeners = new Set<(changes: Changes) => void>()
  private readonly watchers = new Map<string, Set<() => void>>()
  private count = 0
  private written: { revision: number; text: string } | undefined

  /** Of a document that has the form of one and whose elements have ids of their own (see openFlow). */
  constructor(root: JsonObject) {
    this.tables = { nodes: table(), edges: table(), groups: table(), notes: table(), widgets: table() }
    this.places = { nodes: new Places(), groups: new Places(), notes: new Places(), widgets: new Places() }
    const rest = new Map<string, Json>()
    for (const [key, value] of root) if (isRestKey(key)) rest.set(key, value)
    this.rest = rest
    const layout = root.get('layout')
    for (const kind of kElementKinds) this.read(kind, root.get(kind), memberOf(layout, kind))
    const layoutRest = layoutRestOf(root)
    if (layoutRest.size > 0) rest.set('layout', layoutRest)
    else rest.delete('layout')
  }

  private read(kind: ElementKind, list: Json | undefined, layout: Json | undefined): void {
    if (!isList(list)) return
    this.listed.add(kind)
    for (const item of list) {
      if (!isObject(item)) continue
      const id = textMember(item, 'id')
      if (this.tables[kind].has(id)) continue
      const element = isPlaced(kind) ? withoutPlace(item) : withoutPreset(item)
      this.tables[kind].add(id, element)
      if (isPlaced(kind)) this.places[kind].setBox(id, boxOf(item, memberOf(layout, id)))
      else this.wire(id, element)
    }
  }

  /** Counts the changes; the same number means the same document. */
  get revision(): number {
    return this.count
  }

  get id(): string {
    return textMember(this.rest, 'id')
  }

  /** Everything but elements and layout: id, version, metadata, config, parameters, ports, dashboards, alerts, x-. */
  get root(): JsonObject {
    return this.rest
  }

  node(id: string): FlowNode | undefined {
    return read(this.tables.nodes.get(id), readNode)
  }
  edge(id: string): FlowEdge | undefined {
    return read(this.tables.edges.get(id), readEdge)
  }
  group(id: string): FlowGroup | undefined {
    return read(this.tables.groups.get(id), readGroup)
  }
  note(id: string): FlowNote | undefined {
    return read(this.tables.notes.get(id), readNote)
  }
  widget(id: string): FlowWidget | undefined {
    return read(this.tables.widgets.get(id), readWidget)
  }
  /** In the order of the document. */
  nodes(): FlowNode[] {
    return this.tables.nodes.list().map((entry) => readNode(entry.value))
  }
  edges(): FlowEdge[] {
    return this.tables.edges.list().map((entry) => readEdge(entry.value))
  }

  /** The ids of the edges at a node, both ways, also of a node that is not there. */
  edgesAt(node: string): ReadonlySet<string> {
    return this.edgeIds.get(node) ?? kNone
  }
  edgesInto(node: string): FlowEdge[] {
    return this.edgesOf(node).filter((edge) => edge.target.node === node)
  }
  edgesOutOf(node: string): FlowEdge[] {
    return this.edgesOf(node).filter((edge) => edge.source.node === node)
  }

  private edgesOf(node: string): FlowEdge[] {
    const found: FlowEdge[] = []
    for (const id of this.edgesAt(node)) {
      const edge = this.edge(id)
      if (edge !== undefined) found.push(edge)
    }
    return found
  }

  /** The whole document as a value, its places in a layout. */
  toJson(): JsonObject {
    const root = new Map<string, Json>(this.rest)
    const layoutRest = this.rest.get('layout')
    const layout = new Map<string, Json>(isObject(layoutRest) ? layoutRest : [])
    for (const kind of kElementKinds) {
      const list = this.tables[kind].list()
      if (!this.isListed(kind)) continue
      root.set(
        kind,
        list.map((entry) => entry.value)
      )
      if (!isPlaced(kind)) continue
      const places = new Map<string, Json>()
      for (const { id } of list) {
        const box = this.places[kind].boxOf(id)
        if (box.size > 0) places.set(id, box)
      }
      if (places.size > 0) layout.set(kind, places)
    }
    if (layout.size > 0) root.set('layout', layout)
    return root
  }

  /** The document as canonicalFlow gives it; what did not change is the same object as before. */
  private canonical(): JsonObject {
    const root = new Map(this.toJson())
    const layout = root.get('layout')
    root.delete('layout')
    for (const kind of kElementKinds) {
      const list = root.get(kind)
      if (isList(list)) root.delete(kind)
    }
    const rest = orderedObject(root, flowShape)
    const made = new Map<string, Json>()
    for (const { name } of flowShape.keys) {
      const kind = kElementKinds.find((each) => each === name)
      const value = kind === undefined ? memberOf(rest, name) : this.orderedList(kind)
      if (value !== undefined) made.set(name, value)
    }
    // Keys of one's own come behind, and the layout is the last.
    if (isObject(rest)) for (const [key, value] of rest) if (!made.has(key)) made.set(key, value)
    if (isObject(layout)) made.set('layout', orderedLayout(layout))
    return made
  }

  private orderedList(kind: ElementKind): Json | undefined {
    if (!this.isListed(kind)) return undefined
    return this.tables[kind].list().map(({ value }) => {
      const known = kOrdered.get(value)
      if (known !== undefined) return known
      const ordered = orderedObject(value, kShapes[kind])
      kOrdered.set(value, ordered)
      return ordered
    })
  }

  /** The canonical text, as `weir fmt` writes it; made once for each revision. */
  text(): string {
    if (this.written?.revision !== this.count)
      this.written = { revision: this.count, text: formatCanonical(this.canonical()) }
    return this.written.text
  }

  /** Calls `listener` after each change, with all that it changed. Gives what ends that. */
  subscribe(listener: (changes: Changes) => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Calls `listener` after each change of one element or of its place. Gives what ends that. */
  watch(kind: ElementKind, id: string, listener: () => void): () => void {
    const key = `${kind}/${id}`
    const watching = this.watchers.get(key) ?? new Set()
    this.watchers.set(key, watching.add(listener))
    return () => {
      watching.delete(listener)
      if (watching.size === 0 && this.watchers.get(key) === watching) this.watchers.delete(key)
    }
  }

  /** Tells of what was changed since the last notice. For who applies operations. */
  notify(): Changes | undefined {
    const changes = this.changes.take(this.count + 1)
    if (changes === undefined) return undefined
    ++this.count
    for (const listener of [...this.listeners]) listener(changes)
    if (this.watchers.size > 0) this.tellWatchers(changes)
    return changes
  }

  private tellWatchers(changes: Changes): void {
    for (const kind of kElementKinds) {
      const { added, removed, changed, moved } = changes.kinds[kind]
      for (const ids of [added, removed, changed, moved]) {
        for (const id of ids) for (const listener of [...(this.watchers.get(`${kind}/${id}`) ?? [])]) listener()
      }
    }
  }

  /** Whether the document has this list, be it empty. */
  isListed(kind: ElementKind): boolean {
    return this.listed.has(kind) || this.tables[kind].size > 0
  }

  /** Has the document have this list, or not have it once it is empty. For operations. */
  setListed(kind: ElementKind, listed: boolean): void {
    if (listed || kind === 'nodes' || kind === 'edges') this.listed.add(kind)
    else this.listed.delete(kind)
  }

  /** Replaces what is no element. For operations. */
  setRest(rest: JsonObject): void {
    this.rest = rest
  }

  /** Enters an edge at its two nodes, or takes it out there. For operations. */
  wire(id: string, edge: JsonObject): void {
    for (const node of endsOf(edge)) {
      const ids = this.edgeIds.get(node)
      if (ids === undefined) this.edgeIds.set(node, new Set([id]))
      else ids.add(id)
    }
  }
  unwire(id: string, edge: JsonObject): void {
    for (const node of endsOf(edge)) {
      const ids = this.edgeIds.get(node)
      ids?.delete(id)
      if (ids?.size === 0) this.edgeIds.delete(node)
    }
  }
}

const kShapes: Record<ElementKind, Shape> = {
  nodes: nodeShape,
  edges: edgeShape,
  groups: groupShape,
  notes: noteShape,
  widgets: widgetShape
}

/** Elements with their members in order. */
const kOrdered = new WeakMap<JsonObject, Json>()

/** Places have their members in order already. */
function orderedLayout(layout: JsonObject): JsonObject {
  const kinds = kPlacedLists.filter((kind) => layout.has(kind))
  const own = [...layout.keys()].filter((key) => !kLists.has(key)).sort(compareText)
  return new Map([...kinds, ...own].map((key) => [key, layout.get(key) ?? null]))
}

const kNone: ReadonlySet<string> = new Set()

function table(): ElementTable {
  return new ElementTable()
}

function read<T>(value: JsonObject | undefined, reader: (value: JsonObject) => T): T | undefined {
  return value === undefined ? undefined : reader(value)
}

function endsOf(edge: JsonObject): string[] {
  return [textMember(edge.get('source'), 'node'), textMember(edge.get('target'), 'node')]
}
