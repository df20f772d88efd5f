// Two that worked on one flow: what both did made one, and what the person has to choose.
import {
  equalJson,
  findPointer,
  FlowDocument,
  keysOf,
  mergeFlows,
  openFlow,
  operationsTo,
  parseJson
} from '@weir/flow-model'
import { applyOperations, pointerOf } from '@weir/flow-model'
import type { FlowMerge, Json, JsonObject, MergeConflict, Operation } from '@weir/flow-model'

export type Side = 'ours' | 'theirs'

/** A conflict as it is asked about. */
export interface OpenConflict {
  conflict: MergeConflict
  /** Chosen by itself: one value of one field. Others are of the form of the flow, and one choice holds for all of them. */
  field: boolean
}

/** The value of a text; an empty document if it is none. */
export function rootOf(text: string): Json {
  const read = parseJson(text)
  return read.ok ? read.value : new Map<string, Json>()
}

/** Merges texts: `base` is what both began with. */
export function mergeTexts(base: string, ours: string, theirs: string): FlowMerge {
  return mergeFlows(rootOf(base), rootOf(ours), rootOf(theirs))
}

/** What of a merge has to be asked. */
export function conflictsOf(merge: FlowMerge): OpenConflict[] {
  return merge.conflicts.map((conflict) => {
    const there = findPointer(merge.root, conflict.pointer)
    const { kind, ours, theirs } = conflict
    const field = kind === 'changed' && ours !== undefined && theirs !== undefined && equalJson(there, ours)
    return { conflict, field }
  })
}

/** The operation that has a field of `merge.root` say something, wherever its element stands in another document. */
function operationAt(root: JsonObject, pointer: string, value: Json): Operation {
  const [list = '', index = '', ...rest] = keysOf(pointer) ?? []
  const element = findPointer(root, pointerOf([list, index]))
  const id = element instanceof Map ? (element.get('id') as Json | undefined) : undefined
  if (
    (list === 'nodes' || list === 'edges' || list === 'groups' || list === 'notes' || list === 'widgets') &&
    typeof id === 'string'
  )
    return { op: 'set', kind: list, id, path: pointerOf(rest), value }
  return { op: 'set', kind: 'flow', id: '', path: pointer, value }
}

/**
 * The merged document with what was chosen for each conflict, by its `where`; ours where nothing was. Conflicts of the
 * form of the flow follow the choice of the first of them.
 */
export function settled(merge: FlowMerge, choices: ReadonlyMap<string, Side>): Json {
  const open = conflictsOf(merge)
  const sideOf = (one: OpenConflict): Side => choices.get(one.conflict.where) ?? 'ours'
  const form = open.find((one) => !one.field)
  const side = form === undefined ? 'ours' : sideOf(form)
  const opened = openFlow(side === 'ours' ? merge.text : merge.theirs)
  const document = opened.state === 'open' ? opened.document : new FlowDocument(merge.root)
  const operations = open
    .filter((one) => one.field && sideOf(one) !== side)
    .map(({ conflict }) => {
      const value = side === 'ours' ? conflict.theirs : conflict.ours
      return operationAt(merge.root, conflict.pointer, value ?? null)
    })
  applyOperations(document, operations)
  return document.toJson()
}

/** What brings `document` to a merged one. */
export function stepsTo(document: FlowDocument, root: Json): Operation[] {
  return operationsTo(document, root)
}
