// What a person writes into the form of a flow, as values of its parameters; and what is wrong with it.
import { parseByteSize, parseDuration, toPlain } from '@weir/flow-model'
import type { FlowParameter } from '@weir/flow-model'

/** Texts by the name of a parameter; empty: its default. */
export type Written = Readonly<Record<string, string>>

/** The default as text, as it stands in an empty field. */
export function defaultText({ default: value }: FlowParameter): string {
  if (value === undefined || value === null) return ''
  const plain = toPlain(value)
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}

/** Why this cannot be its value, as a sentence; empty if it can. */
export function problemOf(parameter: FlowParameter, text: string): string {
  const { type, min, max, required } = parameter
  if (text.trim() === '') return required && defaultText(parameter) === '' ? 'This is needed.' : ''
  if (type === 'integer' || type === 'number') {
    const number = Number(text)
    if (!Number.isFinite(number)) return 'A number is needed.'
    if (type === 'integer' && !/^\s*[+-]?\d+\s*$/.test(text)) return 'A whole number is needed.'
    if (type === 'integer' && !Number.isSafeInteger(number)) return 'This number is too large.'
    if (min !== undefined && number < min) return `It is ${min} at least.`
    return max !== undefined && number > max ? `It is ${max} at most.` : ''
  }
  if (type === 'boolean') return text === 'true' || text === 'false' ? '' : 'true or false is needed.'
  if (type === 'duration')
    return parseDuration(text.trim()) === undefined ? 'Write a duration such as 5s or 1m30s.' : ''
  if (type === 'bytesize') return parseByteSize(text.trim()) === undefined ? 'Write a size such as 64MB or 1GiB.' : ''
  if (type === 'list' || type === 'map') {
    const read = jsonOf(text)
    const fits =
      type === 'list' ? Array.isArray(read) : typeof read === 'object' && read !== null && !Array.isArray(read)
    return fits ? '' : type === 'list' ? 'A list is needed, such as ["a", "b"].' : 'A map is needed, such as {"a": 1}.'
  }
  return ''
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The value that a run is given. @param text One that has no problem. */
export function valueOf({ type }: Pick<FlowParameter, 'type'>, text: string): unknown {
  if (type === 'integer' || type === 'number') return Number(text)
  if (type === 'boolean') return text === 'true'
  if (type === 'duration' || type === 'bytesize') return text.trim()
  return type === 'list' || type === 'map' ? jsonOf(text) : text
}

/** Of all that something was written for; undefined if anything is wrong. */
export function valuesOf(parameters: readonly FlowParameter[], written: Written): Record<string, unknown> | undefined {
  if (parameters.some((one) => problemOf(one, written[one.name] ?? '') !== '')) return undefined
  const given = parameters.filter(({ name }) => (written[name] ?? '').trim() !== '')
  return Object.fromEntries(given.map((one) => [one.name, valueOf(one, written[one.name] ?? '')]))
}
