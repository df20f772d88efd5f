// Does operations to a document, in time that depends on the operation and not on the document.
import { endOf } from '../document/ends.ts'
import { isPlaced, isRestKey } from '../document/flow-document.ts'
import { withoutPreset } from '../document/canonical.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { nullIsNothing, wrongElement, wrongMember } from './form.ts'
import { kParts } from '../document/places.ts'
import { keysOf, pointerOf, replaceAt, valueAt } from '../json/pointer.ts'
import { equalJson, isList, isObject, textMember } from '../json/value.ts'
import type { Json, JsonNumber, JsonObject } from '../json/value.ts'
import type {
  AddOperation,
  Operation,
  PlaceOperation,
  Refusal,
  RemoveOperation,
  RenameOperation,
  SetOperation,
  UnsetOperation
} from './operation.ts'

/** What undoes the operation, in order; or why it was not done. */
export type Applied = { done: true; inverse: Operation[] } | { done: false; refusal: Refusal }

function refused(operation: Operation, reason: Refusal['reason'], message: string): Applied {
  return { done: false, refusal: { operation, reason, message } }
}

const kThings = { nodes: 'node', edges: 'edge', groups: 'box', notes: 'note', widgets: 'widget' } as const

function article(kind: keyof typeof kThings): string {
  return `${kind === 'edges' ? 'an' : 'a'} ${kThings[kind]}`
}

/** The id under which an element is there now: its own, or that which it was given in place of it. */
function present(document: FlowDocument, kind: keyof typeof kThings, id: string): string | undefined {
  let at = id
  for (let steps = 0; steps < 100; ++steps) {
    if (document.tables[kind].has(at)) return at
    const next = document.renamed.get(`${kind}/${at}`)
    if (next === undefined) return undefined
    at = next
  }
  return undefined
}

function gone(operation: Operation, kind: keyof typeof kThings, id: string): Applied {
  return refused(operation, 'gone', `the ${kThings[kind]} '${id}' is not there any more`)
}

function withPresentEnds(document: FlowDocument, edge: JsonObject): JsonObject {
  let made = edge
  for (const side of ['source', 'target'] as const) {
    const named = endOf(edge, side).node
    const there = present(document, 'nodes', named)
    if (there === undefined || there === named) continue
    made = replaceAt(made, [side, 'node'], there)?.value as JsonObject
  }
  return made
}

function add(document: FlowDocument, operation: AddOperation): Applied {
  const { kind, after, box, loose } = operation
  const id = textMember(operation.value, 'id')
  if (id === '') return refused(operation, 'wrong', `${article(kind)} needs an id`)
  if (document.tables[kind].has(id)) return refused(operation, 'taken', `there is ${article(kind)} '${id}' already`)
  const wrong = wrongElement(kind, operation.value)
  if (wrong !== '') return refused(operation, 'wrong', wrong)
  let value = isPlaced(kind) ? operation.value : withoutPreset(operation.value)
  if (kind === 'edges') {
    if (loose !== true) value = withPresentEnds(document, value)
    for (const side of ['source', 'target'] as const) {
      const { node } = endOf(value, side)
      if (loose !== true && !document.tables.nodes.has(node))
        return refused(operation, 'gone', `the node '${node}' of the edge '${id}' is not there any more`)
    }
  }
  const wasEmpty = document.isListed(kind) && document.tables[kind].size === 0
  document.setListed(kind, true)
  document.tables[kind].add(id, value, after)
  document.renamed.delete(`${kind}/${id}`)
  if (isPlaced(kind)) {
    if (box !== undefined) document.places[kind].setBox(id, box)
  } else {
    document.wire(id, value)
  }
  document.changes.add(kind, id)
  const dangles = kind === 'nodes' && document.edgesAt(id).size > 0
  const loosely = dangles ? ({ loose: true } as const) : {}
  return { done: true, inverse: [{ op: 'remove', kind, id, ...loosely, ...(wasEmpty ? { listed: true } : {}) }] }
}

function addAgain(document: FlowDocument, kind: RemoveOperation['kind'], id: string): AddOperation {
  const table = document.tables[kind]
  const value = table.get(id) ?? new Map<string, Json>()
  const made: AddOperation = { op: 'add', kind, value, after: table.before(id) }
  if (isPlaced(kind)) {
    const box = document.places[kind].boxOf(id)
    if (box.size > 0) made.box = box
    return made
  }
  const dangles = (['source', 'target'] as const).some((side) => !document.tables.nodes.has(endOf(value, side).node))
  if (dangles) made.loose = true
  return made
}

