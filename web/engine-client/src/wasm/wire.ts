// Wire: arguments and answers of host calls, as hosts/browser/wire.h lays them out.

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Reads little-endian numbers, and texts behind their length. The bytes may be gone once control returns to the module. */
export class WireReader {
  private at = 0
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  flag(): boolean {
    const value = this.view.getUint8(this.at)
    this.at += 1
    return value !== 0
  }

  word(): number {
    const value = this.view.getUint32(this.at, true)
    this.at += 4
    return value
  }

  number(): number {
    const value = this.view.getFloat64(this.at, true)
    this.at += 8
    return value
  }

  /** A copy. */
  blob(): Uint8Array<ArrayBuffer> {
    const size = this.word()
    const value = new Uint8Array(size)
    value.set(this.bytes.subarray(this.at, this.at + size))
    this.at += size
    return value
  }

  text(): string {
    const size = this.word()
    const value = decoder.decode(this.bytes.subarray(this.at, this.at + size))
    this.at += size
    return value
  }

  more(): boolean {
    return this.at < this.bytes.length
  }
}

export class WireWriter {
  private bytes = new Uint8Array(256)
  private view = new DataView(this.bytes.buffer)
  private size = 0

  flag(value: boolean): this {
    this.room(1)
    this.view.setUint8(this.size, value ? 1 : 0)
    this.size += 1
    return this
  }

  word(value: number): this {
    this.room(4)
    this.view.setUint32(this.size, value, true)
    this.size += 4
    return this
  }

  number(value: number): this {
    this.room(8)
    this.view.setFloat64(this.size, value, true)
    this.size += 8
    return this
  }

  blob(value: Uint8Array): this {
    this.word(value.length)
    this.room(value.length)
    this.bytes.set(value, this.size)
    this.size += value.length
    return this
  }

  text(value: string): this {
    return this.blob(encoder.encode(value))
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.size)
  }

  private room(bytes: number): void {
    if (this.size + bytes <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.size + bytes))
    larger.set(this.bytes.subarray(0, this.size))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}
