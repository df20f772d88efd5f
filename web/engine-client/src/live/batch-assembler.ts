// BatchAssembler: rows of one subscription, from frames that hold one Arrow IPC message each.
import type { Batch, Column } from '../batch.ts'
import { WeirError } from '../errors.ts'
import { fieldsOf, type ArrowField } from './arrow-schema.ts'
import { FlatTable } from './flat-table.ts'
import { FrameKind, type Frame } from './frames.ts'

const LEAD_BYTES = 8
const CONTINUATION = 0xffffffff
const HEADER = { schema: 1, dictionary: 2, batch: 3 }
const ENVELOPE = 'weir.envelope'

export class BatchAssembler {
  private fields: ArrowField[] | undefined
  private readonly dictionaries = new Map<number, Column>()

  /** The batch, if the frame holds one. @throws WeirError `live.frame`, `arrow.invalid`, `arrow.truncated`, `arrow.unsupported` */
  take(frame: Frame): Batch | undefined {
    if (frame.isCompressed) throw new WeirError('live.frame', 'a frame is compressed, which is not read here')
    try {
      return this.read(frame)
    } catch (reason) {
      if (reason instanceof WeirError) throw reason
      throw new WeirError('arrow.invalid', `rows that came are damaged: ${String(reason)}`)
    }
  }

  private read({ kind, payload }: Frame): Batch | undefined {
    const { table, body } = messageIn(payload)
    const header = table.table(2)
    const type = table.byte(1)
    if (!header) throw new WeirError('arrow.invalid', 'a message has no header')
    if (kind === FrameKind.schema && type === HEADER.schema) {
      this.fields = fieldsOf(header)
      this.dictionaries.clear()
      return undefined
    }
    if (!this.fields) throw new WeirError('live.frame', 'rows came before their schema')
    if (kind === FrameKind.dictionary && type === HEADER.dictionary) {
      this.addDictionary(this.fields, header, body)
      return undefined
    }
    if (kind !== FrameKind.batch || type !== HEADER.batch) {
      throw new WeirError('live.frame', `a frame of kind ${kind} holds a message of kind ${type}`)
    }
    const reader = new BodyReader(header, body, this.dictionaries)
    const columns = this.fields.map((field) => reader.column(field, reader.rows))
    return {
      rows: reader.rows,
      columns: columns.filter((column) => column.name !== ENVELOPE),
      buffer: body.buffer,
      bytes: body.byteLength
    }
  }

  private addDictionary(fields: readonly ArrowField[], header: FlatTable, body: Uint8Array<ArrayBuffer>): void {
    const id = header.long(0)
    const data = header.table(1)
    const field = fields.find((one) => one.dictionary === id)
    if (!data || !field) throw new WeirError('arrow.invalid', `no field has the dictionary ${id}`)
    if (header.byte(2) !== 0) throw new WeirError('arrow.unsupported', 'a dictionary adds to another one')
    const { name, kind, format, width, children } = field
    const reader = new BodyReader(data, body, this.dictionaries)
    this.dictionaries.set(id, reader.column({ name, kind, format, width, children }, reader.rows))
  }
}

/** The metadata, and the body in a buffer of its own, so that columns lie where typed arrays need them. */
function messageIn(payload: Uint8Array): { table: FlatTable; body: Uint8Array<ArrayBuffer> } {
  if (payload.length < LEAD_BYTES) throw new WeirError('arrow.truncated', 'a message is cut')
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const size = view.getUint32(4, true)
  if (view.getUint32(0, true) !== CONTINUATION) throw new WeirError('arrow.invalid', 'a message has no mark')
  if (LEAD_BYTES + size > payload.length) throw new WeirError('arrow.truncated', 'the metadata of a message is cut')
  const table = FlatTable.root(payload.subarray(LEAD_BYTES, LEAD_BYTES + size))
  const bodyBytes = table.long(3)
  const from = LEAD_BYTES + size
  if (bodyBytes < 0 || from + bodyBytes > payload.length) throw new WeirError('arrow.truncated', 'a body is cut')
  return { table, body: new Uint8Array(payload.slice(from, from + bodyBytes)) }
}

