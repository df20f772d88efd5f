// Input files of the golden flows: made here, the same in every run.
import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'

export type Inputs = Record<string, string | Uint8Array>

/** 0 to 2^32, each from the one before. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state
  }
}

function lines(count: number, seed: number, line: (next: () => number, i: number) => string): string {
  const source = numbers(seed)
  return Array.from({ length: count }, (_, i) => line(() => source.next().value, i) + '\n').join('')
}

const REGIONS = ['north', 'south', 'east', 'west', 'Übersee']

export function orders(count: number, seed = 1): string {
  const rows = lines(count, seed, (next, i) => {
    const quantity = next() % 9 === 0 ? '' : String(next() % 20)
    return `${i},${REGIONS[next() % REGIONS.length] ?? ''},${quantity},${(next() % 100000) / 100}`
  })
  return `id,region,quantity,price\n${rows}`
}

const log = (count: number, seed: number): string =>
  lines(count, seed, (next, i) => {
    const level = ['INFO', 'WARN', 'ERROR', 'DEBUG', 'FATAL'][next() % 5] ?? ''
    return `2026-01-31T10:${String(i % 60).padStart(2, '0')}:00Z ${level} request ${next()} took ${next() % 1000} ms`
  })

const moments = (): string =>
  `at\n${lines(2000, 7, (next) => new Date((next() - 2 ** 31) * 2000).toISOString())}2024-03-31T01:00:00Z\n2024-10-27T00:59:59Z\n`

function awkward(): string {
  const given = [
    '0',
    '-0.0',
    '0.1',
    '1e300',
    '1e-320',
    '123456789012345678',
    '2.5',
    '-3.5',
    '1e21',
    '9007199254740993.0'
  ]
  const rows = given.map((x, i) => `${x},${i - 4},${i},word${i}`).join('\n')
  const drawn = lines(5000, 11, (next, i) => {
    const x = (next() / 2 ** 32 - 0.5) * 10 ** ((next() % 40) - 20)
    return `${x},${(next() % 1000) / 8},${(next() % 100000) - 50000},${REGIONS[i % 5] ?? ''}${next() % 100}`
  })
  return `x,y,n,word\n${rows}\n${drawn}`
}

function zstd(text: string): Uint8Array {
  return execFileSync('zstd', ['-q', '-c', '--check', '-9'], { input: text, maxBuffer: 1 << 30 })
}

function utf16(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
}

const broken = lines(500, 3, (next, i) => {
  if (i % 50 === 17) return '{"id": ' + String(i)
  return JSON.stringify({ id: i, total: next() % 500, parts: i % 20 === 0 ? 0 : next() % 9, name: `Ä "${i}"` })
})

/** By the id of the flow. */
export const GOLDEN_INPUTS: Record<string, () => Inputs> = {
  packed: () => ({
    'orders.csv.gz': gzipSync(orders(50_000)),
    'events.ndjson.zst': zstd(lines(30_000, 2, (next, i) => JSON.stringify({ id: i, value: next() / 2 ** 32 }))),
    'logs/a.log.gz': gzipSync(log(20_000, 4)),
    'logs/b.log.gz': Buffer.concat([gzipSync(log(5_000, 5)), gzipSync(log(5_000, 6))])
  }),
  zones: () => ({ 'moments.csv': moments() }),
  spill: () => ({
    'items.csv': `name,amount,note\n${lines(120_000, 9, (next, i) => `item ${next() % 40_000},${(next() % 1e6) / 100},note ${i}`)}`
  }),
  numbers: () => ({ 'numbers.csv': awkward() }),
  rough: () => ({
    'rough/utf-16.csv': utf16('name,value\nZoë,1\n"two\nlines",2\n日本,3\n'),
    'rough/windows.csv': Buffer.from('name;value\nM\xfcller;4\n\x80 sign;5\n', 'latin1'),
    'rough/quoted.csv': 'name,value\n"a ""b"" c",1\n"x,\r\ny",2\n"",3\n',
    'rough/broken.ndjson': broken
  })
}
