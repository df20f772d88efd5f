// What of a flow's parameters the settings and formulas of its nodes name, and what stands there instead of them.
import { isList, isNumber, isObject, numberText, writeJson } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import { tokensOf } from '../formula/cel-tokens.ts'
import type { Token } from '../formula/cel-tokens.ts'

const kInText = /\$\{([^}:]+)\}/g

/** `params.name` and `params["name"]` among tokens: from which to which, and the name. */
function namedIn(tokens: readonly Token[]): { from: number; to: number; name: string }[] {
  const found: { from: number; to: number; name: string }[] = []
  tokens.forEach((token, at) => {
    if (token.kind !== 'name' || token.text !== 'params' || tokens[at - 1]?.text === '.') return
    const [next, name, close] = tokens.slice(at + 1, at + 4)
    if (next?.text === '.' && name?.kind === 'name') found.push({ from: token.from, to: name.to, name: name.text })
    if (next?.text === '[' && name?.kind === 'string' && close?.text === ']')
      found.push({ from: token.from, to: close.to, name: name.text.slice(1, -1) })
  })
  return found
}

/** Names of parameters in a text, as `${name}` or as `params.name`. */
function namesInText(text: string): string[] {
  const names = [...text.matchAll(kInText)].map(([, name = '']) => name)
  return text.includes('params') ? [...names, ...namedIn(tokensOf(text)).map(({ name }) => name)] : names
}

/** The same of all texts in a value, each once. */
export function parametersIn(value: Json): Set<string> {
  if (typeof value === 'string') return new Set(namesInText(value))
  const parts = isList(value) ? value : isObject(value) ? [...value.values()] : []
  return new Set(parts.flatMap((part) => [...parametersIn(part)]))
}

/** What a parameter stands for: another parameter, or a value. */
export type Meaning = { name: string } | { value: Json; isDouble: boolean }

function asText(value: Json): string {
  if (typeof value === 'string') return value
  return isNumber(value) ? numberText(value) : writeJson(value)
}

/** A value as a formula has it. */
function asFormula(value: Json, isDouble: boolean): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (!isNumber(value)) return writeJson(value)
  const text = numberText(value)
  return isDouble && /^-?\d+$/.test(text) ? `${text}.0` : text
}

function textWith(text: string, meanings: ReadonlyMap<string, Meaning>): Json {
  const [, only] = /^\$\{([^}:]+)\}$/.exec(text) ?? []
  const whole = only === undefined ? undefined : meanings.get(only)
  if (whole !== undefined) return 'name' in whole ? `\${${whole.name}}` : whole.value
  const filled = text.replace(kInText, (all, name: string) => {
    const meaning = meanings.get(name)
    return meaning === undefined ? all : 'name' in meaning ? `\${${meaning.name}}` : asText(meaning.value)
  })
  if (!filled.includes('params')) return filled
  let made = ''
  let at = 0
  for (const { from, to, name } of namedIn(tokensOf(filled))) {
    const meaning = meanings.get(name)
    if (meaning === undefined) continue
    const put =
      'name' in meaning ? `params[${JSON.stringify(meaning.name)}]` : asFormula(meaning.value, meaning.isDouble)
    const plain = 'name' in meaning && /^[A-Za-z_]\w*$/.test(meaning.name) ? `params.${meaning.name}` : put
    made += filled.slice(at, from) + plain
    at = to
  }
  return made + filled.slice(at)
}

/** A value whose texts name no parameter any more that has a meaning. What does not change is the same object. */
export function withMeanings(value: Json, meanings: ReadonlyMap<string, Meaning>): Json {
  if (typeof value === 'string') return textWith(value, meanings)
  if (isList(value)) {
    const made = value.map((part) => withMeanings(part, meanings))
    return made.every((part, at) => part === value[at]) ? value : made
  }
  if (!isObject(value)) return value
  const made = new Map([...value].map(([key, part]) => [key, withMeanings(part, meanings)] as const))
  return [...made].every(([key, part]) => part === value.get(key)) ? value : made
}
