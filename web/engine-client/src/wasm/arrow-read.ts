// Copies a batch out of the module's memory: Arrow's C structs in, typed arrays over one buffer out.
import type { Batch, Column, ColumnKind } from '../batch.ts'

// Of 32-bit WebAssembly: pointers have 4 bytes, int64 are aligned to 8.
const ARRAY = { length: 0, nulls: 8, offset: 16, buffers: 40, children: 44, dictionary: 48, bytes: 64 }
const ARRAY_CHILD_COUNT = 32
const SCHEMA = { format: 0, name: 4, childCount: 24, children: 32, dictionary: 36, bytes: 48 }
export const ARRAY_BYTES = ARRAY.bytes
export const SCHEMA_BYTES = SCHEMA.bytes

const decoder = new TextDecoder()

/** Gives buffers of at least so many bytes; who has read a batch may give its buffer back. */
export class BufferPool {
  private readonly free: ArrayBuffer[] = []

  take(bytes: number): ArrayBuffer {
    const at = this.free.findIndex((one) => one.byteLength >= bytes)
    const found = at >= 0 ? this.free.splice(at, 1)[0] : undefined
    return found ?? new ArrayBuffer(Math.max(4096, 2 ** Math.ceil(Math.log2(Math.max(bytes, 1)))))
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength > 0 && this.free.length < 16) this.free.push(buffer)
  }
}

interface Part {
  from: number
  bytes: number
  place: (buffer: ArrayBuffer, at: number) => void
}

/** The batch whose ArrowArray lies at `array` and ArrowSchema at `schema`; a struct whose children are the columns. */
export function readBatch(
  memory: WebAssembly.Memory,
  array: number,
  schema: number,
  bytes: number,
  pool: BufferPool
): Batch {
  const reader = new StructReader(memory.buffer)
  const columns = reader.children(array, schema)
  let size = 0
  for (const part of reader.parts) size += (part.bytes + 7) & ~7
  const buffer = pool.take(size)
  const target = new Uint8Array(buffer)
  let at = 0
  for (const part of reader.parts) {
    target.set(new Uint8Array(memory.buffer, part.from, part.bytes), at)
    part.place(buffer, at)
    at += (part.bytes + 7) & ~7
  }
  return { rows: reader.rows(array), columns, buffer, bytes }
}

class StructReader {
  readonly parts: Part[] = []
  private readonly view: DataView

  constructor(private readonly heap: ArrayBufferLike) {
    this.view = new DataView(heap)
  }

  rows(array: number): number {
    return this.long(array + ARRAY.length)
  }

  children(array: number, schema: number): Column[] {
    const count = this.long(array + ARRAY_CHILD_COUNT)
    const arrays = this.word(array + ARRAY.children)
    const schemas = this.word(schema + SCHEMA.children)
    return Array.from({ length: count }, (_, i) => this.column(this.word(arrays + 4 * i), this.word(schemas + 4 * i)))
  }

  private column(array: number, schema: number): Column {
    const format = this.cString(this.word(schema + SCHEMA.format))
    const column: Column = {
      name: this.cString(this.word(schema + SCHEMA.name)),
      kind: kindOf(format),
      format,
      length: this.rows(array),
      nullCount: this.long(array + ARRAY.nulls)
    }
    const offset = this.long(array + ARRAY.offset)
    const buffers = this.word(array + ARRAY.buffers)
    const validity = this.word(buffers)
    if (validity !== 0 && column.kind !== 'null' && column.nullCount !== 0) {
      this.bits(validity, offset, column.length, (bits) => (column.validity = bits))
    }
    const dictionary = this.word(array + ARRAY.dictionary)
    if (dictionary !== 0) {
      column.dictionary = this.column(dictionary, this.word(schema + SCHEMA.dictionary))
      column.kind = column.dictionary.kind
      this.numbers(column, this.word(buffers + 4), offset)
      return column
    }
    this.values(column, array, schema, buffers, offset)
    return column
  }

