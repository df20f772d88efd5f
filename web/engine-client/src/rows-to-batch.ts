// Rows that came as JSON, as columns: for readers of batches where only rows travel.
import type { Batch, Column, ColumnKind } from './batch.ts'

const encoder = new TextEncoder()

/** Columns in the order in which their names first appear; absent fields are null. Texts stay texts, also those of times. */
export function batchOfRows(rows: readonly unknown[]): Batch {
  const names = new Set<string>()
  for (const row of rows) if (isObject(row)) for (const name of Object.keys(row)) names.add(name)
  const columns = [...names].map((name) =>
    columnOf(
      name,
      rows.map((row) => (isObject(row) ? row[name] : undefined))
    )
  )
  const buffer = packed(columns)
  return { rows: rows.length, columns, buffer, bytes: buffer.byteLength }
}

function columnOf(name: string, values: readonly unknown[]): Column {
  const present = values.filter((one) => one !== null && one !== undefined)
  const nullCount = values.length - present.length
  const kind = kindOf(present)
  const column: Column = { name, kind, format: FORMATS[kind], length: values.length, nullCount }
  if (nullCount > 0 && kind !== 'null') column.validity = bitsOf(values.map((one) => one !== null && one !== undefined))
  fill(column, values, present)
  return column
}

const FORMATS: Record<ColumnKind, string> = {
  null: 'n',
  bool: 'b',
  int: 'l',
  uint: 'L',
  double: 'g',
  string: 'u',
  bytes: 'z',
  timestamp: 'tsu:UTC',
  duration: 'tDu',
  other: '+s'
}

function kindOf(present: readonly unknown[]): ColumnKind {
  if (present.length === 0) return 'null'
  if (present.every((one) => typeof one === 'boolean')) return 'bool'
  if (present.every(isWhole)) return 'int'
  if (present.every((one) => typeof one === 'number' || isWhole(one))) return 'double'
  if (present.every(Array.isArray) || present.every(isObject)) return 'other'
  return 'string'
}

function fill(column: Column, values: readonly unknown[], present: readonly unknown[]): void {
  if (column.kind === 'bool') column.values = bitsOf(values.map((one) => one === true))
  if (column.kind === 'int') column.values = BigInt64Array.from(values, (one) => BigInt((one ?? 0) as number))
  if (column.kind === 'double') column.values = Float64Array.from(values, (one) => Number(one ?? 0))
  if (column.kind === 'string') fillTexts(column, values)
  if (column.kind !== 'other') return
  if (Array.isArray(present[0])) {
    column.format = '+l'
    const lists = values.map((one) => (Array.isArray(one) ? (one as unknown[]) : []))
    column.offsets = offsetsOf(lists.map((one) => one.length))
    column.children = [columnOf('item', lists.flat())]
    return
  }
  const names = new Set(present.flatMap((one) => Object.keys(one as object)))
  column.children = [...names].map((name) =>
    columnOf(
      name,
      values.map((one) => (isObject(one) ? one[name] : undefined))
    )
  )
}

function fillTexts(column: Column, values: readonly unknown[]): void {
  const texts = values.map((one) =>
    encoder.encode(one === null || one === undefined ? '' : typeof one === 'string' ? one : JSON.stringify(one))
  )
  column.offsets = offsetsOf(texts.map((one) => one.length))
  const bytes = new Uint8Array(column.offsets.at(-1) ?? 0)
  texts.forEach((one, i) => {
    bytes.set(one, column.offsets?.[i])
  })
  column.values = bytes
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1)
  lengths.forEach((length, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + length
  })
  return offsets
}

function bitsOf(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array((flags.length + 7) >> 3)
  flags.forEach((flag, i) => {
    if (flag) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bits
}

type Part = 'validity' | 'offsets' | 'values'
const PARTS: readonly Part[] = ['validity', 'offsets', 'values']

/** One buffer for all columns, as a Batch has it. */
function packed(columns: readonly Column[]): ArrayBuffer {
  const all: Column[] = []
  const collect = (column: Column): void => {
    all.push(column)
    column.children?.forEach(collect)
  }
  columns.forEach(collect)
  const size = (bytes: number): number => (bytes + 7) & ~7
  const total = all.reduce(
    (sum, one) => sum + PARTS.reduce((own, part) => own + size(one[part]?.byteLength ?? 0), 0),
    0
  )
  const buffer = new ArrayBuffer(Math.max(total, 8))
  let at = 0
  for (const column of all) {
    for (const part of PARTS) {
      const from = column[part]
      if (!from) continue
      new Uint8Array(buffer, at, from.byteLength).set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength))
      const Values = from.constructor as new (buffer: ArrayBuffer, at: number, length: number) => typeof from
      Object.assign(column, { [part]: new Values(buffer, at, from.length) })
      at += size(from.byteLength)
    }
  }
  return buffer
}

function isWhole(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
