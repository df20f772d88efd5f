// The column loops of the engine for WebAssembly, against JavaScript: many rows, so that whole blocks of lanes are used.
import { describe, expect, it } from 'vitest'
import { LocalEngine } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'

const ROWS = 5003
const MIDDLE = 2500n

interface Row {
  id: bigint
  n: bigint
  d: number
}

const source: Row[] = Array.from({ length: ROWS }, (_, i) => ({
  id: BigInt(i),
  n: BigInt(i) - MIDDLE,
  d: i * 0.5 - 1250
}))

/** What is computed of each row: as an expression, and in JavaScript. Integers of 64 bits come as numbers if they are small. */
const COMPUTED: Record<string, [string, (row: Row) => number | boolean]> = {
  lessInt: ['row.n < 7', (row) => row.n < 7n],
  lessEqualInt: ['row.n <= 7', (row) => row.n <= 7n],
  greaterInt: ['row.n > -7', (row) => row.n > -7n],
  greaterEqualInt: ['row.n >= -7', (row) => row.n >= -7n],
  equalInt: ['row.n % 3 == 0', (row) => row.n % 3n === 0n],
  notEqualInt: ['row.n % 3 != 0', (row) => row.n % 3n !== 0n],
  lessUint: ['row.u < 100u', (row) => row.id < 100n],
  greaterEqualUint: ['100u >= row.u', (row) => 100n >= row.id],
  lessDouble: ['row.d < 2.0', (row) => row.d < 2],
  lessEqualDouble: ['row.d <= 2.0', (row) => row.d <= 2],
  greaterEqualDouble: ['row.d >= row.d / 2.0', (row) => row.d >= row.d / 2],
  notEqualDouble: ['row.d != 2.0', (row) => row.d !== 2],
  againstNothing: ['row.d / 0.0 <= row.d', (row) => row.d / 0 <= row.d],
  equalToItself: ['row.d / 0.0 == row.d / 0.0', (row) => row.d !== 0],
  rest: ['row.n % 10', (row) => Number(row.n % 10n)],
  restOfNegative: ['row.n % -7', (row) => Number(row.n % -7n)],
  restOfLarge: ['(row.n * 100000000001) % 1000003', (row) => Number((row.n * 100000000001n) % 1000003n)],
  part: ['row.n / 10', (row) => Number(row.n / 10n)],
  partOfNegative: ['row.n / -7', (row) => Number(row.n / -7n)],
  partOfLarge: ['(row.n * 100000000001) / 1000003', (row) => Number((row.n * 100000000001n) / 1000003n)],
  sum: ['row.n + row.n', (row) => Number(row.n + row.n)],
  product: ['row.d * 3.0 - 0.5', (row) => row.d * 3 - 0.5]
}

const node = (id: string, typeId: string, settings: object): object => ({ id, typeId, version: '1.0.0', settings })
const edge = (from: string, port: string, to: string): object => ({
  id: `${from}-${to}`,
  source: { node: from, port },
  target: { node: to, port: 'rows' }
})

/** The rows of the port `match` or `rows` of the last node. */
async function rowsOf(last: object, port: string): Promise<Record<string, unknown>[]> {
  const engine = await LocalEngine.make(await engineModule())
  const { id } = last as { id: string }
  const flow = {
    id: 'columns',
    version: '1.0.0',
    nodes: [
      node('source', 'generate/pattern', { pattern: 'sequential', rows: ROWS }),
      node('base', 'logic/map', { set: { n: `row.id - ${MIDDLE}`, u: 'uint(row.id)', d: 'row.value * 0.5 - 1250.0' } }),
      last
    ],
    edges: [edge('source', 'rows', 'base'), edge('base', 'rows', id)]
  }
  const run = await engine.run(flow, { outlets: [{ node: id, port }] })
  const rows: Record<string, unknown>[] = []
  for await (const row of run.rows(id, port)) rows.push(row as Record<string, unknown>)
  expect((await run.result).outcome).toBe('done')
  engine.close()
  return rows
}

describe.skipIf(!hasModule)('Columns in WebAssembly', () => {
  it('hold what each row gives by itself', async () => {
    const set = Object.fromEntries(Object.entries(COMPUTED).map(([name, [expression]]) => [name, expression]))
    const rows = await rowsOf(node('compute', 'logic/map', { set }), 'rows')
    expect(rows).toHaveLength(ROWS)
    for (const [name, [expression, compute]] of Object.entries(COMPUTED)) {
      const wrong = rows.findIndex(
        (row, i) => Number(row[name]) !== Number(compute(source[i] ?? { id: 0n, n: 0n, d: 0 }))
      )
      expect(wrong, `${expression} in row ${wrong}`).toBe(-1)
    }
  })

  it.each([
    ['row.n % 10 != 0', (row: Row) => row.n % 10n !== 0n],
    ['row.n % 10 == 0', (row: Row) => row.n % 10n === 0n],
    ['row.n < 0 || row.n > 2000', (row: Row) => row.n < 0n || row.n > 2000n],
    ['row.d >= 100.0', (row: Row) => row.d >= 100],
    ['row.n == 17', (row: Row) => row.n === 17n],
    ['row.n > 5000', (row: Row) => row.n > 5000n]
  ])('are filtered by %s', async (condition, keeps) => {
    const rows = await rowsOf(node('drop', 'logic/filter', { condition }), 'match')
    expect(rows.map((row) => Number(row.id))).toEqual(source.filter(keeps).map((row) => Number(row.id)))
  })
})
