// Checks the settings of a node against its type, in the words of the engine (engine/node/settings-check.cpp).
import { below } from '../json/pointer.ts'
import { countOf, isInt64, isList, isObject, nameOfKind, toNumber } from '../json/value.ts'
import type { Json } from '../json/value.ts'
import { didYouMean } from '../suggest.ts'
import { parseByteSize, parseDuration } from '../catalogue/node-type.ts'
import type { SettingSpec } from '../catalogue/node-type.ts'
import type { Problems } from '../problem.ts'
import { byteLength } from '../json/text.ts'
import { numberText } from '../json/value.ts'

/** Checks a pattern in the engine's syntax; undefined: this place cannot say. */
export type PatternCheck = (pattern: string, text: string) => boolean | undefined

interface At {
  pointer: string
  problems: Problems
  matches: PatternCheck
}

function wrongKind(value: Json, expected: string, at: At): void {
  at.problems.error('settings.type', at.pointer, `expected ${expected}, found ${nameOfKind(value)}`)
}

function isParameter(value: Json): boolean {
  return typeof value === 'string' && /^\$\{[^}]*\}$/.test(value)
}

function checkText(spec: SettingSpec, value: Json, at: At): void {
  if (typeof value !== 'string') {
    wrongKind(value, 'a string', at)
    return
  }
  const length = byteLength(value)
  const { min, max } = spec
  if (min !== undefined && length < min)
    at.problems.error('settings.range', at.pointer, value === '' ? 'must not be empty' : `is shorter than ${min}`)
  else if (max !== undefined && length > max) at.problems.error('settings.range', at.pointer, `is longer than ${max}`)
  else if (spec.pattern !== '' && !value.includes('${') && at.matches(spec.pattern, value) === false)
    at.problems.error('settings.pattern', at.pointer, `"${value}" does not have the form ${spec.pattern}`)
}

const kExamples = {
  duration: ['a duration such as "5s", or a number of milliseconds', 'a duration such as "5s" or "1m30s"'],
  bytesize: ['a size such as "64MB", or a number of bytes', 'a size such as "64MB" or "1GiB"']
} as const

/** The number that a setting means, or undefined if it is none, which is told. */
function numberOf(spec: SettingSpec, value: Json, at: At): number | undefined {
  const number = toNumber(value)
  if (spec.type === 'integer' || spec.type === 'number') {
    const whole = spec.type === 'number' || isInt64(value) || (number !== undefined && Number.isInteger(number))
    if (number !== undefined && whole) return number
    wrongKind(value, spec.type === 'number' ? 'a number' : 'an integer', at)
    return undefined
  }
  if (number !== undefined) return Math.round(number)
  const [kind, example] = kExamples[spec.type === 'duration' ? 'duration' : 'bytesize']
  if (typeof value !== 'string') {
    wrongKind(value, kind, at)
    return undefined
  }
  const read = spec.type === 'duration' ? parseDuration(value) : parseByteSize(value)
  if (read !== undefined) return Math.round(read)
  at.problems.error('settings.type', at.pointer, `expected ${example}, found "${value}"`)
  return undefined
}

function checkNumber(spec: SettingSpec, value: Json, at: At): void {
  const number = numberOf(spec, value, at)
  if (number === undefined) return
  const { min, max } = spec
  const text = numberText
  if (min !== undefined && number < min)
    at.problems.error('settings.range', at.pointer, `${text(number)} is less than ${text(min)}`)
  if (max !== undefined && number > max)
    at.problems.error('settings.range', at.pointer, `${text(number)} is more than ${text(max)}`)
}

function checkOption(spec: SettingSpec, value: Json, at: At): void {
  if (typeof value !== 'string') {
    wrongKind(value, 'a string', at)
    return
  }
  if (spec.options.includes(value)) return
  const message = `expected one of ${spec.options.join(', ')}, found "${value}"`
  at.problems.error('settings.option', at.pointer, message, didYouMean(value, spec.options))
}

function checkList(spec: SettingSpec, value: Json, at: At): void {
  if (!isList(value)) {
    wrongKind(value, 'a list', at)
    return
  }
  const { min, max } = spec
  if (min !== undefined && value.length < min)
    at.problems.error('settings.range', at.pointer, `needs at least ${min} element${min === 1 ? '' : 's'}`)
  if (max !== undefined && value.length > max)
    at.problems.error('settings.range', at.pointer, `takes at most ${max} elements`)
  const [first] = spec.items
  if (first === undefined) return
  value.forEach((element, index) => {
    const inner = { ...at, pointer: below(at.pointer, index) }
    if (spec.items.length === 1 && first.name === '') checkSetting(first, element, inner)
    else checkSettings(spec.items, element, inner.pointer, at.problems, at.matches)
  })
}

function checkSetting(spec: SettingSpec, value: Json, at: At): void {
  if (isParameter(value)) return
  switch (spec.type) {
    case 'string':
    case 'text':
    case 'path':
    case 'secret':
    case 'code':
      checkText(spec, value, at)
      return
    case 'integer':
    case 'number':
    case 'duration':
    case 'bytesize':
      checkNumber(spec, value, at)
      return
    case 'boolean':
      if (typeof value !== 'boolean') wrongKind(value, 'a boolean', at)
      return
    case 'enum':
      checkOption(spec, value, at)
      return
    case 'expression':
      // What the text says is for the deep check.
      if (typeof value !== 'string') wrongKind(value, 'a CEL expression, as a string', at)
      return
    case 'schema':
      if (!isObject(value) && typeof value !== 'string' && !isList(value))
        wrongKind(value, 'a schema: an object or a text', at)
      return
    case 'list':
      checkList(spec, value, at)
      return
    case 'map': {
      if (!isObject(value)) {
        wrongKind(value, 'an object', at)
        return
      }
      const [item] = spec.items
      if (item === undefined || spec.items.length !== 1 || item.name !== '') return
      for (const [key, member] of value) checkSetting(item, member, { ...at, pointer: below(at.pointer, key) })
    }
  }
}

/** Adds what is wrong with settings: unknown, missing, of another type, out of range. A null is no value. */
export function checkSettings(
  specs: readonly SettingSpec[],
  settings: Json,
  pointer: string,
  problems: Problems,
  matches: PatternCheck
): void {
  if (!isObject(settings)) {
    if (settings !== null) problems.error('settings.type', pointer, `expected an object, found ${nameOfKind(settings)}`)
    return
  }
  const names = specs.map((spec) => spec.name)
  for (const key of countOf(settings) === 0 ? [] : settings.keys()) {
    if (key.startsWith('x-') || names.includes(key)) continue
    problems.error('settings.unknown', below(pointer, key), `there is no setting '${key}'`, didYouMean(key, names))
  }
  for (const spec of specs) {
    const value = settings.get(spec.name)
    const at = { pointer: below(pointer, spec.name), problems, matches }
    if (value !== undefined && value !== null) checkSetting(spec, value, at)
    else if (spec.required && spec.default === undefined)
      problems.error('settings.missing', at.pointer, `'${spec.name}' is required; give it a value`)
  }
}
