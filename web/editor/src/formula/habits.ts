// Habits of spreadsheets in formulas: what was meant is written as CEL, and it is said what was changed.
import { columnText, tokensOf } from './cel-tokens.ts'
import type { Token } from './cel-tokens.ts'

export interface Rewritten {
  text: string
  /** What was changed, in pairs for a sentence: "`=` is `==`". Empty: nothing. */
  notes: readonly string[]
}

type Change = (at: number, tokens: readonly Token[], known: ReadonlySet<string>) => Replaced | undefined
interface Replaced {
  /** How many tokens it takes the place of. */
  count: number
  text: string
  note: string
}

const kWords: Readonly<Record<string, readonly [string, string]>> = {
  AND: [' && ', '`AND` is `&&`'],
  OR: [' || ', '`OR` is `||`'],
  NOT: ['!', '`NOT` is `!`'],
  TRUE: ['true', '`TRUE` is `true`'],
  FALSE: ['false', '`FALSE` is `false`']
}
const kOperators: Readonly<Record<string, readonly [string, string]>> = {
  '=': ['==', '`=` is `==`'],
  '<>': ['!=', '`<>` is `!=`']
}
const kMacros = /\.(?:exists|exists_one|all|map|filter|transformList|transformMap)\s*\(/

function isOperand(token: Token | undefined): boolean {
  if (token === undefined) return false
  return (
    token.kind === 'string' ||
    token.kind === 'number' ||
    (token.kind === 'name' && token.text !== 'in') ||
    /^[)\]]$/.test(token.text)
  )
}

const operatorHabit: Change = (at, tokens) => {
  const token = tokens[at]
  const found = token?.kind === 'operator' && Object.hasOwn(kOperators, token.text) ? kOperators[token.text] : undefined
  return found === undefined ? undefined : { count: 1, text: found[0], note: found[1] }
}

/** `[Order Date]` where a value can stand; a list of values stays one. */
const bracketHabit: Change = (at, tokens, known) => {
  if (tokens[at]?.text !== '[' || isOperand(tokens[at - 1]) || tokens[at - 1]?.text === 'in') return undefined
  const end = tokens.findIndex((token, index) => index > at && token.text === ']')
  const inside = tokens.slice(at + 1, end)
  if (end < 0 || inside.length === 0) return undefined
  if (!inside.every((token) => token.kind === 'name' || token.kind === 'number' || token.text === '%')) return undefined
  const name = inside
    .map((token, index) => (index > 0 && token.from > (inside[index - 1]?.to ?? 0) ? ` ${token.text}` : token.text))
    .join('')
  if (!known.has(name) && (inside.length < 2 || inside[0]?.kind !== 'name')) return undefined
  const text = columnText(name)
  return { count: end - at + 1, text, note: `\`[${name}]\` is \`${text}\`` }
}

