// JSON as flow documents hold it: members in the order of the text, numbers without loss.

/**
 * A number as it was written, where a JavaScript number would not say the same: an integer beyond 64 bits, a decimal of
 * more than 17 digits, or a whole number written with a point or an exponent (`1e3`, `10000.0`), which is a double.
 */
export class ExactNumber {
  constructor(readonly text: string) {}
}

export type JsonList = readonly Json[]
/** Members in the order of the text. No key is special: `__proto__` is a key like any other. */
export type JsonObject = ReadonlyMap<string, Json>
export type JsonNumber = number | bigint | ExactNumber
export type Json = null | boolean | JsonNumber | string | JsonList | JsonObject

export type JsonKind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'list' | 'object'

const kMostInt64 = 2n ** 63n - 1n
const kLeastInt64 = -(2n ** 63n)
const kMostUint64 = 2n ** 64n - 1n

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map
}

export function isList(value: Json | undefined): value is JsonList {
  return Array.isArray(value)
}

export function isNumber(value: Json | undefined): value is JsonNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactNumber
}

export function kindOf(value: Json): JsonKind {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  if (typeof value === 'bigint') return value >= kLeastInt64 && value <= kMostUint64 ? 'integer' : 'number'
  if (value instanceof ExactNumber) return 'number'
  return isList(value) ? 'list' : 'object'
}

const kNames: Record<JsonKind, string> = {
  null: 'null',
  boolean: 'a boolean',
  integer: 'an integer',
  number: 'a number',
  string: 'a string',
  list: 'a list',
  object: 'an object'
}

/** The kind's name for messages, as the engine says it: "a list". */
export function nameOfKind(value: Json): string {
  return kNames[kindOf(value)]
}

/** The nearest double of a number; undefined of all else. */
export function toNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return value instanceof ExactNumber ? Number(value.text) : undefined
}

/** Whether it is a whole number of at most 64 bits, signed, and written as one. */
export function isInt64(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0)
  return typeof value === 'bigint' && value >= kLeastInt64 && value <= kMostInt64
}

/** Digits that a double cannot hold, or an empty text. */
export function exactText(value: JsonNumber): string {
  if (typeof value === 'bigint') return value > kMostUint64 || value < kLeastInt64 ? String(value) : ''
  if (!(value instanceof ExactNumber)) return ''
  const whole = !/[.eE]/.test(value.text)
  return whole || value.text.replace(/\D/g, '').length > 17 ? value.text : ''
}

/** The canonical text of a number: the shortest that reads back as the same double, all digits of an integer. */
export function numberText(value: JsonNumber): string {
  if (typeof value === 'bigint') return String(value)
  const exact = exactText(value)
  if (exact !== '') return exact
  const double = typeof value === 'number' ? value : Number(value.text)
  if (Object.is(double, -0)) return '-0.0'
  return Number.isFinite(double) ? String(double) : `"${Number.isNaN(double) ? 'NaN' : String(double)}"`
}

function equalNumbers(a: JsonNumber, b: JsonNumber): boolean {
  if (kindOf(a) === 'integer' && kindOf(b) === 'integer') {
    return typeof a === typeof b ? a === b : BigInt(numberText(a)) === BigInt(numberText(b))
  }
  const left = exactText(a)
  const right = exactText(b)
  if (left !== '' && right !== '' && left !== right) return false
  return toNumber(a) === toNumber(b)
}

/** Same kind, same content; of objects whatever the order. Numbers are equal if their values are: 1, 1.0, 1e0. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a === null || b === null) return false
  if (isNumber(a)) return isNumber(b) && equalNumbers(a, b)
  if (isList(a)) return isList(b) && a.length === b.length && a.every((element, i) => equalJson(element, b[i]))
  if (!isObject(a) || !isObject(b) || a.size !== b.size) return false
  for (const [key, value] of a) {
    if (!b.has(key) || !equalJson(value, b.get(key))) return false
  }
  return true
}

/** The member of this name, or undefined: no such member, or no object. */
export function memberOf(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) ? value.get(key) : undefined
}

/** The member if it is a text, else an empty one. */
export function textMember(value: Json | undefined, key: string): string {
  const found = memberOf(value, key)
  return typeof found === 'string' ? found : ''
}

/** Elements or members; 0 of all else. */
export function countOf(value: Json | undefined): number {
  return isList(value) ? value.length : isObject(value) ? value.size : 0
}

/** Plain data (objects, arrays, numbers) as JSON; undefined members are left out. Throws on what is no data. */
export function fromPlain(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactNumber) return value
  if (Array.isArray(value)) return value.map(fromPlain)
  if (value instanceof Map) return value as JsonObject
  if (typeof value !== 'object') throw new TypeError(`no JSON: ${typeof value}`)
  const members = new Map<string, Json>()
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.set(key, fromPlain(member))
  }
  return members
}

/** JSON as plain data, for forms and charts: objects without a prototype, numbers as doubles (bigint beyond 2^53). */
export function toPlain(value: Json): unknown {
  if (value instanceof ExactNumber) return Number(value.text)
  if (isList(value)) return value.map(toPlain)
  if (!isObject(value)) return value
  const plain = Object.create(null) as Record<string, unknown>
  for (const [key, member] of value) plain[key] = toPlain(member)
  return plain
}
