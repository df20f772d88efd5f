// Compressed files: read as natively, bounded when they are bombs, and told apart when they are damaged or cut off.
import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LocalEngine, MemoryFiles } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'

function linesOf(path: string): Record<string, unknown> {
  return {
    id: 'packed',
    version: '1.0.0',
    nodes: [
      { id: 'read', typeId: 'files/text-read', version: '1.0.0', settings: { path } },
      { id: 'write', typeId: 'files/text-write', version: '1.0.0', settings: { path: 'out.txt' } }
    ],
    edges: [{ id: 'e', source: { node: 'read', port: 'rows' }, target: { node: 'write', port: 'rows' } }]
  }
}

function zstd(text: string | Buffer): Buffer {
  return execFileSync('zstd', ['-q', '-c', '--check'], { input: text, maxBuffer: 1 << 30 })
}

const text = Array.from({ length: 100_000 }, (_, i) => `line ${i} ${(i * 2654435761) % 4294967296}\n`).join('')

describe.skipIf(!hasModule)('Compressed files', () => {
  async function read(path: string, bytes: Uint8Array): Promise<{ text?: string; code?: string; message?: string }> {
    const files = new MemoryFiles()
    files.put(path, bytes)
    const engine = await LocalEngine.make(await engineModule(), { files })
    const run = await engine.run(linesOf(path))
    const { outcome, error } = await run.result
    if (outcome !== 'done') return { code: error?.code ?? outcome, message: error?.message ?? '' }
    return { text: new TextDecoder().decode(files.get('out.txt')) }
  }

  it('are read whole, gzip and zstd, in one member or several', async () => {
    expect((await read('a.txt.gz', gzipSync(text))).text).toBe(text)
    expect((await read('a.txt.zst', zstd(text))).text).toBe(text)
    expect((await read('a.txt.gz', Buffer.concat([gzipSync(text), gzipSync('and\n')]))).text).toBe(`${text}and\n`)
    expect((await read('a.txt.zst', Buffer.concat([zstd(text), zstd('and\n')]))).text).toBe(`${text}and\n`)
  })

  it('say that they were cut off', async () => {
    for (const [path, packed] of [
      ['a.txt.gz', gzipSync(text)],
      ['a.txt.zst', zstd(text)]
    ] as const) {
      const seen = await read(path, packed.subarray(0, packed.length / 2))
      expect(seen.code).toBe('codec.truncated')
      expect(seen.message).toContain(path)
    }
  })

  it('say that they are damaged, also where only a checksum shows it', async () => {
    const gzip = gzipSync(text, { level: 0 })
    gzip[1000] = (gzip[1000] ?? 0) ^ 1
    expect(await read('a.txt.gz', gzip)).toMatchObject({ code: 'codec.corrupt' })
    // Random bytes cannot be packed: they lie in the frame as they are, and only its checksum knows them.
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 2654435761) >>> 24))
    const frame = zstd(noise)
    frame[frame.length - 100] = (frame[frame.length - 100] ?? 0) ^ 1
    const seen = await read('a.txt.zst', frame)
    expect(seen).toMatchObject({ code: 'codec.corrupt' })
    expect(await read('a.txt.gz', new TextEncoder().encode('no gzip at all'))).toMatchObject({ code: 'codec.corrupt' })
    expect(await read('a.txt.zst', new TextEncoder().encode('no zstd at all'))).toMatchObject({ code: 'codec.corrupt' })
  })

  it('S8: stop at what unpacks to more than a thousand times its size', { timeout: 120_000 }, async () => {
    const bomb = zstd(Buffer.alloc(400_000_000, 'x\n'))
    expect(bomb.length).toBeLessThan(100_000)
    const seen = await read('bomb.txt.zst', bomb)
    expect(seen.code).toBe('codec.bomb')
    expect(seen.message).toContain('bomb.txt.zst')
  })
})
