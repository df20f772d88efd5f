// Formulas: what an engine says of a formula, for who writes it: problems with their places, completions, results.
import type { Engine, FormulaAnswer, FormulaFunction } from '@weir/engine-client'
import { kFunctionHelp, kListMacros, kMacros, kPacket, kVariables } from './formula-help.ts'
import { beforeCursor, indexOfByte } from './formula-text.ts'
import type { Completion, Field, FormulaCheck } from './shown-run.ts'

export interface FormulaResult {
  value?: unknown
  error?: string
}

type Asked = Pick<Engine, 'formula' | 'formulaFunctions'>

/** One function name with all of its signatures. */
interface Known {
  name: string
  signatures: string[]
}

export class Formulas {
  private functions: Promise<readonly Known[]> | undefined

  constructor(private readonly engine: () => Promise<Asked>) {}

  async check(text: string, fields: readonly Field[], expects?: string): Promise<FormulaCheck> {
    const engine = await this.engine()
    const answer = await engine.formula({
      text,
      ...fieldsFor(fields),
      ...(expects !== undefined && expects !== '' && { expects })
    })
    return { type: answer.type, problems: answer.problems.map((problem) => placed(problem, text)) }
  }

  /** A formula with problems gives its first one for each row. */
  async evaluate(
    text: string,
    rows: readonly Record<string, unknown>[],
    fields: readonly Field[] = []
  ): Promise<readonly FormulaResult[]> {
    const engine = await this.engine()
    const answer = await engine.formula({ text, rows, ...fieldsFor(fields) })
    const [problem] = answer.problems
    return answer.results ?? rows.map(() => ({ error: problem?.message ?? 'it has no result' }))
  }

  async completions(text: string, at: number, fields: readonly Field[]): Promise<readonly Completion[]> {
    const { word, receiver, isText } = beforeCursor(text, at)
    if (isText) return []
    const all = await this.known()
    if (receiver === undefined) return matching(word, [...kVariables, ...kMacros, ...globals(all, '')])
    if (receiver === 'row') return matching(word, fields.map(fieldCompletion))
    if (receiver === 'packet') return matching(word, kPacket)
    const spaced = globals(all, `${receiver}.`)
    if (spaced.length > 0) return matching(word, spaced)
    const engine = await this.engine()
    const answer = await engine.formula({ text: receiver, ...fieldsFor(fields) })
    return answer.type === ''
      ? []
      : matching(word, [...innerFields(answer), ...listMacros(answer), ...members(all, answer.type)])
  }

  private known(): Promise<readonly Known[]> {
    this.functions ??= this.engine()
      .then((engine) => engine.formulaFunctions())
      .then(grouped)
    this.functions.catch(() => {
      // Asked again the next time.
      this.functions = undefined
    })
    return this.functions
  }
}

function fieldsFor(fields: readonly Field[]): { fields?: { name: string; type: string }[] } {
  // What is in a list or a map is not said: it is asked of each row.
  const known = (type: string): string => (type === 'list' || type === 'map' ? 'any' : type)
  return fields.length === 0 ? {} : { fields: fields.map(({ name, type }) => ({ name, type: known(type) })) }
}

function placed(problem: FormulaAnswer['problems'][number], text: string): FormulaCheck['problems'][number] {
  const from = indexOfByte(text, problem.offset)
  const to = Math.max(from, indexOfByte(text, problem.offset + problem.length))
  const { message, suggestion } = problem
  return suggestion === undefined ? { from, to, message } : { from, to, message, suggestion }
}

function grouped(functions: readonly FormulaFunction[]): Known[] {
  const byName = new Map<string, Known>()
  for (const { name, signature } of functions) {
    const known = byName.get(name)
    if (known === undefined) byName.set(name, { name, signatures: [signature] })
    else known.signatures.push(signature)
  }
  return [...byName.values()]
}

function matching(word: string, all: readonly Completion[]): Completion[] {
  const start = word.toLowerCase()
  const found = all.filter(({ label }) => label.toLowerCase().includes(start))
  const begins = ({ label }: Completion): number => (label.toLowerCase().startsWith(start) ? 0 : 1)
  return found.sort((a, b) => begins(a) - begins(b) || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0))
}

function fieldCompletion({ name, type }: Field): Completion {
  return { label: name, kind: 'field', type, help: '' }
}

function helpOf({ name, signatures }: Known): string {
  return [kFunctionHelp[name] ?? '', ...signatures.map((signature) => readable(name, signature))]
    .filter((line) => line !== '')
    .join('\n')
}

/** `string.(int): string` of `charAt` as `string.charAt(int): string`. */
function readable(name: string, signature: string): string {
  const at = signature.indexOf('(')
  return `${signature.slice(0, at)}${name}${signature.slice(at)}`
}

/** What is called by itself, below a prefix such as `math.`; operators have no name that can be written. */
function globals(all: readonly Known[], prefix: string): Completion[] {
  const found: Completion[] = []
  for (const known of all) {
    const signatures = known.signatures.filter((signature) => signature.startsWith('('))
    const label = known.name.slice(prefix.length)
    if (signatures.length === 0 || !known.name.startsWith(prefix) || !/^\w+$/.test(label)) continue
    found.push({ label, kind: 'function', type: resultOf(signatures[0] ?? ''), help: helpOf({ ...known, signatures }) })
  }
  // Names such as math are offered as they are.
  if (prefix !== '') return found
  const spaces = new Set(all.filter(({ name }) => name.includes('.')).map(({ name }) => name.split('.', 1)[0] ?? ''))
  return [
    ...found,
    ...[...spaces].map((label): Completion => ({ label, kind: 'function', type: '', help: kFunctionHelp[label] ?? '' }))
  ]
}

function members(all: readonly Known[], type: string): Completion[] {
  const base = baseOf(type)
  return all.flatMap((known): Completion[] => {
    const signatures = known.signatures.filter((signature) => {
      const receiver = signature.slice(0, signature.indexOf('.('))
      return !signature.startsWith('(') && (base === 'dyn' || /^[A-Z]$/.test(receiver) || baseOf(receiver) === base)
    })
    if (signatures.length === 0 || !/^\w+$/.test(known.name)) return []
    const help = helpOf({ ...known, signatures })
    return [{ label: known.name, kind: 'function', type: resultOf(signatures[0] ?? ''), help }]
  })
}

function listMacros({ type }: FormulaAnswer): readonly Completion[] {
  return ['list', 'map', 'dyn'].includes(baseOf(type)) ? kListMacros : []
}

function baseOf(type: string): string {
  const base = type.split(/[<{[]/, 1)[0] ?? ''
  return base === 'record' ? 'map' : base
}

function resultOf(signature: string): string {
  return signature.slice(signature.lastIndexOf('): ') + 3)
}

/** Fields of a value whose fields are known: `record{id, name, ...}`. */
function innerFields({ type }: FormulaAnswer): Completion[] {
  const inner = /^record\{(.*)\}$/.exec(type)?.[1] ?? ''
  return inner
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^\w+$/.test(name))
    .map((label) => ({ label, kind: 'field', type: '', help: '' }))
}
