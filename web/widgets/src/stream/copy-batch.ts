// A batch over a buffer of its own, so that the first one's buffer can be used again.
import type { Batch, Column } from '@weir/engine-client'

type Typed = NonNullable<Column['values']>

/**
 * Copies what the columns use, close together: a pooled buffer may be far larger than its rows. Uses `target` if it
 * is large enough.
 */
export function copyBatch(batch: Batch, target?: ArrayBuffer): Batch {
  let bytes = 0
  for (const column of batch.columns) bytes += sizeOf(column)
  const buffer = target && target.byteLength >= bytes ? target : new ArrayBuffer(bytes)
  const place = new Place(buffer)
  return { rows: batch.rows, bytes: batch.bytes, buffer, columns: batch.columns.map((column) => place.column(column)) }
}

function sizeOf(column: Column): number {
  let bytes = 0
  for (const part of [column.validity, column.offsets, column.values]) if (part) bytes += aligned(part.byteLength)
  if (column.dictionary) bytes += sizeOf(column.dictionary)
  for (const child of column.children ?? []) bytes += sizeOf(child)
  return bytes
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7
}

class Place {
  private at = 0

  constructor(private readonly buffer: ArrayBuffer) {}

  column(column: Column): Column {
    const copy: Column = { ...column }
    if (column.validity) copy.validity = this.put(column.validity)
    if (column.offsets) copy.offsets = this.put(column.offsets)
    if (column.values) copy.values = this.put(column.values)
    if (column.dictionary) copy.dictionary = this.column(column.dictionary)
    if (column.children) copy.children = column.children.map((child) => this.column(child))
    return copy
  }

  private put<T extends Typed>(values: T): T {
    const Values = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T
    const copy = new Values(this.buffer, this.at, values.length)
    copy.set(values as never)
    this.at += aligned(values.byteLength)
    return copy
  }
}
