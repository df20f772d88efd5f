// Makes copies of a WebAssembly module: one exported function traps when it is called; its memory may grow less.

const SECTION = { imports: 2, memory: 5, exports: 7, code: 10 } as const
const UNREACHABLE = 0x00
const NOP = 0x01
const END = 0x0b

class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number
  ) {}

  byte(): number {
    return this.bytes[this.at++] ?? 0
  }

  /** LEB128. */
  number(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  text(): string {
    const size = this.number()
    this.at += size
    return new TextDecoder().decode(this.bytes.subarray(this.at - size, this.at))
  }
}

function sectionOf(bytes: Uint8Array, wanted: number): Cursor {
  const cursor = new Cursor(bytes, 8)
  while (cursor.at < bytes.length) {
    const id = cursor.byte()
    const size = cursor.number()
    if (id === wanted) return cursor
    cursor.at += size
  }
  throw new Error(`the module has no section ${wanted}`)
}

/** The module imports functions only. */
function importCount(bytes: Uint8Array): number {
  return sectionOf(bytes, SECTION.imports).number()
}

function exportedFunction(bytes: Uint8Array, name: string): number {
  const cursor = sectionOf(bytes, SECTION.exports)
  for (let left = cursor.number(); left > 0; left--) {
    const [exported, kind, index] = [cursor.text(), cursor.byte(), cursor.number()]
    if (exported === name && kind === 0) return index
  }
  throw new Error(`the module exports no function '${name}'`)
}

export function trappingAt(module: Uint8Array, name: string): Uint8Array {
  const bytes = new Uint8Array(module)
  const wanted = exportedFunction(bytes, name) - importCount(bytes)
  const cursor = sectionOf(bytes, SECTION.code)
  cursor.number()
  for (let left = wanted; left > 0; left--) {
    const size = cursor.number()
    cursor.at += size
  }
  const size = cursor.number()
  bytes.fill(NOP, cursor.at, cursor.at + size)
  bytes.set([0, UNREACHABLE], cursor.at)
  bytes[cursor.at + size - 1] = END
  return bytes
}

/** A copy whose memory may grow to `pages` pages of 64 KiB. */
export function withMostPages(module: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(module)
  const cursor = sectionOf(bytes, SECTION.memory)
  cursor.number()
  if (cursor.byte() !== 1) throw new Error('the memory of the module has no maximum')
  cursor.number()
  const at = cursor.at
  cursor.number()
  // As many bytes as before.
  const size = cursor.at - at
  for (let i = 0; i < size; i++) bytes[at + i] = ((pages >> (7 * i)) & 0x7f) | (i < size - 1 ? 0x80 : 0)
  return bytes
}
