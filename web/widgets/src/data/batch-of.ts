// Batches of a page's own: figures, log lines, anything that a widget should draw though no port gave it.
import type { Batch, Column } from '@weir/engine-client'

/** What a column may hold; null is no value. Numbers become doubles, bigints ints (or what `kinds` says). */
export type ColumnValues =
  | readonly (number | null)[]
  | readonly (string | null)[]
  | readonly (boolean | null)[]
  | readonly (bigint | null)[]
  | readonly (Uint8Array | null)[]

const encoder = new TextEncoder()

/** `kinds` names those that are no plain ints: `{ at: 'timestamp' }` for microseconds since 1970. Throws if lengths differ. */
export function batchOf(
  columns: Readonly<Record<string, ColumnValues>>,
  kinds: Partial<Record<string, Column['kind']>> = {}
): Batch {
  const names = Object.keys(columns)
  const rows = columns[names[0] ?? '']?.length ?? 0
  for (const name of names) {
    const { length } = columns[name] ?? []
    if (length !== rows) {
      throw new Error(`Column '${name}' has ${length} values, '${names[0] ?? ''}' has ${rows}; all need as many.`)
    }
  }
  const built = names.map((name) => columnOf(name, columns[name] ?? [], kinds[name]))
  const bytes = built.reduce((sum, one) => sum + (one.values?.byteLength ?? 0) + (one.offsets?.byteLength ?? 0), 0)
  return { rows, columns: built, buffer: new ArrayBuffer(0), bytes }
}

function columnOf(name: string, values: ColumnValues, kind?: Column['kind']): Column {
  const nulls = (values as readonly unknown[]).filter((value) => value === null).length
  const sample = (values as readonly unknown[]).find((value) => value !== null)
  const column: Column = { name, kind: kind ?? kindOf(sample), format: '', length: values.length, nullCount: nulls }
  if (nulls > 0) column.validity = bits((values as readonly unknown[]).map((value) => value !== null))
  switch (typeof sample) {
    case 'number':
      column.values = Float64Array.from(values as readonly (number | null)[], (value) => value ?? 0)
      break
    case 'bigint':
      column.values =
        column.kind === 'uint'
          ? BigUint64Array.from(values as readonly (bigint | null)[], (value) => value ?? 0n)
          : BigInt64Array.from(values as readonly (bigint | null)[], (value) => value ?? 0n)
      break
    case 'boolean':
      column.values = bits((values as readonly (boolean | null)[]).map((value) => value === true))
      break
    case 'undefined':
      break
    default:
      Object.assign(column, texts(values as readonly (string | Uint8Array | null)[]))
  }
  return column
}

function kindOf(sample: unknown): Column['kind'] {
  if (sample instanceof Uint8Array) return 'bytes'
  const kinds: Record<string, Column['kind']> = { number: 'double', bigint: 'int', boolean: 'bool', string: 'string' }
  return kinds[typeof sample] ?? 'null'
}

function bits(flags: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array((flags.length + 7) >> 3)
  flags.forEach((flag, i) => {
    if (flag) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bytes
}

function texts(values: readonly (string | Uint8Array | null)[]): Pick<Column, 'offsets' | 'values'> {
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
