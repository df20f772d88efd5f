// Conditions as rows of column, comparison and value, and the CEL text that says the same.
import { columnText, stringValue, tokensOf } from './cel-tokens.ts'
import type { Token } from './cel-tokens.ts'

export const kComparisons = [
  'is',
  'isNot',
  'over',
  'atLeast',
  'under',
  'atMost',
  'contains',
  'containsNot',
  'beginsWith',
  'endsWith',
  'matches',
  'oneOf',
  'isEmpty',
  'isNotEmpty'
] as const
export type Comparison = (typeof kComparisons)[number]

/** A value as it is written: texts without quotes, numbers with all their digits. `time` is an RFC 3339 text. */
export interface Literal {
  kind: 'text' | 'number' | 'bool' | 'time'
  text: string
}

export interface Condition {
  column: string
  comparison: Comparison
  /** None for isEmpty and isNotEmpty, one for most, any number for oneOf. */
  values: readonly Literal[]
}

/** What rows cannot show, as it is written; it stays as it is. */
export interface Opaque {
  text: string
}

export interface Conditions {
  /** Whether all of them hold, or any. */
  join: 'all' | 'any'
  parts: readonly (Condition | Opaque)[]
}

export function isOpaque(part: Condition | Opaque): part is Opaque {
  return !('column' in part)
}

const kOperators: readonly (readonly [Comparison, string])[] = [
  ['is', '=='],
  ['isNot', '!='],
  ['over', '>'],
  ['atLeast', '>='],
  ['under', '<'],
  ['atMost', '<=']
]
const kMethods: readonly (readonly [Comparison, string])[] = [
  ['contains', 'contains'],
  ['beginsWith', 'startsWith'],
  ['endsWith', 'endsWith'],
  ['matches', 'matches']
]

export function literalText({ kind, text }: Literal): string {
  if (kind === 'text') return JSON.stringify(text)
  return kind === 'time' ? `timestamp(${JSON.stringify(text)})` : text
}

function conditionText({ column, comparison, values }: Condition): string {
  const name = columnText(column)
  const [first = { kind: 'text', text: '' } as const] = values
  const operator = kOperators.find(([each]) => each === comparison)?.[1]
  if (operator !== undefined) return `${name} ${operator} ${literalText(first)}`
  const method = kMethods.find(([each]) => each === comparison)?.[1]
  if (method !== undefined) return `${name}.${method}(${literalText(first)})`
  if (comparison === 'containsNot') return `!${name}.contains(${literalText(first)})`
  if (comparison === 'oneOf') return `${name} in [${values.map(literalText).join(', ')}]`
  return `${name} ${comparison === 'isEmpty' ? '==' : '!='} null`
}

/** The text of conditions; empty if there are none. */
export function conditionsText({ join, parts }: Conditions): string {
  const texts = parts.map((part) => {
    if (!isOpaque(part)) return conditionText(part)
    return parts.length > 1 && isLoose(part.text, join) ? `(${part.text})` : part.text
  })
  return texts.join(join === 'all' ? ' && ' : ' || ')
}

/** Whether a text would fall apart beside others. */
function isLoose(text: string, join: Conditions['join']): boolean {
  const { operators } = split(tokensOf(text), join === 'all' ? '&&' : '||')
  return operators.has('?') || (join === 'all' && operators.has('||'))
}

interface Split {
  pieces: Token[][]
  /** Those outside of all brackets. */
  operators: Set<string>
}

/** The tokens between the operators `at` that stand outside of all brackets. */
function split(tokens: readonly Token[], at: string): Split {
  const pieces: Token[][] = [[]]
  const operators = new Set<string>()
  let depth = 0
  for (const token of tokens) {
    const mark = token.kind === 'operator' ? token.text : ''
    if ('([{'.includes(mark) && mark !== '') ++depth
    if (')]}'.includes(mark) && mark !== '') --depth
    if (depth === 0 && mark !== '') operators.add(mark)
    if (depth === 0 && mark === at) pieces.push([])
    else pieces.at(-1)?.push(token)
  }
  return { pieces, operators }
}

/**
 * The conditions of a text. What of it is none (a sum, a function, a nested choice) is an opaque part. Undefined: the text
 * cannot be taken apart at all (a comment, a string that does not end, brackets that do not match, an empty piece).
 */
