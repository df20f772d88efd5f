// A selection as text, for the clipboard, and back into any document with fresh ids.
import { isPlaced } from '../document/flow-document.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { kElementKinds } from '../document/elements.ts'
import type { ElementKind } from '../document/elements.ts'
import { boxOf } from '../document/canonical.ts'
import { parseJson } from '../json/parse.ts'
import { writeJson } from '../json/text.ts'
import { isList, isObject, memberOf, textMember, toNumber } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { wrongElement } from '../operations/form.ts'
import { FreshIds } from '../operations/names.ts'
import type { AddOperation, Operation } from '../operations/operation.ts'
import { removeNodes } from '../operations/edits.ts'

/** The member that says what the text is. */
export const kSelectionMark = 'weir-selection'

export type Selected = Partial<Record<ElementKind, Iterable<string>>>

/** Nodes, boxes, notes and widgets with their places, and the wires between the nodes, as JSON. */
export function copySelection(document: FlowDocument, selected: Selected): string {
  const made = new Map<string, Json>([[kSelectionMark, 1]])
  const nodes = new Set(selected.nodes ?? [])
  const edges = new Set<string>()
  for (const id of nodes) {
    for (const edge of document.edgesOutOf(id)) if (nodes.has(edge.target.node)) edges.add(edge.id)
  }
  for (const kind of kElementKinds) {
    const ids = new Set(kind === 'edges' ? edges : (selected[kind] ?? []))
    if (ids.size === 0) continue
    const list: Json[] = []
    for (const { id, value } of document.tables[kind].list()) {
      if (!ids.has(id)) continue
      const box = isPlaced(kind) ? document.places[kind].boxOf(id) : new Map<string, Json>()
      list.push(box.size === 0 ? value : new Map([...value, ['x-place', box] as const]))
    }
    made.set(kind, list)
  }
  return writeJson(made)
}

/** What takes a selection away: cutting is copying, then this. */
export function cutSelection(document: FlowDocument, selected: Selected): Operation[] {
  const operations: Operation[] = []
  const nodes = new Set(selected.nodes ?? [])
  for (const id of selected.edges ?? []) {
    const edge = document.edge(id)
    const goesAnyway = edge !== undefined && (nodes.has(edge.source.node) || nodes.has(edge.target.node))
    if (!goesAnyway) operations.push({ op: 'remove', kind: 'edges', id })
  }
  for (const kind of ['notes', 'widgets', 'groups'] as const)
    for (const id of selected[kind] ?? []) operations.push({ op: 'remove', kind, id })
  const removed = new Set(selected.widgets ?? [])
  const rest = removeNodes(document, [...nodes]).filter(
    (operation) => !(operation.op === 'remove' && operation.kind === 'widgets' && removed.has(operation.id))
  )
  return [...operations, ...rest]
}

export interface Pasted {
  operations: Operation[]
  /** The new ids, by kind. */
  ids: Record<ElementKind, string[]>
  /** What was not taken, and why. */
  skipped: string[]
}

function placeOf(item: JsonObject, layout: Json | undefined): JsonObject {
  const own = item.get('x-place')
  return isObject(own) ? own : boxOf(item, memberOf(layout, textMember(item, 'id')))
}

function bare(item: JsonObject): Map<string, Json> {
  const made = new Map(item)
  for (const key of ['x-place', 'position', 'size']) made.delete(key)
  return made
}

function withEnds(value: Map<string, Json>, nodes: ReadonlyMap<string, string>): Map<string, Json> | undefined {
  for (const side of ['source', 'target']) {
    const end = value.get(side)
    const to = nodes.get(textMember(end, 'node'))
    if (to === undefined || !isObject(end)) return undefined
    value.set(side, new Map(end).set('node', to))
  }
  return value
}

/**
 * The elements of a document or a copied selection as new ones: fresh ids, wires among them kept, wires to others left
 * out. `at` is where their upper left corner goes; without it they stand a little beside where they were.
 */
export function pasteElements(
  document: FlowDocument,
  from: JsonObject,
  at?: { x: number; y: number },
  ids: FreshIds = new FreshIds(document)
): Pasted {
  const pasted: Pasted = {
    operations: [],
    ids: { nodes: [], edges: [], groups: [], notes: [], widgets: [] },
    skipped: []
  }
  const layout = from.get('layout')
  const renamed: Record<string, Map<string, string>> = {}
  const boxes: { operation: AddOperation; box: JsonObject }[] = []
  for (const kind of ['groups', 'nodes', 'edges', 'notes', 'widgets'] as const) {
    const names = new Map<string, string>()
    renamed[kind] = names
    const list = from.get(kind)
    for (const item of isList(list) ? list : []) {
      if (!isObject(item)) continue
      const old = textMember(item, 'id')
      const box = placeOf(item, memberOf(layout, kind))
      const value = valueFor(kind, bare(item), renamed)
      const wrong = value === undefined ? '' : wrongElement(kind, value)
      if (value === undefined || wrong !== '') {
        if (wrong !== '') pasted.skipped.push(`${kind.slice(0, -1)} '${old}': ${wrong}`)
        continue
      }
      const id = kind === 'edges' ? ids.edge() : ids.id(kind, old)
      names.set(old, id)
      pasted.ids[kind].push(id)
      const operation: AddOperation = { op: 'add', kind, value: value.set('id', id) }
      pasted.operations.push(operation)
      if (isPlaced(kind)) boxes.push({ operation, box })
    }
  }
  moveTogether(boxes, at)
  return pasted
}

function valueFor(
  kind: ElementKind,
  value: Map<string, Json>,
  renamed: Readonly<Record<string, Map<string, string>>>
): Map<string, Json> | undefined {
  const nodes = renamed['nodes'] ?? new Map<string, string>()
  if (kind === 'edges') return withEnds(value, nodes)
  const parent = renamed['groups']?.get(textMember(value, 'parent'))
  if (parent === undefined) value.delete('parent')
  else value.set('parent', parent)
  const shown = textMember(value, 'node')
  if (kind === 'widgets' && shown !== '' && nodes.has(shown)) value.set('node', nodes.get(shown) ?? '')
  return value
}

function moveTogether(
  things: readonly { operation: AddOperation; box: JsonObject }[],
  at?: { x: number; y: number }
): void {
  const x = (box: JsonObject): number => toNumber(box.get('x')) ?? 0
  const y = (box: JsonObject): number => toNumber(box.get('y')) ?? 0
  let [left, top] = [Infinity, Infinity]
  for (const { box } of things) {
    left = Math.min(left, x(box))
    top = Math.min(top, y(box))
  }
  const by = at === undefined ? { x: 24, y: 24 } : { x: at.x - left, y: at.y - top }
  for (const { operation, box } of things)
    operation.box = new Map<string, Json>([...box, ['x', x(box) + by.x], ['y', y(box) + by.y]])
}

/** A copied selection as the value that pasteElements takes; undefined if the text is none. */
export function readSelection(text: string): JsonObject | undefined {
  if (!text.includes(kSelectionMark)) return undefined
  const read = parseJson(text)
  return read.ok && isObject(read.value) && read.value.get(kSelectionMark) === 1 ? read.value : undefined
}
