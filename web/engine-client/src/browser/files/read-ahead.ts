// ReadAhead: the parts of a File around where it is read, fetched before they are asked for.

const BLOCK_BYTES = 1 << 20
/** Blocks that are fetched beyond what was asked for. */
const AHEAD = 3
/** Blocks that stay behind: several readers of one file are not all at one place. */
const BEHIND = 4

interface Block {
  /** Absent: on its way, or it could not be read. */
  bytes?: Uint8Array
  /** Never rejects. */
  arrived: Promise<void>
  over: boolean
}

/**
 * A worker that reads synchronously waits for the process that has the file, each time; files that are read from front to
 * back need not. At most 12 MiB a file.
 */
export class ReadAhead {
  private readonly blocks = new Map<number, Block>()
  private lastEnd = 0

  constructor(private readonly file: Blob) {}

  /** Resolves when `copy` has these bytes or never will have them; undefined: it is so now. */
  ready(offset: number, bytes: number): Promise<void> | undefined {
    const end = Math.min(this.file.size, offset + bytes)
    const isNear = Math.abs(offset - this.lastEnd) <= BEHIND * BLOCK_BYTES
    this.lastEnd = end
    if (!isNear || offset >= end || bytes > AHEAD * BLOCK_BYTES || this.file.size <= BLOCK_BYTES) return undefined
    const [first, last] = [blockOf(offset), blockOf(end - 1)]
    for (const number of this.blocks.keys()) {
      if (number < first - BEHIND || number > last + AHEAD + BEHIND) this.blocks.delete(number)
    }
    for (let number = first; number <= last + AHEAD; number++) this.fetch(number)
    const missing: Promise<void>[] = []
    for (let number = first; number <= last; number++) {
      const block = this.blocks.get(number)
      if (block && !block.over) missing.push(block.arrived)
    }
    return missing.length === 0 ? undefined : Promise.all(missing).then(() => undefined)
  }

  /** False: not all of it is here. */
  copy(offset: number, into: Uint8Array): boolean {
    const end = offset + into.length
    for (let at = offset; at < end;) {
      const number = blockOf(at)
      const from = at - number * BLOCK_BYTES
      const part = this.blocks.get(number)?.bytes?.subarray(from, from + end - at)
      if (!part || part.length === 0) return false
      into.set(part, at - offset)
      at += part.length
    }
    return true
  }

  private fetch(number: number): void {
    const from = number * BLOCK_BYTES
    if (from >= this.file.size || this.blocks.has(number)) return
    const block: Block = { arrived: Promise.resolve(), over: false }
    block.arrived = this.file
      .slice(from, from + BLOCK_BYTES)
      .arrayBuffer()
      .then(
        (bytes) => {
          block.bytes = new Uint8Array(bytes)
        },
        // Who asks for it reads it at once instead, and is told why that fails.
        () => undefined
      )
      .then(() => {
        block.over = true
      })
    this.blocks.set(number, block)
  }
}

function blockOf(offset: number): number {
  return Math.floor(offset / BLOCK_BYTES)
}