export function readConditions(text: string): Conditions | undefined {
  const tokens = tokensOf(text)
  if (tokens.length === 0) return { join: 'all', parts: [] }
  if (tokens.some((token) => token.kind === 'bad' || token.kind === 'comment') || !isBalanced(tokens)) return undefined
  const whole = split(tokens, '||')
  const any = whole.operators.has('||') && !whole.operators.has('?')
  const { pieces } = any ? whole : whole.operators.has('?') ? { pieces: [tokens] } : split(tokens, '&&')
  if (pieces.some((piece) => piece.length === 0)) return undefined
  const parts = pieces.map((piece) => readCondition(piece) ?? { text: sourceOf(text, piece) })
  return { join: any ? 'any' : 'all', parts }
}

function sourceOf(text: string, tokens: readonly Token[]): string {
  return text.slice(tokens[0]?.from, tokens.at(-1)?.to)
}

function isBalanced(tokens: readonly Token[]): boolean {
  const open: string[] = []
  for (const { kind, text } of tokens) {
    if (kind !== 'operator') continue
    if (text === '(') open.push(')')
    else if (text === '[') open.push(']')
    else if (text === '{') open.push('}')
    else if (')]}'.includes(text) && open.pop() !== text) return false
  }
  return open.length === 0
}

/** Reads from the front; each reader gives what it found and takes it away, or leaves all. */
class Reader {
  at = 0
  constructor(private readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.at >= this.tokens.length
  }

  take(text: string): boolean {
    const token = this.tokens[this.at]
    if (token?.text !== text || token.kind === 'string') return false
    ++this.at
    return true
  }

  takeKind(kind: Token['kind']): string | undefined {
    const token = this.tokens[this.at]
    if (token?.kind !== kind) return undefined
    ++this.at
    return token.text
  }

  column(): string | undefined {
    if (!this.take('row')) return undefined
    if (this.take('.')) return this.takeKind('name')
    if (!this.take('[')) return undefined
    const text = this.takeKind('string')
    return text !== undefined && this.take(']') ? stringValue(text) : undefined
  }

  literal(): Literal | undefined {
    if (this.take('true')) return { kind: 'bool', text: 'true' }
    if (this.take('false')) return { kind: 'bool', text: 'false' }
    const minus = this.take('-') ? '-' : ''
    const number = this.takeKind('number')
    if (number !== undefined) return { kind: 'number', text: minus + number }
    if (minus !== '') return undefined
    if (this.take('timestamp')) {
      const text = this.take('(') ? this.text() : undefined
      return text !== undefined && this.take(')') ? { kind: 'time', text } : undefined
    }
    const text = this.text()
    return text === undefined ? undefined : { kind: 'text', text }
  }

  text(): string | undefined {
    const token = this.takeKind('string')
    return token === undefined ? undefined : stringValue(token)
  }

  list(): Literal[] | undefined {
    if (!this.take('[')) return undefined
    const values: Literal[] = []
    if (this.take(']')) return values
    for (;;) {
      const value = this.literal()
      if (value === undefined) return undefined
      values.push(value)
      if (this.take(']')) return values
      if (!this.take(',')) return undefined
    }
  }
}

function readCondition(tokens: readonly Token[]): Condition | undefined {
  const reader = new Reader(tokens)
  const not = reader.take('!')
  const column = reader.column()
  if (column === undefined) return undefined
  const found = readRest(reader, column)
  if (found === undefined || !reader.done) return undefined
  if (!not) return found
  return found.comparison === 'contains' ? { ...found, comparison: 'containsNot' } : undefined
}

function readRest(reader: Reader, column: string): Condition | undefined {
  if (reader.take('.')) {
    const name = reader.takeKind('name')
    const method = kMethods.find(([, each]) => each === name)?.[0]
    const text = method !== undefined && reader.take('(') ? reader.text() : undefined
    if (method === undefined || text === undefined || !reader.take(')')) return undefined
    return { column, comparison: method, values: [{ kind: 'text', text }] }
  }
  if (reader.take('in')) {
    const values = reader.list()
    return values === undefined ? undefined : { column, comparison: 'oneOf', values }
  }
  const comparison = kOperators.find(([, operator]) => reader.take(operator))?.[0]
  if (comparison === undefined) return undefined
  if (reader.take('null')) {
    if (comparison === 'is') return { column, comparison: 'isEmpty', values: [] }
    return comparison === 'isNot' ? { column, comparison: 'isNotEmpty', values: [] } : undefined
  }
  const value = reader.literal()
  return value === undefined ? undefined : { column, comparison, values: [value] }
}
