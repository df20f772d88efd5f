// Events of a server, in whatever pieces they come.
import { describe, expect, it, vi } from 'vitest'
import { eventsOf, type ServerEvent } from '../src/index.ts'

const encoder = new TextEncoder()

async function read(pieces: readonly string[]): Promise<ServerEvent[]> {
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces[at++]
      if (piece === undefined) controller.close()
      else controller.enqueue(encoder.encode(piece))
    }
  })
  const events: ServerEvent[] = []
  for await (const event of eventsOf(body)) events.push({ ...event })
  return events
}

describe('Events of a server', () => {
  it('are the same wherever they are cut, with any ends of lines', async () => {
    const text =
      ': hello\r\nid: 1\r\nevent: a\r\ndata: one\r\ndata: two\r\n\r\nid: 2\rdata: three\r\rid: 3\ndata: four\n\n'
    const whole = await read([text])
    expect(whole).toEqual([
      { id: '1', type: 'a', data: 'one\ntwo' },
      { id: '2', type: 'message', data: 'three' },
      { id: '3', type: 'message', data: 'four' }
    ])
    expect(await read(Array.from(text))).toEqual(whole)
    for (let at = 1; at < text.length; at++) expect(await read([text.slice(0, at), text.slice(at)])).toEqual(whole)
  })

  it('of 12 MiB in small pieces are read, each character once', async () => {
    const piece = 'x'.repeat(4096)
    const pieces = ['id: 1\ndata: ', ...Array.from({ length: 3072 }, () => piece), '\n\n']
    const split = vi.spyOn(String.prototype, 'split')
    const [event] = await read(pieces)
    const looked = split.mock.contexts.reduce((sum: number, text) => sum + String(text).length, 0)
    split.mockRestore()
    expect(event?.data.length).toBe(12 << 20)
    expect(looked).toBeGreaterThan(12 << 20)
    expect(looked).toBeLessThan(2 * (12 << 20))
  })

  it('beyond 16 MiB end the stream in words', async () => {
    const piece = 'x'.repeat(1 << 20)
    const pieces = ['id: 1\ndata: ', ...Array.from({ length: 17 }, () => piece), '\n\n']
    await expect(read(pieces)).rejects.toMatchObject({
      code: 'protocol.invalid',
      message: expect.stringContaining('longer than 16 MiB') as string
    })
  })
})
