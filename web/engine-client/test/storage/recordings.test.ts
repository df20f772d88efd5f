// Recorded streams: parts on disk, read back as they were, bounded in bytes, whole after a crash.
import type { Batch } from '@weir/engine-client'
import { rowsOf } from '@weir/engine-client'
import { batchesToBytes, bytesToBatches, type BrowserStorage } from '@weir/engine-client/storage'
import { describe, expect, it } from 'vitest'
import { failureOf, freshStorage } from './stores.ts'

const about = { flow: 'a', run: 'r1', node: 'read', port: 'rows', format: 'arrow' }

async function record(storage: BrowserStorage, id: string, chunks: Uint8Array[]): Promise<void> {
  const recording = await storage.recordings.create({ ...about, id })
  const writer = recording.writable.getWriter()
  for (const chunk of chunks) await writer.write(chunk)
  await writer.close()
}

async function bytesOf(storage: BrowserStorage, id: string): Promise<Uint8Array> {
  return new Uint8Array(await new Response((await storage.recordings.open(id)) as ReadableStream).arrayBuffer())
}

function counting(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => i % 251)
}

describe('Recordings', () => {
  it('gives back the bytes of a recording that is larger than its parts', async () => {
    const { storage, payloads } = freshStorage({ partBytes: 1_000 })
    const all = counting(10_500)
    await record(storage, 'one', [all.subarray(0, 10), all.subarray(10, 7_777), all.subarray(7_777)])
    expect(payloads.parts.get('one')?.size).toBe(11)
    expect(await bytesOf(storage, 'one')).toEqual(all)
    expect(await storage.recordings.get('one')).toMatchObject({ ...about, bytes: 10_500, parts: 11, isComplete: true })
  })

  it('reads no further than the reader asks', async () => {
    const { storage, payloads } = freshStorage({ partBytes: 10 })
    await record(storage, 'one', [counting(100)])
    const read: number[] = []
    const readPart = payloads.readPart.bind(payloads)
    payloads.readPart = (id, part) => {
      read.push(part)
      return readPart(id, part)
    }
    const reader = (await storage.recordings.open('one')).getReader()
    await reader.read()
    await reader.cancel()
    expect(read).toEqual([0])
  })

  it('keeps batches as they were', async () => {
    const { storage } = freshStorage({ partBytes: 100 })
    const text = new TextEncoder().encode('northsouth')
    const batch: Batch = {
      rows: 3,
      bytes: 64,
      buffer: new ArrayBuffer(0),
      columns: [
        {
          name: 'id',
          kind: 'int',
          format: 'l',
          length: 3,
          nullCount: 1,
          validity: new Uint8Array([5]),
          values: new BigInt64Array([1n, 0n, -3n])
        },
        {
          name: 'region',
          kind: 'string',
          format: 'u',
          length: 3,
          nullCount: 0,
          values: new Uint16Array([1, 0, 1]),
          dictionary: {
            name: '',
            kind: 'string',
            format: 'u',
            length: 2,
            nullCount: 0,
            offsets: new Int32Array([0, 5, 10]),
            values: text
          }
        }
      ]
    }
    const rows = [
      { id: 1, region: 'south' },
      { id: null, region: 'north' },
      { id: -3, region: 'south' }
    ]
    expect(rowsOf(batch)).toEqual(rows)
    const recording = await storage.recordings.create({ ...about, id: 'rows', format: 'batches' })
    const given = new ReadableStream<Batch>({
      start(controller) {
        for (let i = 0; i < 3; i++) controller.enqueue(batch)
        controller.close()
      }
    })
    await given.pipeThrough(batchesToBytes((one) => (recording.rows += one.rows))).pipeTo(recording.writable)
    const found: unknown[] = []
    const stream = (await storage.recordings.open('rows')).pipeThrough(bytesToBatches())
    for await (const one of stream as unknown as AsyncIterable<Batch>) found.push(...rowsOf(one))
    expect(found).toEqual([...rows, ...rows, ...rows])
    expect((await storage.recordings.get('rows')).rows).toBe(9)
  })

  it('says that a recording of batches is damaged', async () => {
    const { storage } = freshStorage()
    await record(storage, 'bad', [counting(100)])
    const read = async (): Promise<void> => {
      const stream = (await storage.recordings.open('bad')).pipeThrough(bytesToBatches())
      await stream.getReader().read()
    }
    expect((await failureOf(read())).code).toBe('storage.corrupt')
  })

  it('deletes the oldest past its bytes, and none that is pinned', async () => {
    const { storage, clock } = freshStorage({ mostRecordingBytes: 250 })
    for (const id of ['a', 'b', 'c', 'd']) {
      clock.now += 1
      await record(storage, id, [counting(100)])
      if (id === 'a') await storage.recordings.change('a', { isPinned: true })
    }
    expect((await storage.recordings.list()).map(({ id }) => id)).toEqual(['d', 'a'])
  })

  it('has nothing left of one that was given up or deleted', async () => {
    const { storage, payloads } = freshStorage({ partBytes: 10 })
    const recording = await storage.recordings.create({ ...about, id: 'x' })
    const writer = recording.writable.getWriter()
    await writer.write(counting(35))
    await writer.abort()
    await record(storage, 'y', [counting(35)])
    await storage.recordings.remove('y')
    expect(payloads.parts.size).toBe(0)
    expect(await storage.recordings.list()).toEqual([])
  })

  it('keeps the parts that are there when there is no more room, and says so', async () => {
    const { storage, payloads } = freshStorage({ partBytes: 10 })
    payloads.room = 25
    const recording = await storage.recordings.create({ ...about, id: 'x' })
    const writer = recording.writable.getWriter()
    expect((await failureOf(writer.write(counting(35)))).code).toBe('storage.full')
    expect(await bytesOf(storage, 'x')).toEqual(counting(20))
    expect((await storage.recordings.get('x')).isComplete).toBe(true)
  })

  it('completes at the start what a tab left behind, and deletes what belongs to nothing', async () => {
    const { storage, payloads, name } = freshStorage({ partBytes: 10 })
    const recording = await storage.recordings.create({ ...about, id: 'left' })
    const writer = recording.writable.getWriter()
    await writer.write(counting(35))
    expect(await storage.recordings.sweep()).toEqual({ completed: [], removed: [] })
    await payloads.writePart('nobody', 0, new Uint8Array(5))
    // The tab is gone: nobody holds the lock of its recording.
    Object.assign(navigator.locks, { query: () => Promise.resolve({ held: [] }) })
    const next = freshStorage({ name, payloads }).storage
    expect(await next.recordings.sweep()).toEqual({ completed: ['left'], removed: ['nobody'] })
    expect(await bytesOf(next, 'left')).toEqual(counting(30))
  })

  it('takes no id that is no plain name', async () => {
    const { storage } = freshStorage()
    expect((await failureOf(storage.recordings.create({ ...about, id: '../x' }))).code).toBe('storage.invalid')
  })
})
