// Reading ahead of a File: the bytes are those of the file wherever it is read, and few of them are held.
import { describe, expect, it, vi } from 'vitest'
import { ReadAhead } from '../src/browser/files/read-ahead.ts'

const MEGABYTE = 1 << 20
const content = new Uint8Array(9 * MEGABYTE + 12_345).map((_, i) => (i * 31 + (i >> 12)) & 255)
const file = (): File => new File([content], 'numbers.bin')

async function readAt(ahead: ReadAhead, offset: number, bytes: number): Promise<Uint8Array | undefined> {
  await ahead.ready(offset, bytes)
  const into = new Uint8Array(Math.min(bytes, content.length - offset))
  return ahead.copy(offset, into) ? into : undefined
}

function isSame(read: Uint8Array | undefined, offset: number): boolean {
  return read !== undefined && Buffer.compare(read, content.subarray(offset, offset + read.length)) === 0
}

describe('A file that is read ahead', () => {
  it('gives the bytes of the file from front to back, also across blocks', async () => {
    const ahead = new ReadAhead(file())
    for (let offset = 0; offset < content.length; offset += 700_001) {
      expect(isSame(await readAt(ahead, offset, 900_000), offset), String(offset)).toBe(true)
    }
  })

  it('has the next part at once when it comes to it', async () => {
    const ahead = new ReadAhead(file())
    await readAt(ahead, 0, MEGABYTE)
    await readAt(ahead, MEGABYTE, MEGABYTE)
    // Nothing asks for it but this question.
    await vi.waitFor(
      () => {
        expect(ahead.ready(2 * MEGABYTE, MEGABYTE)).toBeUndefined()
      },
      { timeout: 60_000 }
    )
    expect(isSame(await readAt(ahead, 2 * MEGABYTE, MEGABYTE), 2 * MEGABYTE)).toBe(true)
  })

  it('leaves reads that are far apart, or larger than what it holds, to its reader', async () => {
    const ahead = new ReadAhead(file())
    expect(ahead.ready(8 * MEGABYTE, 1000)).toBeUndefined()
    expect(ahead.ready(0, 8 * MEGABYTE)).toBeUndefined()
    expect(ahead.copy(0, new Uint8Array(10))).toBe(false)
    expect(await readAt(ahead, content.length, 10)).toEqual(new Uint8Array(0))
  })

  it('lets parts go that are behind it', async () => {
    const ahead = new ReadAhead(file())
    for (let block = 0; block < 9; block++) await readAt(ahead, block * MEGABYTE, MEGABYTE)
    expect(ahead.copy(0, new Uint8Array(10))).toBe(false)
    expect(ahead.copy(8 * MEGABYTE, new Uint8Array(10))).toBe(true)
  })

  it('has nothing of a file that cannot be read any more, and does not fail itself', async () => {
    const broken = { size: content.length, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('changed')) }) }
    expect(await readAt(new ReadAhead(broken as unknown as Blob), 0, 1000)).toBeUndefined()
  })
})
