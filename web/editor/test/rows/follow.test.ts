// Where is my row: by value over what a flow reads, to the condition and the cell that stopped it, and the file that it came from.
import { describe, expect, it } from 'vitest'
import { FollowRow } from '../../src/run/follow-row.ts'
import type { RowQuestion } from '../../src/run/follow-row.ts'
import { readSearch } from '../../src/run/row-search.ts'
import { files, flowText, hasModule, localPlace, make } from '../places/flows.ts'

const kOrders = [
  'id,status,quantity',
  ...Array.from({ length: 40 }, (_, i) => `${4700 + i},${i % 4 === 3 ? 'open' : 'paid'},${i % 5}`)
]

function withOrders(): ReturnType<typeof localPlace> {
  const disk = files()
  disk.put('orders.csv', new TextEncoder().encode(kOrders.join('\n')))
  return localPlace({ files: disk })
}

function flow(edge: object = {}): string {
  const text = flowText(
    [
      { id: 'read', typeId: 'files/csv-read', settings: { path: 'orders.csv' } },
      { id: 'paid', typeId: 'logic/filter', settings: { condition: 'row.status == "paid" && row.quantity > 0' } },
      { id: 'out', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
    ],
    ['read>paid', 'paid.match>out']
  )
  const document = JSON.parse(text) as { edges: object[] }
  Object.assign(document.edges[1] ?? {}, edge)
  return JSON.stringify(document)
}

async function followed(text: string, typed: string, more: Partial<RowQuestion> = {}): Promise<FollowRow> {
  const row = new FollowRow(withOrders(), text, { edge: undefined, where: readSearch(typed).where, most: 20, ...more })
  await row.settled
  return row
}

describe.skipIf(!hasModule)('a value', () => {
  it('is found wherever it is read, and its row followed from file and line to the output', async () => {
    const row = await followed(flow(), '4712')
    const { phase, problem, matches, hasMore, steps, ends, origin } = row.state.getState()
    expect([phase, problem, hasMore]).toEqual(['found', '', false])
    expect(matches.map((one) => [one.edge, one.row['id']])).toEqual([['e0', 4712]])
    expect(steps.map(({ edge }) => edge)).toEqual(['e0', 'e1'])
    expect(ends).toEqual([{ node: 'out', failed: undefined, isLast: true }])
    expect(origin).toEqual({ lines: [{ file: 'orders.csv', line: 14 }], hasMore: false })
    row.dispose()
  })

  it('is followed to the condition and the cell that stopped its row', async () => {
    const row = await followed(flow(), '4711')
    const { ends } = row.state.getState()
    expect(ends).toEqual([
      {
        node: 'paid',
        failed: undefined,
        isLast: false,
        reasons: [
          {
            condition: 'row.status == "paid"',
            words: 'is false',
            cells: [{ column: 'status', value: 'open' }],
            path: '/settings/condition'
          }
        ]
      }
    ])
    row.dispose()
  })

  it('is followed to the filter of an edge, and to a port that leads nowhere', async () => {
    const filtered = await followed(flow({ filter: 'row.id > 4720' }), '4712')
    expect(filtered.state.getState().steps.map(({ edge, target }) => [edge, target])).toEqual([
      ['e0', 'paid'],
      ['e1', 'out']
    ])
    expect(filtered.state.getState().ends).toMatchObject([
      { node: 'out', edge: 'e1', reasons: [{ condition: 'row.id > 4720', cells: [{ column: 'id', value: 4712 }] }] }
    ])
    filtered.dispose()
    const passed = await followed(flow({ filter: 'row.id > 4720' }), '4722')
    expect(passed.state.getState().ends).toMatchObject([{ node: 'out', isLast: true }])
    passed.dispose()
    const nowhere = JSON.parse(flow()) as { edges: { source: { port: string } }[] }
    for (const { source } of nowhere.edges.slice(1)) source.port = 'rest'
    const lost = await followed(JSON.stringify(nowhere), '4712')
    expect(lost.state.getState().ends).toMatchObject([{ node: 'paid', reasons: [], port: 'match' }])
    lost.dispose()
  })

  it('of many rows is followed in the first, and in any other that is chosen', async () => {
    const row = await followed(flow(), 'open', { most: 3 })
    const { matches, hasMore } = row.state.getState()
    expect(matches.map((one) => one.row['id'])).toEqual([4703, 4707, 4711])
    expect(hasMore).toBe(true)
    const [, second] = matches
    if (second === undefined) throw new Error('there is no second')
    row.follow(second)
    await row.settled
    expect(row.state.getState()).toMatchObject({ phase: 'found', trace: second.trace, matches })
    expect(row.state.getState().steps[0]?.row['id']).toBe(4707)
    row.dispose()
  })

  it.each([
    ['9999', 'none'],
    ['row.id ==', 'failed'],
    ['row.nothing == 1', 'none']
  ])('that is not there, or no formula, is said to be so: %s', async (typed, phase) => {
    const row = await followed(flow(), typed)
    expect(row.state.getState().phase).toBe(phase)
    expect(row.state.getState().problem === '').toBe(phase === 'none')
    row.dispose()
  })

  it('is not followed on a server, and that is said in one sentence', async () => {
    const row = new FollowRow(localPlace({ id: 'server' }), flow(), { edge: undefined, where: 'true' })
    await row.settled
    expect(row.state.getState().phase).toBe('failed')
    expect(row.state.getState().problem).toContain('Follow it in this browser.')
    row.dispose()
  })

  it('is looked for in vain in a flow without edges', async () => {
    const row = await followed(flowText([make(3)], []), '1')
    expect(row.state.getState()).toMatchObject({
      phase: 'failed',
      problem: 'No edge leads out of what the flow reads.'
    })
    row.dispose()
  })
})

describe('what was typed', () => {
  it.each([
    ['4711', 'value', 'row.exists(k, string(row[k]) in ["4711"])'],
    ['12.50', 'value', 'row.exists(k, string(row[k]) in ["12.50","12.5"])'],
    ['"row.id"', 'value', 'row.exists(k, string(row[k]) in ["row.id"])'],
    ['row.id = 3', 'formula', 'row.id == 3']
  ])('%s is a %s', (typed, meant, where) => {
    expect(readSearch(typed)).toEqual({ meant, where })
  })
  it('is looked for in parts of cells if that is wanted', () => {
    expect(readSearch('a"b', true)).toEqual({
      meant: 'part',
      where: 'row.exists(k, string(row[k]).contains("a\\"b"))'
    })
  })
})