function takeOut(document: FlowDocument, kind: RemoveOperation['kind'], id: string): void {
  if (isPlaced(kind)) document.places[kind].remove(id)
  else document.unwire(id, document.tables[kind].get(id) ?? new Map())
  document.tables[kind].remove(id)
  document.changes.remove(kind, id)
}

function remove(document: FlowDocument, operation: RemoveOperation): Applied {
  const { kind, loose } = operation
  const id = present(document, kind, operation.id)
  if (id === undefined) return gone(operation, kind, operation.id)
  const inverse: Operation[] = []
  if (kind === 'nodes' && loose !== true) {
    for (const edge of [...document.edgesAt(id)]) {
      inverse.unshift(addAgain(document, 'edges', edge))
      takeOut(document, 'edges', edge)
    }
  }
  inverse.unshift(addAgain(document, kind, id))
  takeOut(document, kind, id)
  if (document.tables[kind].size === 0 && operation.listed !== true) document.setListed(kind, false)
  return { done: true, inverse }
}

/** The keys of a path in this value, `=name` and `-` replaced by indexes; undefined if an element is not there. */
export function resolvedKeys(value: Json | undefined, path: string): string[] | undefined {
  const keys = keysOf(path)
  if (keys === undefined) return undefined
  let at = value
  const resolved: string[] = []
  for (const key of keys) {
    let step = key
    if (isList(at)) {
      if (key === '-') step = String(at.length)
      if (key.startsWith('=')) {
        const name = key.slice(1)
        const index = at.findIndex((element) => ['id', 'name', 'widget'].some((by) => textMember(element, by) === name))
        if (index < 0) return undefined
        step = String(index)
      }
    }
    resolved.push(step)
    at = valueAt(at, [step])
  }
  return resolved
}

/** What undoes the change of one value. Objects that were made on the way go with it. */
function inverseOf(
  operation: SetOperation | UnsetOperation,
  next: Json | undefined,
  id: string,
  whole: Json,
  keys: readonly string[],
  before: Json | undefined,
  at: number | undefined
): Operation {
  const { kind } = operation
  const now = next === undefined ? ([] as const) : ([next] as const)
  if (before !== undefined && !(operation.op === 'set' && inserts(operation, whole, keys))) {
    const place = next === undefined && at !== undefined ? { at } : {}
    // Where an element of a list was there is another one by now.
    const expect = next === undefined && isList(valueAt(whole, keys.slice(0, -1))) ? {} : { expect: now }
    return { op: 'set', kind, id, path: pointerOf(keys), value: before, ...place, ...expect }
  }
  let length = 1
  while (length < keys.length && valueAt(whole, keys.slice(0, length)) !== undefined) ++length
  const path = pointerOf(keys.slice(0, length))
  return length === keys.length ? { op: 'unset', kind, id, path, expect: now } : { op: 'unset', kind, id, path }
}

/** Whether a value comes between the elements of a list. */
function inserts(operation: SetOperation, whole: Json, keys: readonly string[]): boolean {
  return operation.at !== undefined && isList(valueAt(whole, keys.slice(0, -1)))
}

function set(document: FlowDocument, operation: SetOperation | UnsetOperation): Applied {
  const { kind, path } = operation
  const id = kind === 'flow' ? operation.id : present(document, kind, operation.id)
  if (id === undefined)
    return kind === 'flow' ? refused(operation, 'wrong', 'no target') : gone(operation, kind, operation.id)
  const whole: JsonObject | undefined = kind === 'flow' ? document.root : document.tables[kind].get(id)
  const keys = resolvedKeys(whole, path)
  const where = kind === 'flow' ? path : `${path} of the ${kThings[kind]} '${id}'`
  if (whole === undefined || keys === undefined) return refused(operation, 'gone', `${where} is not there any more`)
  const [first] = keys
  const forbidden = kind === 'flow' ? !isOfRest(keys, operation.op) : first === undefined || first === 'id'
  if (forbidden || isPlacedKey(kind, first)) return refused(operation, 'wrong', `'${path}' is not changed in this way`)
  const current = valueAt(whole, keys)
  const { expect } = operation
  if (expect !== undefined && !(expect.length === 0 ? current === undefined : equalJson(current, expect[0])))
    return refused(operation, 'changed', `${where} was changed meanwhile`)
  const next =
    operation.op === 'set' && !(operation.value === null && nullIsNothing(kind, keys)) ? operation.value : undefined
  if (operation.op === 'set' && next === undefined && current === undefined) return { done: true, inverse: [] }
  if (operation.op === 'unset' && current === undefined)
    return refused(operation, 'gone', `${where} is not there any more`)
  const replaced = replaceAt(whole, keys, next, operation.op === 'set' ? operation.at : undefined)
  if (replaced === undefined || !isObject(replaced.value))
    return refused(operation, 'gone', `there is no place '${path}' any more`)
  const wrong = wrongMember(kind, first ?? '', replaced.value.get(first ?? ''))
  if (wrong !== '') return refused(operation, 'wrong', wrong)
  const inverse = inverseOf(operation, next, id, whole, keys, replaced.before, replaced.at)
  if (kind === 'flow') {
    document.setRest(replaced.value)
    document.changes.changeFlow(first ?? '')
  } else {
    if (kind === 'edges') document.unwire(id, whole)
    document.tables[kind].set(id, replaced.value)
    if (kind === 'edges') document.wire(id, replaced.value)
    document.changes.change(kind, id)
  }
  return { done: true, inverse: [inverse] }
}