  private values(column: Column, array: number, schema: number, buffers: number, offset: number): void {
    switch (column.kind) {
      case 'null':
        return
      case 'bool':
        this.bits(this.word(buffers + 4), offset, column.length, (bits) => (column.values = bits))
        return
      case 'string':
      case 'bytes':
        this.texts(column, this.word(buffers + 4), this.word(buffers + 8), offset)
        return
      case 'other':
        if (column.format === '+l') this.offsets(column, this.word(buffers + 4), offset)
        column.children = this.children(array, schema)
        return
      default:
        this.numbers(column, this.word(buffers + 4), offset)
    }
  }

  private numbers(column: Column, from: number, offset: number): void {
    const Values = arrayOf(column.dictionary ? 'i' : column.format)
    const bytes = column.length * Values.BYTES_PER_ELEMENT
    this.parts.push({
      from: from + offset * Values.BYTES_PER_ELEMENT,
      bytes,
      place: (buffer, at) => (column.values = new Values(buffer, at, column.length))
    })
  }

  private offsets(column: Column, from: number, offset: number): void {
    this.parts.push({
      from: from + offset * 4,
      bytes: (column.length + 1) * 4,
      place: (buffer, at) => (column.offsets = new Int32Array(buffer, at, column.length + 1))
    })
  }

  private texts(column: Column, offsets: number, bytes: number, offset: number): void {
    const first = this.view.getInt32(offsets + offset * 4, true)
    const last = this.view.getInt32(offsets + (offset + column.length) * 4, true)
    this.parts.push({
      from: offsets + offset * 4,
      bytes: (column.length + 1) * 4,
      place: (buffer, at) => {
        const placed = new Int32Array(buffer, at, column.length + 1)
        if (first !== 0) for (let i = 0; i < placed.length; i++) placed[i] = (placed[i] ?? 0) - first
        column.offsets = placed
      }
    })
    this.parts.push({
      from: bytes + first,
      bytes: last - first,
      place: (buffer, at) => (column.values = new Uint8Array(buffer, at, last - first))
    })
  }

  /** Bits from `offset` on; they are moved to begin at the first bit. */
  private bits(from: number, offset: number, count: number, place: (bits: Uint8Array) => void): void {
    const shift = offset & 7
    const bytes = (shift + count + 7) >> 3
    this.parts.push({
      from: from + (offset >> 3),
      bytes,
      place: (buffer, at) => {
        const bits = new Uint8Array(buffer, at, bytes)
        if (shift !== 0) {
          for (let i = 0; i < bytes; i++) bits[i] = ((bits[i] ?? 0) >> shift) | ((bits[i + 1] ?? 0) << (8 - shift))
        }
        place(bits)
      }
    })
  }

  private word(at: number): number {
    return this.view.getUint32(at, true)
  }

  private long(at: number): number {
    return Number(this.view.getBigInt64(at, true))
  }

  private cString(at: number): string {
    if (at === 0) return ''
    const bytes = new Uint8Array(this.heap, at)
    return decoder.decode(bytes.slice(0, bytes.indexOf(0)))
  }
}

function kindOf(format: string): ColumnKind {
  switch (format[0]) {
    case 'n':
      return 'null'
    case 'b':
      return 'bool'
    case 'l':
    case 'i':
      return 'int'
    case 'L':
    case 'I':
      return 'uint'
    case 'g':
      return 'double'
    case 'u':
      return 'string'
    case 'z':
      return 'bytes'
    case 't':
      return format.startsWith('tD') ? 'duration' : 'timestamp'
    default:
      return 'other'
  }
}

type NumberArray =
  typeof Float64Array | typeof BigInt64Array | typeof BigUint64Array | typeof Int32Array | typeof Uint32Array

function arrayOf(format: string): NumberArray {
  switch (format[0]) {
    case 'g':
      return Float64Array
    case 'L':
      return BigUint64Array
    case 'i':
      return Int32Array
    case 'I':
      return Uint32Array
    default:
      return BigInt64Array
  }
}
