// Batches for tests, built by hand in Arrow's layout.
import type { Batch, Column } from '@weir/engine-client'

type Values = (number | null)[] | (string | null)[] | (boolean | null)[] | (bigint | null)[] | (Uint8Array | null)[]
const encoder = new TextEncoder()

/** Columns by kind: numbers are doubles, bigints are ints (or what `kinds` says). All lie in one buffer. */
export function batchOf(columns: Record<string, Values>, kinds: Partial<Record<string, Column['kind']>> = {}): Batch {
  const built = Object.entries(columns).map(([name, values]) => columnOf(name, values, kinds[name]))
  const rows = built[0]?.length ?? 0
  return { rows, columns: built, buffer: new ArrayBuffer(64), bytes: 64 }
}

function columnOf(name: string, values: Values, kind?: Column['kind']): Column {
  const nulls = values.filter((value) => value === null).length
  const sample = values.find((value) => value !== null)
  const column: Column = { name, kind: kind ?? kindOf(sample), format: '', length: values.length, nullCount: nulls }
  if (nulls > 0) column.validity = bits(values.map((value) => value !== null))
  if (typeof sample === 'number')
    column.values = Float64Array.from((values as (number | null)[]).map((value) => value ?? 0))
  else if (typeof sample === 'bigint')
    column.values = BigInt64Array.from((values as (bigint | null)[]).map((value) => value ?? 0n))
  else if (typeof sample === 'boolean') column.values = bits(values.map((value) => value === true))
  else if (sample !== undefined) Object.assign(column, texts(values as (string | Uint8Array | null)[]))
  return column
}

function kindOf(sample: unknown): Column['kind'] {
  if (sample instanceof Uint8Array) return 'bytes'
  const kinds: Record<string, Column['kind']> = { number: 'double', bigint: 'int', boolean: 'bool', string: 'string' }
  return kinds[typeof sample] ?? 'null'
}

function bits(flags: boolean[]): Uint8Array {
  const bytes = new Uint8Array((flags.length + 7) >> 3)
  flags.forEach((flag, i) => {
    if (flag) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bytes
}

function texts(values: (string | Uint8Array | null)[]): Pick<Column, 'offsets' | 'values'> {
  const parts = values.map((value) => (typeof value === 'string' ? encoder.encode(value) : (value ?? new Uint8Array())))
  const offsets = new Int32Array(parts.length + 1)
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + part.length
  })
  const bytes = new Uint8Array(offsets.at(-1) ?? 0)
  parts.forEach((part, i) => {
    bytes.set(part, offsets[i] ?? 0)
  })
  return { offsets, values: bytes }
}

/** A text column in codes into a dictionary. */
export function coded(name: string, dictionary: string[], codes: number[]): Column {
  return {
    name,
    kind: 'string',
    format: 'i',
    length: codes.length,
    nullCount: 0,
    values: Int32Array.from(codes),
    dictionary: columnOf(name, dictionary)
  }
}
