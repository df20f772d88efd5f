// What is typed into a field, as a value of its setting; or why it is none.
import { isNumber, numberText, parseByteSize, parseDuration, parseJson, severalLines } from '@weir/flow-model'
import type { Json, SettingType } from '@weir/flow-model'

export type ReadValue = { ok: true; value: Json | undefined } | { ok: false; reason: string }

const kParameter = /^\$\{[^}]*\}$/

/** Whether a value is a parameter of the flow, or a secret: `${name}`. */
export function isReference(value: Json | undefined): value is string {
  return typeof value === 'string' && kParameter.test(value)
}

/** An empty text is no value; `${…}` is one of any type. */
export function readValue(type: SettingType, typed: string): ReadValue {
  const text = typed.trim()
  if (text === '') return { ok: true, value: undefined }
  if (kParameter.test(text)) return { ok: true, value: text }
  switch (type) {
    case 'integer':
    case 'number':
      return readNumber(type, text)
    case 'duration':
      return readMeasure(text, parseDuration(text), 'a duration such as 5s or 1m30s')
    case 'bytesize':
      return readMeasure(text, parseByteSize(text), 'a size such as 64MB or 1GiB')
    case 'schema':
    case 'list':
    case 'map':
      return readStructure(type, text)
    default:
      return { ok: true, value: typed }
  }
}

function readNumber(type: 'integer' | 'number', text: string): ReadValue {
  const plain = text.replaceAll(/(?<=\d)[,_\u202f ](?=\d{3}(\D|$))/g, '')
  const parsed = parseJson(plain)
  if (!parsed.ok || !isNumber(parsed.value)) return { ok: false, reason: `${quoted(text)} is no number.` }
  if (type === 'integer' && !Number.isInteger(Number(numberText(parsed.value))))
    return { ok: false, reason: `${quoted(text)} is no whole number.` }
  return { ok: true, value: parsed.value }
}

/** Digits alone stay a number: of milliseconds, of bytes. */
function readMeasure(text: string, read: number | undefined, expected: string): ReadValue {
  if (/^\d{1,15}$/.test(text)) return { ok: true, value: Number(text) }
  if (read === undefined) return { ok: false, reason: `Expected ${expected}, found ${quoted(text)}.` }
  return { ok: true, value: text }
}

function readStructure(type: SettingType, text: string): ReadValue {
  const parsed = parseJson(text)
  if (parsed.ok) {
    const { value } = parsed
    if (type === 'list' && !Array.isArray(value)) return { ok: false, reason: 'A list is expected: [ … ].' }
    if (type === 'map' && !(value instanceof Map)) return { ok: false, reason: 'An object is expected: { … }.' }
    return { ok: true, value }
  }
  // A schema may be a text such as {id: string}.
  if (type === 'schema') return { ok: true, value: text }
  return { ok: false, reason: `Line ${parsed.fault.line}: ${parsed.fault.message}` }
}

function quoted(text: string): string {
  return `"${text.length > 30 ? `${text.slice(0, 29)}…` : text}"`
}

/** A value as it stands in its field. */
export function fieldText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  return isNumber(value) ? numberText(value) : severalLines(value)
}
