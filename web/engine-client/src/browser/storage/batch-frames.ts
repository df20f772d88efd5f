// Batches as bytes and back, for recordings: a head as JSON, then the columns as they lie in memory.
import type { Batch, Column } from '../../batch.ts'
import { WeirError } from '../../errors.ts'

const MAGIC = 0x31_52_49_57 // "WIR1"
const HEAD_BYTES = 12
const MOST_HEAD = 16 * 1024 * 1024
const MOST_BODY = 1024 * 1024 * 1024

type Numbers = Float64Array | BigInt64Array | BigUint64Array | Uint8Array | Int32Array | Uint32Array | Uint16Array

const KINDS = {
  f64: Float64Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  u8: Uint8Array,
  i32: Int32Array,
  u32: Uint32Array,
  u16: Uint16Array
}
type Kind = keyof typeof KINDS

/** [kind, first byte, elements] of an array in the body. */
type Place = [Kind, number, number]

interface ColumnHead {
  name: string
  kind: Column['kind']
  format: string
  length: number
  nullCount: number
  validity?: Place
  offsets?: Place
  values?: Place
  dictionary?: ColumnHead
  children?: ColumnHead[]
}

interface FrameHead {
  rows: number
  bytes: number
  columns: ColumnHead[]
}

function kindOf(array: Numbers): Kind {
  const found = (Object.keys(KINDS) as Kind[]).find((kind) => array instanceof KINDS[kind])
  if (found) return found
  throw new TypeError('a column of a batch lies in an array of another kind')
}

class Body {
  readonly arrays: { at: number; array: Numbers }[] = []
  bytes = 0

  place(array: Numbers): Place {
    const at = this.bytes
    this.arrays.push({ at, array })
    this.bytes = (at + array.byteLength + 7) & ~7
    return [kindOf(array), at, array.length]
  }
}

function headOf(column: Column, body: Body): ColumnHead {
  const { name, kind, format, length, nullCount } = column
  const head: ColumnHead = { name, kind, format, length, nullCount }
  if (column.validity) head.validity = body.place(column.validity)
  if (column.offsets) head.offsets = body.place(column.offsets)
  if (column.values) head.values = body.place(column.values)
  if (column.dictionary) head.dictionary = headOf(column.dictionary, body)
  if (column.children) head.children = column.children.map((child) => headOf(child, body))
  return head
}

/** The frame of one batch; the batch can be given back then. */
export function frameOf(batch: Batch): Uint8Array<ArrayBuffer> {
  const body = new Body()
  const columns = batch.columns.map((column) => headOf(column, body))
  const head = new TextEncoder().encode(
    JSON.stringify({ rows: batch.rows, bytes: batch.bytes, columns } satisfies FrameHead)
  )
  const frame = new Uint8Array(HEAD_BYTES + head.length + body.bytes)
  const view = new DataView(frame.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, head.length, true)
  view.setUint32(8, body.bytes, true)
  frame.set(head, HEAD_BYTES)
  for (const { at, array } of body.arrays) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    frame.set(bytes, HEAD_BYTES + head.length + at)
  }
  return frame
}

function arrayAt(buffer: ArrayBuffer, [kind, at, length]: Place): Numbers {
  const Made = KINDS[kind]
  if (at < 0 || length < 0 || at + length * Made.BYTES_PER_ELEMENT > buffer.byteLength) throw damaged()
  return new Made(buffer, at, length)
}

function columnOf(head: ColumnHead, buffer: ArrayBuffer): Column {
  const { name, kind, format, length, nullCount } = head
  const column: Column = { name, kind, format, length, nullCount }
  if (head.validity) column.validity = arrayAt(buffer, head.validity) as Uint8Array
  if (head.offsets) column.offsets = arrayAt(buffer, head.offsets) as Int32Array
  if (head.values) column.values = arrayAt(buffer, head.values)
  if (head.dictionary) column.dictionary = columnOf(head.dictionary, buffer)
  if (head.children) column.children = head.children.map((child) => columnOf(child, buffer))
  return column
}

/** For `RecordingWriter.writable`, in a recording of the format `batches`. */
export function batchesToBytes(onBatch?: (batch: Batch) => void): TransformStream<Batch, Uint8Array> {
  return new TransformStream<Batch, Uint8Array>({
    transform(batch, controller) {
      controller.enqueue(frameOf(batch))
      onBatch?.(batch)
    }
  })
}

/** For `Recordings.open`; a last frame that is cut off (its tab was killed) is left out. */
export function bytesToBatches(): TransformStream<Uint8Array, Batch> {
  let pieces: Uint8Array[] = []
  let held = 0
  // Pieces are joined once there is enough for the next frame, and not with every chunk.
  let needed = HEAD_BYTES
  return new TransformStream<Uint8Array, Batch>({
    transform(chunk, controller) {
      pieces.push(chunk)
      held += chunk.length
      if (held < needed) return
      const all = joined(pieces, held)
      let at = 0
      let end = endOf(all, at)
      for (; end !== undefined && end <= all.length; end = endOf(all, at)) {
        controller.enqueue(batchOf(all.subarray(at, end)))
        at = end
      }
      pieces = [all.slice(at)]
      held = all.length - at
      needed = end === undefined ? HEAD_BYTES : end - at
    }
  })
}

function joined(pieces: Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

function endOf(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length - at < HEAD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD_BYTES)
  const head = view.getUint32(4, true)
  const body = view.getUint32(8, true)
  if (view.getUint32(0, true) !== MAGIC || head > MOST_HEAD || body > MOST_BODY) throw damaged()
  return at + HEAD_BYTES + head + body
}

function batchOf(frame: Uint8Array): Batch {
  const headBytes = new DataView(frame.buffer, frame.byteOffset).getUint32(4, true)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(HEAD_BYTES, HEAD_BYTES + headBytes))
    const head = JSON.parse(text) as FrameHead
    const buffer = frame.slice(HEAD_BYTES + headBytes).buffer
    const columns = head.columns.map((column) => columnOf(column, buffer))
    return { rows: head.rows, columns, buffer, bytes: head.bytes }
  } catch {
    throw damaged()
  }
}

function damaged(): WeirError {
  return new WeirError('storage.corrupt', 'the recording is damaged: a batch in it cannot be read')
}
