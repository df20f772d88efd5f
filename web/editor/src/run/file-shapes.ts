// Shapes of files: which have the same columns, types, delimiter and encoding, and which are not as most are.
import type { Field } from './shown-run.ts'

/** What the first lines of a file tell. */
export interface SeenFile {
  path: string
  /** The type of a column of which no value was seen is empty. */
  columns: readonly Field[]
  /** One character, or `tab`; empty of files that have none. */
  delimiter: string
  /** `utf-8`, `utf-16`, `not utf-8`; empty of files that are no text. */
  encoding: string
  /** Why it cannot be read; empty if it can. */
  problem: string
}

export interface FileShape extends Omit<SeenFile, 'path'> {
  key: string
  /** In byte order of their paths. */
  files: readonly string[]
  /** Not as most are: other columns, delimiter or encoding, or types that do not go together. */
  differs: boolean
}

/** One for each shape, those that differ first, the one that most files have last. */
export function shapesOf(files: readonly SeenFile[]): readonly FileShape[] {
  const found = new Map<string, SeenFile[]>()
  for (const file of files) {
    const { columns, delimiter, encoding, problem } = file
    const key = JSON.stringify([columns.map(({ name, type }) => [name, type]), delimiter, encoding, problem])
    const list = found.get(key)
    if (list === undefined) found.set(key, [file])
    else list.push(file)
  }
  const made = [...found].flatMap(([key, list]): FileShape[] => {
    const [first] = list
    if (first === undefined) return []
    const { columns, delimiter, encoding, problem } = first
    return [{ key, columns, delimiter, encoding, problem, files: list.map(({ path }) => path).sort(), differs: false }]
  })
  const usual = usualOf(made)
  return made
    .map((shape) => ({ ...shape, differs: usual !== undefined && differsFrom(usual, shape) }))
    .sort((a, b) => rank(a) - rank(b) || a.files.length - b.files.length || (a.key < b.key ? -1 : 1))
}

function rank({ problem, differs }: FileShape): number {
  return problem !== '' ? 0 : differs ? 1 : 2
}

/** The one that most files have; types that go together count as one. */
function usualOf(shapes: readonly FileShape[]): FileShape | undefined {
  let best: { shape: FileShape; files: number } | undefined
  for (const shape of shapes) {
    if (shape.problem !== '') continue
    const alike = shapes.filter((other) => other.problem === '' && !differsFrom(shape, other))
    const files = alike.reduce((sum, other) => sum + other.files.length, 0)
    if (files > (best?.files ?? 0)) best = { shape, files }
  }
  return best?.shape
}

const kNumbers: readonly string[] = ['int', 'uint', 'double']

function differsFrom(usual: FileShape, shape: FileShape): boolean {
  if (shape.problem !== '' || usual.columns.length !== shape.columns.length) return true
  if (usual.delimiter !== shape.delimiter || usual.encoding !== shape.encoding) return true
  return usual.columns.some(({ name, type }, at) => {
    const other = shape.columns[at]
    if (other?.name !== name) return true
    const isAlike = other.type === type || other.type === '' || type === ''
    return !isAlike && !(kNumbers.includes(type) && kNumbers.includes(other.type))
  })
}

/** What a shape has other than the usual one, in words: *without price · with cost · cut at semicolons*. */
export function differenceOf(shape: FileShape, usual: FileShape | undefined): string {
  if (usual === undefined || shape === usual) return ''
  const names = new Set(shape.columns.map(({ name }) => name))
  const types = new Map(usual.columns.map(({ name, type }) => [name, type]))
  const missing = usual.columns.filter(({ name }) => !names.has(name)).map(({ name }) => name)
  const extra = shape.columns.filter(({ name }) => !types.has(name)).map(({ name }) => name)
  const other = shape.columns.filter(({ name, type }) => type !== '' && (types.get(name) ?? type) !== type)
  const list = (words: readonly string[]): string =>
    words.length > 4 ? `${words.slice(0, 4).join(', ')} and ${words.length - 4} more` : words.join(', ')
  const said = [
    missing.length === 0 ? '' : `without ${list(missing)}`,
    extra.length === 0 ? '' : `with ${list(extra)}`,
    other.length === 0 ? '' : list(other.map(({ name, type }) => `${name} is ${type}`)),
    shape.delimiter === usual.delimiter ? '' : `cut at ${delimiterWords(shape.delimiter)}`,
    shape.encoding === usual.encoding ? '' : shape.encoding
  ].filter((words) => words !== '')
  return said.length === 0 ? 'columns in another order' : said.join(' · ')
}

const kDelimiters: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  tab: 'tabs',
  '|': 'bars',
  ':': 'colons',
  '': 'nothing'
}

export function delimiterWords(delimiter: string): string {
  return kDelimiters[delimiter] ?? `'${delimiter}'`
}

/** The delimiter that cuts the head of a file into its columns; empty: none does. */
export function cutAt(head: string, columns: number): string {
  const line = head.replace(/"(?:[^"]|"")*"/g, '')
  const found = [',', ';', '\t', '|', ':'].find((each) => columns > 1 && line.split(each).length === columns)
  return found === '\t' ? 'tab' : (found ?? '')
}

/** Of the first lines, their bytes as characters of Latin-1. */
export function encodingOf(lines: readonly string[]): string {
  const first = lines[0] ?? ''
  if (/^(?:\u00ff\u00fe|\u00fe\u00ff)/.test(first)) return 'utf-16'
  const bytes = Uint8Array.from(lines.join('\n'), (char) => char.charCodeAt(0))
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return 'utf-8'
  } catch {
    return 'not utf-8'
  }
}
