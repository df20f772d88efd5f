// Rows that are followed and flows that run as nodes, over an engine in this thread; and what is coloured by figures.
import { rowsOf } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import { HeatMap } from '../../src/canvas/scene/heat-map.ts'
import { DocumentParts } from '../../src/run/document-parts.ts'
import { FigureStore } from '../../src/run/figure-store.ts'
import { edgesOnWay, FollowRow } from '../../src/run/follow-row.ts'
import { RunFigures } from '../../src/run/run-figures.ts'
import { ended, files, flowText, hasModule, localPlace, make, ordersFlow } from '../places/flows.ts'

async function followed(text: string, edge: string, where: string): Promise<FollowRow> {
  const row = new FollowRow(localPlace({ files: files() }), text, { edge, where })
  await row.settled
  row.dispose()
  return row
}

describe.skipIf(!hasModule)('a row that is followed', () => {
  it('is told wherever it comes by, from its source on', async () => {
    const { state } = await followed(ordersFlow(), 'e1', 'row.id == 70')
    const { phase, steps, ends, problem } = state.getState()
    expect([phase, problem]).toEqual(['found', ''])
    expect(steps.map(({ edge, row }) => [edge, row['id']])).toEqual([
      ['e0', 70],
      ['e1', 70]
    ])
    expect(ends).toEqual([{ node: 'out', failed: undefined, isLast: true }])
  })

  it('ends where it does not come out, also if it is the first of all', async () => {
    for (const id of [0, 7]) {
      const { state } = await followed(ordersFlow(), 'e0', `row.id == ${String(id)}`)
      const { steps, ends } = state.getState()
      expect(steps.map(({ edge, row }) => [edge, row['id']])).toEqual([['e0', id]])
      expect(ends).toMatchObject([{ node: 'big', failed: undefined, isLast: false }])
    }
  })

  it('ends with the failure that it met', async () => {
    const text = flowText(
      [
        make(20),
        { id: 'part', typeId: 'logic/map', settings: { set: { part: '100 / (row.id - 5)' } } },
        { id: 'out', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
      ],
      ['make>part', 'part>out']
    )
    const { state } = await followed(text, 'e0', 'row.id == 5')
    const [end] = state.getState().ends
    expect(end).toMatchObject({ node: 'part', isLast: false })
    expect(end?.failed?.code).toBe('cel.divide_by_zero')
  })

  it('is not there, or asked for by what is no formula or no edge', async () => {
    expect((await followed(ordersFlow(), 'e0', 'row.id == 1000')).state.getState().phase).toBe('none')
    for (const [edge, where] of [
      ['e0', 'row.id =='],
      ['e9', '']
    ] as const) {
      const { phase, problem } = (await followed(ordersFlow(), edge, where)).state.getState()
      expect(phase).toBe('failed')
      expect(problem).not.toBe('')
    }
    expect((await followed('no document', 'e0', '')).state.getState().phase).toBe('failed')
  })

  it('is left when it is stopped', async () => {
    const row = new FollowRow(localPlace({ files: files() }), ordersFlow(100_000), { edge: 'e0', where: 'row.id < 0' })
    row.stop()
    await row.settled
    expect(row.state.getState().phase).toBe('stopped')
    row.dispose()
  })

  it('is asked for on the edges that it can come along, and no others', () => {
    const text = flowText(
      [make(1), { id: 'a', typeId: 'x' }, { id: 'b', typeId: 'x' }, { id: 'c', typeId: 'x' }],
      ['make>a', 'a>b', 'c>b']
    )
    const { edges = [] } = DocumentParts.of(text) ?? {}
    const [first] = edges
    expect(first === undefined ? [] : edgesOnWay(edges, first)).toEqual(['e0', 'e1'])
  })
})

describe.skipIf(!hasModule)('a flow as a node', () => {
  const inner = flowText(
    [
      { id: 'big', typeId: 'logic/filter', settings: { condition: 'row.id >= params.least' } },
      { id: 'twice', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }
    ],
    ['big.match>twice'],
    {
      id: 'keep',
      metadata: { version: '1.0.0' },
      parameters: [{ name: 'least', type: 'integer', default: 90 }],
      ports: {
        inputs: [{ name: 'rows', node: 'big', port: 'rows' }],
        outputs: [{ name: 'kept', node: 'twice', port: 'rows' }]
      }
    }
  )
  const outer = flowText(
    [
      make(100),
      { id: 'use', typeId: 'subflow/keep', settings: { least: 95 } },
      { id: 'out', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
    ],
    ['make>use', 'use.kept>out']
  )

  it('runs, and is told as the node that it is', async () => {
    const place = localPlace({ files: files() })
    place.readFlow = (flow) => (flow === 'keep' ? Promise.resolve(inner) : Promise.reject(new Error('gone')))
    expect((await place.check(outer)).filter(({ severity }) => severity === 'error')).toEqual([])
    for (const kind of ['test', 'sample'] as const) {
      const run = await place.start(outer, { kind })
      const facts = await ended(run)
      expect(facts).toMatchObject({ status: 'done', aside: 0 })
      expect([run.figures.node('use', 'rowsIn'), run.figures.node('use', 'rowsOut')]).toEqual([100, 5])
      const rows = (await run.rowsOf('use', 'kept'))?.flatMap(rowsOf)
      expect(rows?.map((row) => row['twice'])).toEqual([190, 192, 194, 196, 198])
      run.dispose()
    }
  })

  it('is refused in words where it cannot be read', async () => {
    const place = localPlace({ files: files() })
    place.readFlow = () => Promise.reject(new Error('gone'))
    const problems = await place.check(outer)
    expect(problems.map(({ code }) => code)).toContain('flow.unknown_subflow')
    await expect(place.start(outer, { kind: 'test' })).rejects.toThrow()
  })
})

describe('figures of nodes', () => {
  it('in a flow are those of the node that it is', () => {
    const store = new FigureStore()
    const raw = (id: string, more: object): { id: string } & Record<string, unknown> => ({ id, ...more })
    const counters = {
      nodes: [
        raw('make', { rowsOut: 9 }),
        raw('use/a', { failed: 2, busyNanos: 1e9 }),
        raw('use/b', { busyNanos: 2e9 })
      ],
      edges: [
        raw('e0', { source: 'make', target: 'use/a', taken: 9 }),
        raw('use/e', { source: 'use/a', target: 'use/b', taken: 7 }),
        raw('e1', { source: 'use/b', target: 'out', taken: 5 })
      ],
      elapsedMicros: 1,
      deadLetters: 0
    }
    new RunFigures(store).take(counters as never, 0)
    expect(['rowsIn', 'rowsOut', 'failed', 'worked'].map((name) => store.node('use', name as 'failed'))).toEqual([
      9, 5, 2, 3
    ])
  })

  it('colour them by their share, and say the figure', () => {
    const store = new FigureStore()
    store.write(
      [
        { id: 'a', worked: 3, rowsIn: 10, rowsOut: 4 },
        { id: 'b', worked: 1, failed: 2 }
      ],
      []
    )
    const time = new HeatMap('time', store, ['a', 'b', 'c'])
    expect(['a', 'b', 'c'].map((id) => time.share(id))).toEqual([1, 1 / 3, 0])
    expect(time.text('a')).toContain('75 %')
    expect(time.text('c')).toBe('')
    expect(new HeatMap('rows', store, ['a', 'b']).text('a')).toBe('10 rows')
    expect(new HeatMap('errors', store, ['a', 'b']).text('b')).toBe('2 failed')
    expect(new HeatMap('none', store, ['a']).share('a')).toBe(0)
    expect(new HeatMap('time', undefined, ['a']).share('a')).toBe(0)
  })
})
