// The first place where two texts of rows differ: row, column, and both values; and how rows are counted.
import type { SealedFile } from './seal.ts'

export interface CellDifference {
  /** From 1; 0: the header. */
  row: number
  /** Empty: the whole row. */
  column: string
  /** Undefined: it is not there. */
  before: string | undefined
  after: string | undefined
}

export type RowForm = 'csv' | 'ndjson' | 'lines'

const kMostShown = 200

/** By how it was written, else by the ending of its name; undefined: its rows are no lines. */
export function rowFormOf({ name, csv }: Pick<SealedFile, 'name' | 'csv'>): RowForm | undefined {
  if (csv !== undefined) return 'csv'
  if (/\.(ndjson|jsonl)$/.test(name)) return 'ndjson'
  return /\.(txt|log)$/.test(name) ? 'lines' : undefined
}

/** Counts rows of a file that comes in pieces; the header of a CSV file is none. */
export class RowCount {
  private readonly form: RowForm | undefined
  private readonly header: boolean
  private quoted = false
  private open = false
  private lines = 0

  constructor(file: Pick<SealedFile, 'name' | 'csv'>) {
    this.form = rowFormOf(file)
    this.header = file.csv?.header ?? false
  }

  add(piece: Uint8Array): void {
    if (this.form === undefined) return
    for (const byte of piece) {
      if (byte === 0x22 && this.form === 'csv') this.quoted = !this.quoted
      this.open = byte !== 0x0a || this.quoted
      if (!this.open) this.lines += 1
    }
  }

  /** Undefined: its rows are no lines. */
  get rows(): number | undefined {
    if (this.form === undefined) return undefined
    return Math.max(0, this.lines + (this.open ? 1 : 0) - (this.header ? 1 : 0))
  }
}

/** Records without their line ends; line ends between quotes are part of one. */
function recordsOf(text: string, quotes: boolean): string[] {
  const records: string[] = []
  let quoted = false
  let begin = 0
  for (let i = 0; i < text.length; ++i) {
    const c = text.charCodeAt(i)
    if (quotes && c === 0x22) quoted = !quoted
    if (c !== 0x0a || quoted) continue
    records.push(text.slice(begin, text.charCodeAt(i - 1) === 0x0d && i > begin ? i - 1 : i))
    begin = i + 1
  }
  if (begin < text.length) records.push(text.slice(begin))
  return records
}

function fieldsOf(record: string, delimiter: string): string[] {
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < record.length; ++i) {
    const c = record.charAt(i)
    if (c === '"' && quoted && record.charAt(i + 1) === '"') {
      field += c
      i += 1
    } else if (c === '"') quoted = !quoted
    else if (c === delimiter && !quoted) {
      fields.push(field)
      field = ''
    } else field += c
  }
  return [...fields, field]
}

function inFields(
  row: number,
  header: readonly string[],
  was: readonly string[],
  is: readonly string[]
): CellDifference | undefined {
  for (let i = 0; i < Math.max(was.length, is.length); ++i) {
    if (was[i] === is[i]) continue
    const named = header[i] ?? ''
    return { row, column: named === '' ? String(i + 1) : named, before: was[i], after: is[i] }
  }
  return undefined
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [Object.entries(a), Object.entries(b)]
  if (Array.isArray(a) !== Array.isArray(b) || left.length !== right.length) return false
  return left.every(([key, value]) => Object.hasOwn(b, key) && isSame(value, (b as Record<string, unknown>)[key]))
}

function inJson(row: number, before: string, after: string): CellDifference | undefined {
  const [was, is] = [parsed(before), parsed(after)]
  const whole = { row, column: '', before, after }
  if (was === undefined || is === undefined) return whole
  if (isSame(was.value, is.value)) return undefined
  const [left, right] = [was.value, is.value]
  const isRow = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isRow(left) || !isRow(right)) return whole
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (Object.hasOwn(left, key) === Object.hasOwn(right, key) && isSame(left[key], right[key])) continue
    const told = (of: Record<string, unknown>): string | undefined =>
      Object.hasOwn(of, key) ? JSON.stringify(of[key]) : undefined
    return { row, column: key, before: told(left), after: told(right) }
  }
  return whole
}

/** Undefined: the rows are the same, and only how they are written differs; or its rows are no lines. */
export function firstDifference(
  file: Pick<SealedFile, 'name' | 'csv'>,
  before: string,
  after: string
): CellDifference | undefined {
  const form = rowFormOf(file)
  if (form === undefined) return undefined
  const isCsv = form === 'csv'
  const delimiter = file.csv?.delimiter ?? ','
  const plain = (text: string): string[] => recordsOf(text.replace(/^\uFEFF/, ''), isCsv)
  const [was, is] = [plain(before), plain(after)]
  const hasHeader = isCsv && file.csv?.header === true
  const header = hasHeader ? fieldsOf(was[0] ?? '', delimiter) : []
  for (let i = 0; i < Math.max(was.length, is.length); ++i) {
    const row = hasHeader ? i : i + 1
    const [left, right] = [was[i], is[i]]
    if (left === right) continue
    if (left === undefined || right === undefined) return { row, column: '', before: left, after: right }
    let found: CellDifference | undefined = { row, column: '', before: left, after: right }
    if (isCsv) found = inFields(row, row === 0 ? [] : header, fieldsOf(left, delimiter), fieldsOf(right, delimiter))
    else if (form === 'ndjson') found = inJson(row, left, right)
    if (found !== undefined) return found
  }
  return undefined
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === '') return 'empty'
  return value.length <= kMostShown ? value : `${value.slice(0, kMostShown)}…`
}

/** *row 3, column 'price': 9.5 in the seal, 9.6 here* */
export function cellWords({ row, column, before, after }: CellDifference): string {
  const where = `${row === 0 ? 'the header' : `row ${row.toLocaleString('en')}`}${column === '' ? '' : `, column '${column}'`}`
  return `${where}: ${shown(before)} in the seal, ${shown(after)} here`
}