/** A name of a column by itself. */
const columnHabit: Change = (at, tokens, known) => {
  const token = tokens[at]
  if (token?.kind !== 'name' || !known.has(token.text) || kNotColumns.has(token.text)) return undefined
  if (tokens[at - 1]?.text === '.' || tokens[at + 1]?.text === '(') return undefined
  if (tokens[at + 1]?.text === ':' && /^[{,]$/.test(tokens[at - 1]?.text ?? '')) return undefined
  const text = columnText(token.text)
  return { count: 1, text, note: `\`${token.text}\` is \`${text}\`` }
}
const kNotColumns = new Set(['row', 'params', 'packet', 'now', 'true', 'false', 'null', 'in'])

const wordHabit: Change = (at, tokens) => {
  const token = tokens[at]
  const found = token?.kind === 'name' && Object.hasOwn(kWords, token.text) ? kWords[token.text] : undefined
  if (found === undefined || tokens[at - 1]?.text === '.') return undefined
  return { count: 1, text: found[0], note: found[1] }
}

/** Where the bracket that opens at `at` closes, and the commas right inside of it. */
function argumentsAt(at: number, tokens: readonly Token[]): { commas: number[]; end: number } | undefined {
  let depth = 0
  const commas: number[] = []
  for (let index = at; index < tokens.length; ++index) {
    const token = tokens[index]
    if (token?.kind !== 'operator') continue
    if ('([{'.includes(token.text)) ++depth
    if (')]}'.includes(token.text) && --depth === 0) return { commas, end: index }
    if (token.text === ',' && depth === 1) commas.push(index)
  }
  return undefined
}

/** `IF(a, b, c)`, `AND(a, b)`, `OR(a, b)`, `NOT(a)` and `ISBLANK(a)`: the text of the call, what is in it rewritten, too. */
function callOf(at: number, state: State): Replaced | undefined {
  const { tokens } = state
  const name = tokens[at]?.kind === 'name' ? tokens[at].text : ''
  if (!/^(IF|AND|OR|NOT|ISBLANK)$/i.test(name) || name === name.toLowerCase()) return undefined
  if (tokens[at + 1]?.text !== '(' || tokens[at - 1]?.text === '.') return undefined
  const found = argumentsAt(at + 1, tokens)
  if (found === undefined) return undefined
  const bounds = [at + 1, ...found.commas, found.end]
  const inner = bounds.slice(1).map((end, index) => rewrite((bounds[index] ?? 0) + 1, end, state).trim())
  const text = callText(name.toUpperCase(), inner)
  if (text === undefined) return undefined
  return { count: found.end - at + 1, text: text[0], note: text[1] }
}

function callText(name: string, inner: readonly string[]): readonly [string, string] | undefined {
  const [first = '', second = '', third = 'null'] = inner
  if (name === 'IF')
    return inner.length === 2 || inner.length === 3
      ? [`(${first} ? ${second} : ${third})`, '`IF(a, b, c)` is `a ? b : c`']
      : undefined
  if (name === 'NOT') return inner.length === 1 ? [`!(${first})`, '`NOT` is `!`'] : undefined
  if (name === 'ISBLANK') return inner.length === 1 ? [`(${first} == null)`, '`ISBLANK(a)` is `a == null`'] : undefined
  if (inner.length < 2) return undefined
  const operator = name === 'AND' ? '&&' : '||'
  return [`(${inner.join(` ${operator} `)})`, `\`${name}\` is \`${operator}\``]
}

interface State {
  text: string
  tokens: readonly Token[]
  known: ReadonlySet<string>
  changes: readonly Change[]
  notes: Set<string>
}

function rewrite(from: number, to: number, state: State): string {
  const { text, tokens, known, changes, notes } = state
  let made = ''
  let at = from
  while (at < to) {
    const token = tokens[at]
    if (token === undefined) break
    const before = at === from ? '' : text.slice(tokens[at - 1]?.to, token.from)
    const found =
      callOf(at, state) ?? changes.map((change) => change(at, tokens, known)).find((each) => each !== undefined)
    if (found !== undefined) notes.add(found.note)
    const next = found?.text ?? token.text
    made = joined(made, before, next)
    at += found?.count ?? 1
  }
  return made
}

/** A word's own blanks do not double those that stand there. */
function joined(made: string, before: string, next: string): string {
  const left = made.endsWith(' ') || made.endsWith('!') ? before.trimStart() : before
  return next.startsWith(' ') ? `${(made + left).trimEnd()}${next}` : made + left + next
}

/**
 * The formula as CEL has it. What is inside of strings and comments stays. A text without such habits comes back as it is.
 *
 * @param columns Names that are columns also without `row.`.
 */
export function rewriteHabits(text: string, columns: readonly string[] = []): Rewritten {
  const equals = /^\s*=(?!=)/.exec(text)?.[0]
  const source = equals === undefined ? text : text.slice(equals.length)
  const tokens = tokensOf(source)
  if (tokens.some((token) => token.kind === 'comment')) return { text, notes: [] }
  const notes = new Set<string>(equals === undefined ? [] : ['formulas begin without `=`'])
  const changes = [operatorHabit, bracketHabit, wordHabit]
  if (!kMacros.test(source)) changes.push(columnHabit)
  const made = rewrite(0, tokens.length, { text: source, tokens, known: new Set(columns), changes, notes })
  if (notes.size === 0) return { text, notes: [] }
  return { text: made.trim(), notes: [...notes] }
}
