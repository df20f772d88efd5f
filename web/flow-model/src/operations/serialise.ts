// Operations as text and back: exact to the last digit, and strict with what came from elsewhere.
import { kElementKinds } from '../document/elements.ts'
import { parseJson } from '../json/parse.ts'
import { writeJson } from '../json/text.ts'
import { isList, isNumber, isObject } from '../json/value.ts'
import type { Json, JsonNumber, JsonObject } from '../json/value.ts'
import type { Operation, PlaceOperation } from './operation.ts'

/** The operation as a JSON object with the same members. */
export function operationToJson(operation: Operation): JsonObject {
  const made = new Map<string, Json>()
  for (const [key, value] of Object.entries(operation)) if (value !== undefined) made.set(key, value as Json)
  return made
}

function texts(value: Json | undefined): string[] | undefined {
  if (!isList(value) || !value.every((item) => typeof item === 'string')) return undefined
  return [...value]
}

function numbers(value: Json | undefined, length: number): (JsonNumber | null)[] | undefined {
  if (!isList(value) || value.length !== length) return undefined
  const found = value.filter((item): item is JsonNumber | null => item === null || isNumber(item))
  return found.length === length ? found : undefined
}

function placeOf(kind: string, value: JsonObject): Operation | undefined {
  const ids = texts(value.get('ids'))
  if (ids === undefined || kind === 'edges') return undefined
  const made: PlaceOperation = { op: 'place', kind: kind as PlaceOperation['kind'], ids }
  for (const part of ['x', 'y', 'width', 'height'] as const) {
    if (!value.has(part)) continue
    const given = numbers(value.get(part), ids.length)
    if (given === undefined) return undefined
    made[part] = given
  }
  return made
}

function setOf(op: 'set' | 'unset', kind: Kind | 'flow', id: string, value: JsonObject): Operation | undefined {
  const path = value.get('path')
  const to = value.get('value')
  const at = value.get('at')
  const expected = value.get('expect')
  if (typeof path !== 'string' || (op === 'set' && to === undefined)) return undefined
  const first = isList(expected) ? expected[0] : undefined
  const expect: { expect?: [] | [Json] } = isList(expected) ? { expect: first === undefined ? [] : [first] } : {}
  if (op === 'unset' || to === undefined) return { op: 'unset', kind, id, path, ...expect }
  return { op, kind, id, path, value: to, ...(typeof at === 'number' ? { at } : {}), ...expect }
}

type Kind = (typeof kElementKinds)[number]

/** Undefined if the value is no operation. */
export function operationFromJson(value: Json): Operation | undefined {
  if (!isObject(value)) return undefined
  const op = value.get('op')
  const kind = kElementKinds.find((name) => name === value.get('kind'))
  const id = value.get('id')
  const loose = value.get('loose') === true ? ({ loose: true } as const) : {}
  if (op === 'set' || op === 'unset') {
    const target = value.get('kind') === 'flow' ? 'flow' : kind
    return target === undefined || typeof id !== 'string' ? undefined : setOf(op, target, id, value)
  }
  if (kind === undefined) return undefined
  if (op === 'place') return placeOf(kind, value)
  if (op === 'add') {
    const element = value.get('value')
    const after = value.get('after')
    const box = value.get('box')
    if (!isObject(element)) return undefined
    const behind = after === null || typeof after === 'string' ? { after } : {}
    return { op, kind, value: element, ...behind, ...(isObject(box) ? { box } : {}), ...loose }
  }
  if (typeof id !== 'string') return undefined
  const listed = value.get('listed') === true ? ({ listed: true } as const) : {}
  if (op === 'remove') return { op, kind, id, ...loose, ...listed }
  const to = value.get('to')
  return op === 'rename' && typeof to === 'string' ? { op, kind, id, to } : undefined
}

/** Operations on one line. */
export function operationsToText(operations: readonly Operation[]): string {
  return writeJson(operations.map(operationToJson))
}

/** Undefined if the text is none, or one of them is no operation. */
export function operationsFromText(text: string): Operation[] | undefined {
  const read = parseJson(text)
  return read.ok ? operationsFromJson(read.value) : undefined
}

/** The same of a value. */
export function operationsFromJson(value: Json | undefined): Operation[] | undefined {
  if (!isList(value)) return undefined
  const operations: Operation[] = []
  for (const item of value) {
    const operation = operationFromJson(item)
    if (operation === undefined) return undefined
    operations.push(operation)
  }
  return operations
}
