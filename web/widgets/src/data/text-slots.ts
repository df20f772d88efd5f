// TextSlots: gives each distinct text a small number, by its bytes: a text is decoded once, not once a row.
import { isNull, type Column } from '@weir/engine-client'
import { cellText, EMPTY } from './cell-text.ts'

const decoder = new TextDecoder()

/** `limit`: the most distinct texts; those after get the slot `other`. */
export class TextSlots {
  static readonly other = -1
  readonly names: string[] = []
  private readonly keys: Uint8Array[] = []
  private readonly table: Int32Array
  private readonly mask: number
  private readonly byName = new Map<string, number>()

  constructor(readonly limit: number) {
    const size = 2 ** Math.ceil(Math.log2(limit * 4))
    this.table = new Int32Array(size).fill(-1)
    this.mask = size - 1
  }

  /** A reader of this column's slots. Columns of other kinds than text are named as they are written. */
  reader(column: Column): (row: number) => number {
    const { dictionary } = column
    if (dictionary && dictionary.kind === 'string') {
      const slots = Int32Array.from({ length: dictionary.length }, (_, code) => this.slotOf(dictionary, code))
      const codes = column.values as Int32Array
      return (row) => (isNull(column, row) ? this.named(EMPTY) : (slots[codes[row] ?? 0] ?? TextSlots.other))
    }
    if (column.kind === 'string' && column.offsets) {
      return (row) => (isNull(column, row) ? this.named(EMPTY) : this.slotOf(column, row))
    }
    return (row) => this.named(isNull(column, row) ? EMPTY : cellText(column, row))
  }

  private slotOf(column: Column, row: number): number {
    const bytes = column.values as Uint8Array
    const from = column.offsets?.[row] ?? 0
    const to = column.offsets?.[row + 1] ?? from
    let at = hash(bytes, from, to) & this.mask
    for (;;) {
      const slot = this.table[at] ?? -1
      if (slot < 0) break
      if (same(this.keys[slot], bytes, from, to)) return slot
      at = (at + 1) & this.mask
    }
    if (this.names.length >= this.limit) return TextSlots.other
    const key = bytes.slice(from, to)
    const slot = this.named(decoder.decode(key))
    this.keys[slot] = key
    this.table[at] = slot
    return slot
  }

  private named(name: string): number {
    const known = this.byName.get(name)
    if (known !== undefined) return known
    if (this.names.length >= this.limit) return TextSlots.other
    this.names.push(name)
    this.byName.set(name, this.names.length - 1)
    return this.names.length - 1
  }
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5
  for (let i = from; i < to; i++) value = Math.imul(value ^ (bytes[i] ?? 0), 0x01000193)
  return value >>> 0
}

function same(key: Uint8Array | undefined, bytes: Uint8Array, from: number, to: number): boolean {
  if (!key || key.length !== to - from) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) return false
  return true
}