/** Whether these keys lead to what is no element and no place. */
function isOfRest(keys: readonly string[], op: 'set' | 'unset'): boolean {
  const [first, second] = keys
  if (first === undefined || !isRestKey(first)) return false
  return first !== 'layout' || (second === undefined ? op === 'unset' : isRestKey(second))
}

function isPlacedKey(kind: SetOperation['kind'], key: string | undefined): boolean {
  return kind === 'edges' ? key === 'preset' : kind !== 'flow' && (key === 'position' || key === 'size')
}

function place(document: FlowDocument, operation: PlaceOperation): Applied {
  const { kind, ids } = operation
  const places = document.places[kind]
  const table = document.tables[kind]
  const there: string[] = []
  const before: Record<string, (JsonNumber | null)[]> = {}
  const given = kParts.filter((part) => operation[part] !== undefined)
  for (const part of given) before[part] = []
  ids.forEach((named, index) => {
    const id = table.has(named) ? named : present(document, kind, named)
    if (id === undefined) return
    there.push(id)
    for (const part of given) {
      before[part]?.push(places.written(id, part) ?? null)
      const value = operation[part]?.[index]
      if (value !== undefined) places.set(id, part, Object.is(value, -0) ? 0 : value)
    }
    document.changes.move(kind, id)
  })
  if (there.length === 0) return gone(operation, kind, ids[0] ?? '')
  // Of a thing that is named twice the first number is the one to go back to.
  for (const part of given) before[part]?.reverse()
  return { done: true, inverse: [{ op: 'place', kind, ids: there.reverse(), ...before }] }
}

function rename(document: FlowDocument, operation: RenameOperation): Applied {
  const { kind, to } = operation
  const id = present(document, kind, operation.id)
  if (id === undefined) return gone(operation, kind, operation.id)
  if (id === to) return { done: true, inverse: [] }
  const table = document.tables[kind]
  if (to === '') return refused(operation, 'wrong', `${article(kind)} needs an id`)
  if (table.has(to)) return refused(operation, 'taken', `there is ${article(kind)} '${to}' already`)
  const value = table.get(id) ?? new Map<string, Json>()
  if (kind === 'edges') document.unwire(id, value)
  const renamed = new Map<string, Json>([...value].map(([key, member]) => [key, key === 'id' ? to : member]))
  table.rename(id, to, renamed)
  if (isPlaced(kind)) document.places[kind].rename(id, to)
  else document.wire(to, renamed)
  document.renamed.delete(`${kind}/${to}`)
  document.renamed.set(`${kind}/${id}`, to)
  document.changes.remove(kind, id)
  document.changes.add(kind, to)
  return { done: true, inverse: [{ op: 'rename', kind, id: to, to: id }] }
}

/** Does one operation, and does not notify. Never throws: what cannot be done is told. */
export function applyOperation(document: FlowDocument, operation: Operation): Applied {
  switch (operation.op) {
    case 'add':
      return add(document, operation)
    case 'remove':
      return remove(document, operation)
    case 'set':
    case 'unset':
      return set(document, operation)
    case 'place':
      return place(document, operation)
    case 'rename':
      return rename(document, operation)
  }
}

export interface Outcome {
  /** What undoes all that was done, in order. */
  inverse: Operation[]
  refusals: Refusal[]
  done: Operation[]
}

/** Does operations in order, those that can be done, and tells the document's listeners once. */
export function applyOperations(document: FlowDocument, operations: readonly Operation[]): Outcome {
  const outcome: Outcome = { inverse: [], refusals: [], done: [] }
  const inverses: Operation[][] = []
  for (const operation of operations) {
    const applied = applyOperation(document, operation)
    if (!applied.done) {
      outcome.refusals.push(applied.refusal)
      continue
    }
    inverses.push(applied.inverse)
    outcome.done.push(operation)
  }
  outcome.inverse = inverses.reverse().flat()
  document.notify()
  return outcome
}