/** Takes the nodes and buffers of a RecordBatch in their order; each is checked against the body. */
class BodyReader {
  readonly rows: number
  private readonly nodes: [number, number][]
  private readonly buffers: [number, number][]
  private node = 0
  private buffer = 0

  constructor(
    header: FlatTable,
    private readonly body: Uint8Array<ArrayBuffer>,
    private readonly dictionaries: ReadonlyMap<number, Column>
  ) {
    if (header.table(3)) throw new WeirError('arrow.compressed', 'rows are compressed, which is not read here')
    this.rows = header.long(0)
    this.nodes = header.pairs(1)
    this.buffers = header.pairs(2)
    // A row without columns has no bytes; anything else has at least a bit.
    if (!(this.rows >= 0 && this.rows < 2 ** 31)) throw new RangeError(`${this.rows} rows`)
  }

  column(field: ArrowField, rows: number): Column {
    const [length, nullCount] = this.nodes[this.node++] ?? [-1, 0]
    if (length !== rows || nullCount < 0 || nullCount > rows) {
      throw new RangeError(`the column '${field.name}' has ${length} of ${rows} rows`)
    }
    const { name, kind, format } = field
    const column: Column = { name, kind, format, length, nullCount }
    if (kind === 'null') return column
    const validity = this.bytes()
    if (nullCount > 0) column.validity = atLeast(validity, (rows + 7) >> 3, name)
    if (field.dictionary !== undefined) this.codes(column, field.dictionary)
    else this.values(column, field)
    return column
  }

  private values(column: Column, field: ArrowField): void {
    const { kind, length: rows, name } = column
    if (kind === 'bool') column.values = atLeast(this.bytes(), (rows + 7) >> 3, name)
    else if (kind === 'string' || kind === 'bytes') {
      column.offsets = this.offsets(rows, name)
      column.values = atLeast(this.bytes(), column.offsets.at(-1) ?? 0, name)
    } else if (kind === 'other') this.nested(column, field)
    else {
      const Values = kind === 'double' ? Float64Array : kind === 'uint' ? BigUint64Array : BigInt64Array
      const bytes = atLeast(this.bytes(), rows * 8, name)
      column.values = new Values(bytes.buffer, bytes.byteOffset, rows)
    }
  }

  private nested(column: Column, field: ArrowField): void {
    let rows = column.length
    if (column.format === '+l') {
      column.offsets = this.offsets(rows, column.name)
      rows = column.offsets.at(-1) ?? 0
    } else if (field.width > 0) rows *= field.width
    column.children = field.children.map((child) => this.column(child, rows))
  }

  private codes(column: Column, id: number): void {
    const dictionary = this.dictionaries.get(id)
    if (!dictionary) throw new WeirError('live.frame', `the dictionary ${id} has not come`)
    const bytes = atLeast(this.bytes(), column.length * 4, column.name)
    const codes = new Int32Array(bytes.buffer, bytes.byteOffset, column.length)
    // An absent row has the code 0, also of a dictionary without entries.
    if (codes.some((code) => code < 0 || (code >= dictionary.length && code !== 0))) {
      throw new RangeError(`a code of '${column.name}' is not in its dictionary`)
    }
    column.dictionary = dictionary
    column.kind = dictionary.kind
    column.values = codes
  }

  private offsets(rows: number, name: string): Int32Array {
    const bytes = atLeast(this.bytes(), (rows + 1) * 4, name)
    const offsets = new Int32Array(bytes.buffer, bytes.byteOffset, rows + 1)
    let before = 0
    for (const one of offsets) {
      if (one < before) throw new RangeError(`the offsets of '${name}' go back`)
      before = one
    }
    return offsets
  }

  private bytes(): Uint8Array<ArrayBuffer> {
    const [from, size] = this.buffers[this.buffer++] ?? [-1, 0]
    if (from < 0 || size < 0 || from % 8 !== 0 || from + size > this.body.length) {
      throw new RangeError(`a buffer of ${size} bytes at ${from} is outside of the body`)
    }
    return this.body.subarray(from, from + size)
  }
}

function atLeast(bytes: Uint8Array<ArrayBuffer>, size: number, name: string): Uint8Array<ArrayBuffer> {
  if (bytes.length < size) throw new RangeError(`the column '${name}' has ${bytes.length} of ${size} bytes`)
  return bytes
}
