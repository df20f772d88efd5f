// A part of a batch, over the same buffer.
import type { Batch, Column } from './batch.ts'

/** Rows from `from` on, `most` at most. */
export function sliceBatch(batch: Batch, from: number, most = Infinity): Batch {
  const rows = Math.min(most, Math.max(0, batch.rows - from))
  const columns = batch.columns.map((column) => sliceColumn(column, from, rows))
  return { rows, columns, buffer: batch.buffer, bytes: batch.rows === 0 ? 0 : (batch.bytes * rows) / batch.rows }
}

function sliceColumn(column: Column, from: number, length: number): Column {
  const sliced: Column = { ...column, length }
  if (column.validity) {
    sliced.validity = bitsFrom(column.validity, from, length)
    sliced.nullCount = length - countOnes(sliced.validity, length)
  } else sliced.nullCount = column.kind === 'null' ? length : 0
  // Texts and lists keep their values: the offsets say which.
  if (column.offsets) sliced.offsets = column.offsets.subarray(from, from + length + 1)
  else if (column.kind === 'bool') sliced.values = bitsFrom(column.values as Uint8Array, from, length)
  else if (column.values) sliced.values = column.values.subarray(from, from + length)
  if (column.children && !column.offsets) {
    const each = column.length === 0 ? 1 : (column.children[0]?.length ?? 0) / column.length
    sliced.children = column.children.map((child) => sliceColumn(child, from * each, length * each))
  }
  return sliced
}

function bitsFrom(bits: Uint8Array, from: number, count: number): Uint8Array {
  const shift = from & 7
  const first = from >> 3
  const bytes = (count + 7) >> 3
  if (shift === 0) return bits.subarray(first, first + bytes)
  return Uint8Array.from(
    { length: bytes },
    (_, i) => ((bits[first + i] ?? 0) >> shift) | ((bits[first + i + 1] ?? 0) << (8 - shift))
  )
}

function countOnes(bits: Uint8Array, count: number): number {
  let ones = 0
  for (let i = 0; i < count; i++) if (((bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0) ones += 1
  return ones
}
