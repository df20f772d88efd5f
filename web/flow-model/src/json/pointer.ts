// JSON pointers (RFC 6901), and copies of values with one place changed.
import { isList, isObject } from './value.ts'
import type { Json, JsonObject } from './value.ts'

/** `pointer` + "/" + `key`, escaped. */
export function below(pointer: string, key: string | number): string {
  const text = String(key)
  const plain = !text.includes('~') && !text.includes('/')
  return `${pointer}/${plain ? text : text.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The keys of a pointer; undefined if it is none. */
export function keysOf(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The pointer of these keys. */
export function pointerOf(keys: readonly (string | number)[]): string {
  return keys.reduce<string>((pointer, key) => below(pointer, key), '')
}

function indexOf(key: string): number {
  return /^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : -1
}

/** What stands below `value` at these keys, or undefined. */
export function valueAt(value: Json | undefined, keys: readonly string[]): Json | undefined {
  let at = value
  for (const key of keys) {
    if (isObject(at)) at = at.get(key)
    else if (isList(at)) at = at[indexOf(key)]
    else return undefined
  }
  return at
}

/** What a pointer names, or undefined. */
export function findPointer(value: Json | undefined, pointer: string): Json | undefined {
  const keys = keysOf(pointer)
  return keys === undefined ? undefined : valueAt(value, keys)
}

/** What was there before a change of one place. `at` is the member's place among its neighbours. */
export interface Replaced {
  value: Json | undefined
  before: Json | undefined
  at: number | undefined
}

function withMember(object: JsonObject, key: string, value: Json | undefined, at?: number): JsonObject {
  if (value === undefined) {
    const rest = new Map(object)
    rest.delete(key)
    return rest
  }
  if (object.has(key) || at === undefined || at >= object.size) return new Map(object).set(key, value)
  const members = [...object]
  members.splice(at, 0, [key, value])
  return new Map(members)
}

function placeOf(object: JsonObject, key: string): number | undefined {
  let place = 0
  for (const other of object.keys()) {
    if (other === key) return place
    ++place
  }
  return undefined
}

/**
 * A copy of `value` with one place changed (`next` undefined: removed), sharing all the rest. Objects that are missing
 * on the way are made. Undefined if the way leads through a scalar, or the place of a list does not exist (its end
 * does, and so does "-").
 *
 * @param at Where a new member of an object stands among the others; at its end if not given.
 */
export function replaceAt(
  value: Json | undefined,
  keys: readonly string[],
  next: Json | undefined,
  at?: number
): Replaced | undefined {
  const [key, ...rest] = keys
  if (key === undefined) return { value: next, before: value, at: undefined }
  if (value === undefined || isObject(value)) {
    const object: JsonObject = value ?? new Map<string, Json>()
    const inner = replaceAt(object.get(key), rest, next, at)
    if (inner === undefined) return undefined
    const place = rest.length === 0 ? placeOf(object, key) : inner.at
    const made = withMember(object, key, inner.value, rest.length === 0 ? at : undefined)
    return { value: made, before: inner.before, at: place }
  }
  if (!isList(value)) return undefined
  const index = key === '-' ? value.length : indexOf(key)
  if (index < 0 || index > value.length) return undefined
  if (index === value.length && next === undefined) return undefined
  const inner = replaceAt(value[index], rest, next, at)
  if (inner === undefined) return undefined
  const list = [...value]
  if (inner.value === undefined) list.splice(index, 1)
  else if (rest.length === 0 && at !== undefined) list.splice(index, 0, inner.value)
  else list[index] = inner.value
  return { value: list, before: inner.before, at: rest.length === 0 ? index : inner.at }
}
