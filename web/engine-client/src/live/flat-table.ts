// FlatTable: a table of FlatBuffers, as far as Arrow's metadata needs it. What lies outside of the bytes is a RangeError.

const decoder = new TextDecoder()

export class FlatTable {
  private readonly vtable: number

  private constructor(
    private readonly view: DataView,
    private readonly at: number
  ) {
    this.vtable = at - view.getInt32(at, true)
  }

  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new FlatTable(view, view.getUint32(0, true))
  }

  byte(field: number, otherwise = 0): number {
    const at = this.field(field)
    return at === 0 ? otherwise : this.view.getUint8(at)
  }

  short(field: number, otherwise = 0): number {
    const at = this.field(field)
    return at === 0 ? otherwise : this.view.getInt16(at, true)
  }

  int(field: number, otherwise = 0): number {
    const at = this.field(field)
    return at === 0 ? otherwise : this.view.getInt32(at, true)
  }

  long(field: number, otherwise = 0): number {
    const at = this.field(field)
    return at === 0 ? otherwise : Number(this.view.getBigInt64(at, true))
  }

  table(field: number): FlatTable | undefined {
    const at = this.field(field)
    return at === 0 ? undefined : new FlatTable(this.view, this.follow(at))
  }

  text(field: number): string {
    const at = this.field(field)
    if (at === 0) return ''
    const from = this.follow(at)
    const size = this.view.getUint32(from, true)
    if (from + 4 + size > this.view.byteLength) throw new RangeError('a text ends outside of the metadata')
    return decoder.decode(new Uint8Array(this.view.buffer, this.view.byteOffset + from + 4, size))
  }

  tables(field: number): FlatTable[] {
    return this.elements(field, 4, (at) => new FlatTable(this.view, this.follow(at)))
  }

  /** Structs of two 64-bit numbers. */
  pairs(field: number): [number, number][] {
    return this.elements(field, 16, (at) => [
      Number(this.view.getBigInt64(at, true)),
      Number(this.view.getBigInt64(at + 8, true))
    ])
  }

  private elements<T>(field: number, width: number, read: (at: number) => T): T[] {
    const at = this.field(field)
    if (at === 0) return []
    const from = this.follow(at)
    const count = this.view.getUint32(from, true)
    if (from + 4 + count * width > this.view.byteLength) throw new RangeError('a list ends outside of the metadata')
    return Array.from({ length: count }, (_, i) => read(from + 4 + i * width))
  }

  private field(number: number): number {
    const size = this.view.getUint16(this.vtable, true)
    const slot = 4 + 2 * number
    const offset = slot + 2 > size ? 0 : this.view.getUint16(this.vtable + slot, true)
    return offset === 0 ? 0 : this.at + offset
  }

  private follow(at: number): number {
    return at + this.view.getUint32(at, true)
  }
}
