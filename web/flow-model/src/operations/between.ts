// The operations that make one document of another: for versions that come from elsewhere, as a merge or a file does.
import { canonicalFlow } from '../document/canonical.ts'
import { kElementKinds } from '../document/elements.ts'
import type { ElementKind } from '../document/elements.ts'
import { isPlaced, isRestKey, layoutRestOf } from '../document/flow-document.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { kParts } from '../document/places.ts'
import type { Part } from '../document/places.ts'
import { writeJson } from '../json/text.ts'
import { isList, isNumber, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonNumber, JsonObject } from '../json/value.ts'
import { changedMembers } from './edits.ts'
import type { Operation, PlaceOperation } from './operation.ts'

function same(a: Json, b: Json): boolean {
  return a === b || writeJson(a) === writeJson(b)
}

function elementsOf(root: JsonObject, kind: ElementKind): Map<string, JsonObject> {
  const list = root.get(kind)
  const found = new Map<string, JsonObject>()
  if (isList(list)) for (const item of list) if (isObject(item)) found.set(textMember(item, 'id'), item)
  return found
}

function boxOf(layout: Json | undefined, id: string): JsonObject | undefined {
  const box = memberOf(layout, id)
  return isObject(box) ? box : undefined
}

function movesTo(document: FlowDocument, kind: PlaceOperation['kind'], layout: Json | undefined): Operation[] {
  const columns: Record<Part, (JsonNumber | null)[]> = { x: [], y: [], width: [], height: [] }
  const ids: string[] = []
  for (const { id } of document.tables[kind].list()) {
    const box = boxOf(layout, id)
    const wanted = kParts.map((part) => box?.get(part) ?? null)
    const differs = kParts.some((part, index) => {
      const now = document.places[kind].written(id, part) ?? null
      return !same(now, wanted[index] ?? null)
    })
    if (!differs) continue
    ids.push(id)
    kParts.forEach((part, index) => {
      const value = wanted[index]
      columns[part].push(isNumber(value) ? value : null)
    })
  }
  return ids.length === 0 ? [] : [{ op: 'place', kind, ids, ...columns }]
}

function elementChanges(document: FlowDocument, kind: ElementKind, root: JsonObject): Operation[] {
  const table = document.tables[kind]
  const wanted = elementsOf(root, kind)
  const layout = memberOf(root.get('layout'), kind)
  const operations: Operation[] = []
  for (const { id } of table.list()) if (!wanted.has(id)) operations.push({ op: 'remove', kind, id, loose: true })
  let after: string | null = null
  for (const [id, value] of wanted) {
    const before = table.get(id)
    if (before === undefined) {
      const box = isPlaced(kind) ? boxOf(layout, id) : undefined
      const loose = kind === 'edges' ? ({ loose: true } as const) : {}
      operations.push({ op: 'add', kind, value, after, ...(box === undefined ? {} : { box }), ...loose })
    } else if (!same(before, value)) {
      operations.push(...changedMembers(kind, id, '', before, value, same))
    }
    after = id
  }
  return operations
}

/** What makes `document` say what the canonical text of `root` says. The order of what is in both stays as it is. */
export function operationsTo(document: FlowDocument, root: Json): Operation[] {
  const wanted = canonicalFlow(root)
  const operations: Operation[] = []
  const rest = new Map([...wanted].filter(([key]) => isRestKey(key) && key !== 'layout'))
  const { root: now } = document
  const nowRest = new Map([...now].filter(([key]) => key !== 'layout'))
  operations.push(...changedMembers('flow', '', '', nowRest, rest, same))
  operations.push(...changedMembers('flow', '', '/layout', layoutRestOf(now), layoutRestOf(wanted), same))
  // Nodes first: edges go with theirs, and come to those that are there.
  for (const kind of kElementKinds) operations.push(...elementChanges(document, kind, wanted))
  for (const kind of kElementKinds) {
    if (isPlaced(kind)) operations.push(...movesTo(document, kind, memberOf(wanted.get('layout'), kind)))
  }
  return operations
}
