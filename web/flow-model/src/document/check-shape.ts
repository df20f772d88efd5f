// Checks a document against the table of its keys, and says what is wrong as the engine does.
import { below } from '../json/pointer.ts'
import { isInt64, isList, isObject, nameOfKind, toNumber } from '../json/value.ts'
import type { Json } from '../json/value.ts'
import { didYouMean, nearestName } from '../suggest.ts'
import type { Problems } from '../problem.ts'
import type { Shape, ShapeKey } from './shape.ts'

function wrong(value: Json, pointer: string, expected: string, problems: Problems): void {
  problems.error('flow.type', pointer, `expected that ${expected}, found ${nameOfKind(value)}.`)
}

function checkText(value: Json, key: ShapeKey, pointer: string, problems: Problems): void {
  if (typeof value !== 'string') {
    wrong(value, pointer, `'${key.name}' is a text`, problems)
    return
  }
  if (key.choices === undefined || key.choices.includes(value)) return
  const nearest = nearestName(value, key.choices)
  problems.error(
    'flow.value',
    pointer,
    `'${value}' is no value of '${key.name}'; it is one of ${key.choices.join(', ')}.`,
    nearest === '' ? '' : `Did you mean '${nearest}'?`
  )
}

function checkNumber(value: Json, key: ShapeKey, pointer: string, problems: Problems): void {
  if (typeof value === 'string' && key.choices !== undefined) {
    checkText(value, key, pointer, problems)
    return
  }
  const number = toNumber(value)
  if (number === undefined) {
    wrong(value, pointer, `'${key.name}' is a number`, problems)
    return
  }
  const counted = key.form === 'integer'
  if (counted && !isInt64(value)) {
    problems.error('flow.type', pointer, `'${key.name}' is a whole number of at most 64 bits.`)
    return
  }
  const least = key.least ?? 0
  const tooLittle = (counted || key.most !== undefined) && number < least
  if (!tooLittle && !(number > (key.most ?? 1e18))) return
  const range = key.most === undefined ? `at least ${least}` : `from ${least} to ${key.most}`
  problems.error('flow.range', pointer, `'${key.name}' must be ${range}.`)
}

function checkList(value: Json, key: ShapeKey, pointer: string, problems: Problems): void {
  if (!isList(value)) {
    wrong(value, pointer, `'${key.name}' is a list`, problems)
    return
  }
  value.forEach((element, index) => {
    if (key.shape !== undefined) checkShape(element, key.shape, below(pointer, index), problems)
    else if (typeof element !== 'string')
      wrong(element, below(pointer, index), `each of '${key.name}' is a text`, problems)
  })
}

function checkKey(value: Json, key: ShapeKey, pointer: string, problems: Problems): void {
  if (value === null && key.nullable === true) return
  switch (key.form) {
    case 'any':
      return
    case 'string':
      checkText(value, key, pointer, problems)
      return
    case 'integer':
    case 'number':
      checkNumber(value, key, pointer, problems)
      return
    case 'boolean':
      if (typeof value !== 'boolean') wrong(value, pointer, `'${key.name}' is true or false`, problems)
      return
    case 'object':
      if (key.shape !== undefined) checkShape(value, key.shape, pointer, problems)
      return
    case 'map':
    case 'objects':
      if (!isObject(value)) {
        wrong(value, pointer, `'${key.name}' is an object`, problems)
        return
      }
      if (key.shape === undefined) return
      for (const [name, member] of value) checkShape(member, key.shape, below(pointer, name), problems)
      return
    case 'list':
    case 'strings':
      checkList(value, key, pointer, problems)
      return
  }
}

/** Adds everything in `value` that is not of `shape`: `flow.type`, `flow.unknown_key`, `flow.missing_key` and so on. */
export function checkShape(value: Json, shape: Shape, pointer: string, problems: Problems): void {
  if (!isObject(value)) {
    wrong(value, pointer, `${shape.name} is an object`, problems)
    return
  }
  for (const [name, member] of value) checkMember(name, member, shape, pointer, problems)
  for (const key of shape.keys) {
    if (key.required !== true || value.has(key.name)) continue
    problems.error('flow.missing_key', pointer, `${shape.name} needs the key '${key.name}'.`, 'Add it.')
  }
}

/** The same of one member of an object of `shape`, which is at `pointer`. */
export function checkMember(name: string, member: Json, shape: Shape, pointer: string, problems: Problems): void {
  if (name.startsWith('x-')) return
  const key = shape.byName.get(name)
  if (key !== undefined) {
    checkKey(member, key, below(pointer, name), problems)
    return
  }
  const meant = didYouMean(name, shape.byName.keys())
  const suggestion = meant === '' ? 'Keys of your own begin with x-.' : meant
  problems.error('flow.unknown_key', below(pointer, name), `'${name}' is no key of ${shape.name}.`, suggestion)
}
