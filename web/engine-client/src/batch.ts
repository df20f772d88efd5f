// Batch: rows in columns, as typed arrays in Arrow's layout.

export type ColumnKind =
  'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'other'

/**
 * One column. `validity` has a bit a row (least significant first) that is 0 where the row is null; absent: no nulls.
 * `values`: int and timestamp (microseconds) as BigInt64Array, uint as BigUint64Array, double as Float64Array, bool as
 * bits, string and bytes as UTF-8 bytes between `offsets`. With `dictionary`, `values` are codes into it.
 */
export interface Column {
  name: string
  kind: ColumnKind
  format: string
  length: number
  nullCount: number
  validity?: Uint8Array
  offsets?: Int32Array
  values?: Float64Array | BigInt64Array | BigUint64Array | Uint8Array | Int32Array | Uint32Array | Uint16Array
  dictionary?: Column
  children?: Column[]
}

export interface Batch {
  rows: number
  columns: Column[]
  /** All columns lie in it; it can be transferred, and given back to a pool. */
  buffer: ArrayBuffer
  /** What the batch counts against credits. */
  bytes: number
}

const decoder = new TextDecoder()

export function isNull(column: Column, row: number): boolean {
  if (column.kind === 'null') return true
  const bits = column.validity
  return bits !== undefined && ((bits[row >> 3] ?? 0) & (1 << (row & 7))) === 0
}

/** The cell as JavaScript has it: ints as numbers where they are exact, else as bigint; bytes as Uint8Array. */
export function cell(column: Column, row: number): unknown {
  if (isNull(column, row)) return null
  if (column.dictionary) return cell(column.dictionary, Number(column.values?.[row] ?? 0))
  switch (column.kind) {
    case 'null':
      return null
    case 'bool':
      return (((column.values as Uint8Array)[row >> 3] ?? 0) & (1 << (row & 7))) !== 0
    case 'int':
    case 'uint':
    case 'timestamp':
    case 'duration': {
      const value = (column.values as BigInt64Array)[row] ?? 0n
      return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
    }
    case 'double':
      return (column.values as Float64Array)[row]
    case 'string':
      return decoder.decode(slice(column, row))
    case 'bytes':
      return slice(column, row)
    case 'other':
      return other(column, row)
  }
}

function slice(column: Column, row: number): Uint8Array {
  const from = column.offsets?.[row] ?? 0
  const to = column.offsets?.[row + 1] ?? from
  return (column.values as Uint8Array).subarray(from, to)
}

function other(column: Column, row: number): unknown {
  if (column.format === '+s') {
    return Object.fromEntries((column.children ?? []).map((child) => [child.name, cell(child, row)]))
  }
  const child = column.children?.[0]
  if (column.format.startsWith('+w:') && child) {
    const width = Number(column.format.slice(3))
    return Array.from({ length: width }, (_, i) => cell(child, row * width + i))
  }
  if (column.format === '+l' && child) {
    const from = column.offsets?.[row] ?? 0
    const to = column.offsets?.[row + 1] ?? from
    return Array.from({ length: to - from }, (_, i) => cell(child, from + i))
  }
  return undefined
}

/** Row by row, for tables and tests; widgets read columns. */
export function rowsOf(batch: Batch): Record<string, unknown>[] {
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(batch.columns.map((column) => [column.name, cell(column, row)]))
  )
}
