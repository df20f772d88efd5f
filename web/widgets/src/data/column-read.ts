// Reads columns into typed arrays, without an object per row.
import { isNull, type Column } from '@weir/engine-client'

const TWO_32 = 4294967296

export function isNumeric(column: Column): boolean {
  return ['int', 'uint', 'double', 'duration', 'bool'].includes(column.kind)
}

/**
 * Rows `from` to `to` of a column of numbers, bools or times, into `target` at `at`: times and durations in
 * milliseconds, bools as 0 and 1, null and what is no number as NaN.
 */
export function readNumbers(column: Column, from: number, to: number, target: Float64Array, at: number): void {
  const count = to - from
  if (column.dictionary) readCodes(column, from, to, target, at)
  else if (column.kind === 'bool') {
    const bits = column.values as Uint8Array
    for (let i = 0; i < count; i++) target[at + i] = ((bits[(from + i) >> 3] ?? 0) >> ((from + i) & 7)) & 1
  } else if (column.values instanceof Float64Array) target.set(column.values.subarray(from, to), at)
  else if (column.values instanceof BigInt64Array) readLongs(column, from, count, target, at)
  else if (column.values instanceof BigUint64Array) readLongs(column, from, count, target, at)
  else if (column.kind !== 'string' && column.kind !== 'bytes' && column.values) {
    target.set(column.values.subarray(from, to), at)
  } else target.fill(NaN, at, at + count)
  if (column.nullCount !== 0) blankNulls(column, from, count, target, at)
}

/** 64-bit integers in two halves: a bigint per row would be an object per row. */
function readLongs(column: Column, from: number, count: number, target: Float64Array, at: number): void {
  const values = column.values as BigInt64Array
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const high = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const scale = column.kind === 'timestamp' || column.kind === 'duration' ? 0.001 : 1
  const top: Int32Array | Uint32Array = column.kind === 'uint' ? low : high
  for (let i = 0; i < count; i++) {
    const word = (from + i) * 2
    target[at + i] = ((top[word + 1] ?? 0) * TWO_32 + (low[word] ?? 0)) * scale
  }
}

function readCodes(column: Column, from: number, to: number, target: Float64Array, at: number): void {
  const { dictionary } = column
  if (!dictionary) return
  const values = new Float64Array(dictionary.length)
  readNumbers(dictionary, 0, dictionary.length, values, 0)
  const codes = column.values as Int32Array
  for (let i = 0; i < to - from; i++) target[at + i] = values[codes[from + i] ?? 0] ?? NaN
}

function blankNulls(column: Column, from: number, count: number, target: Float64Array, at: number): void {
  if (column.kind === 'null') {
    target.fill(NaN, at, at + count)
    return
  }
  const bits = column.validity
  if (!bits) return
  for (let i = 0; i < count; i++) {
    const row = from + i
    if ((((bits[row >> 3] ?? 0) >> (row & 7)) & 1) === 0) target[at + i] = NaN
  }
}

/** The last row that is not null; -1 if all are. */
export function lastRow(column: Column): number {
  for (let row = column.length - 1; row >= 0; row--) if (!isNull(column, row)) return row
  return -1
}
