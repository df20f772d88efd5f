// Runs of the engine in this thread: rows in and out, backpressure, failure, watching.
import { describe, expect, it } from 'vitest'
import { FlowError, LocalEngine, MemoryFiles, rowsOf, type Batch } from '../src/index.ts'
import { engineModule } from './module.ts'

function flowOf(nodes: object[], edges: [string, string][]): Record<string, unknown> {
  return {
    id: 'test',
    version: '1.0.0',
    nodes: nodes.map((node) => ({ version: '1.0.0', settings: {}, ...node })),
    edges: edges.map(([from, to], i) => {
      const [source = '', sourcePort = 'rows'] = from.split('.')
      const [target = '', targetPort = 'rows'] = to.split('.')
      return {
        id: `e${i}`,
        source: { node: source, port: sourcePort },
        target: { node: target, port: targetPort }
      }
    })
  }
}

const counting = (rows: number): object => ({
  id: 'count',
  typeId: 'generate/pattern',
  settings: { pattern: 'sequential', rows }
})

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

describe('LocalEngine', async () => {
  const module = await engineModule()

  it('knows the nodes of the library', async () => {
    const engine = await LocalEngine.make(module)
    const nodes = await engine.nodes()
    expect(nodes.map((node) => node.id)).toContain('aggregate/group')
  })

  it('runs a flow and gives the rows of a port as columns', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf(
      [counting(1000), { id: 'double', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }],
      [['count.rows', 'double.rows']]
    )
    const run = await engine.run(flow, { outlets: [{ node: 'double', port: 'rows' }] })
    const batches = await all<Batch>(run.outlet('double', 'rows'))
    const rows = batches.flatMap(rowsOf)
    expect(rows).toHaveLength(1000)
    expect(rows[41]).toMatchObject({ twice: 2 * Number(rows[41]?.id) })
    expect(await run.result).toMatchObject({ outcome: 'done', exitCode: 0 })
  })

  it('stops the source while nobody reads, in constant memory', async () => {
    const engine = await LocalEngine.make(module)
    const run = await engine.run(flowOf([counting(2_000_000_000)], []), { outlets: [{ node: 'count', port: 'rows' }] })
    const reader = run.outlet('count', 'rows').getReader()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const watcher = run.watch()
    const figures = new Promise<{ nodes: { id: string; rowsOut: number }[] }>((resolve) => {
      watcher.onMessage((message) => {
        if (message.type === 'metrics') resolve(message.data as never)
      })
    })
    await watcher.ask('subscribe', { kind: 'metrics' })
    const source = (await figures).nodes.find((node) => node.id === 'count')
    expect(source?.rowsOut).toBeLessThan(2_000_000)
    expect(engine.memoryBytes).toBeLessThan(200 << 20)
    watcher.close()
    run.cancel()
    expect((await run.result).outcome).toBe('cancelled')
  })

  it('takes rows that the page writes, in order', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf(
      [
        { id: 'in', typeId: 'page/inlet' },
        { id: 'big', typeId: 'logic/filter', settings: { condition: 'row.value > 10' } }
      ],
      [['in.rows', 'big.rows']]
    )
    const run = await engine.run(flow, { outlets: [{ node: 'big', port: 'match' }] })
    const writer = run.inlet('in').getWriter()
    const read = all(run.rows('big', 'match'))
    for (let i = 0; i < 100; i++) await writer.write([{ value: i }])
    await writer.close()
    const rows = await read
    expect(rows).toHaveLength(89)
    expect(rows[0]).toEqual({ value: 11 })
    expect(await run.result).toMatchObject({ outcome: 'done' })
  })

  it('says all that is wrong with a document', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf([{ id: 'x', typeId: 'logic/flter' }, counting(1)], [['count.rows', 'nobody.rows']])
    const failure = await engine.run(flow).catch((reason: unknown) => reason)
    expect(failure).toBeInstanceOf(FlowError)
    const { problems } = failure as FlowError
    expect(problems.length).toBeGreaterThanOrEqual(2)
    expect(problems.map((one) => one.code)).toContain('flow.unknown_type')
  })

  it('names the nodes that cannot run here', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf([{ id: 'hook', typeId: 'http/webhook', settings: { path: '/x' } }], [])
    expect((await engine.validate(flow)).elsewhere).toEqual([
      { node: 'hook', typeId: 'http/webhook', hosts: ['native', 'server'] }
    ])
    await expect(engine.run(flow)).rejects.toBeInstanceOf(FlowError)
  })

  it('reads and writes files of the place', async () => {
    const files = new MemoryFiles()
    files.put('in.csv', 'region,amount\nnorth,2\nsouth,3\nnorth,4\n')
    const engine = await LocalEngine.make(module, { files })
    const flow = flowOf(
      [
        { id: 'read', typeId: 'files/csv-read', settings: { path: 'in.csv' } },
        {
          id: 'sum',
          typeId: 'aggregate/group',
          settings: { keys: ['region'], measures: [{ name: 'sum', function: 'sum', of: 'row.amount' }] }
        },
        { id: 'write', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
      ],
      [
        ['read.rows', 'sum.rows'],
        ['sum.rows', 'write.rows']
      ]
    )
    const run = await engine.run(flow)
    expect(await run.result).toMatchObject({ outcome: 'done' })
    expect(new TextDecoder().decode(files.get('out.csv'))).toBe('region,sum\nnorth,6\nsouth,3\n')
  })

  it('runs several flows side by side', async () => {
    const engine = await LocalEngine.make(module)
    const runs = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        engine.run(flowOf([counting((i + 1) * 1000)], []), { outlets: [{ node: 'count', port: 'rows' }] })
      )
    )
    const counts = await Promise.all(
      runs.map(async (run) => (await all<Batch>(run.outlet('count', 'rows'))).reduce((sum, one) => sum + one.rows, 0))
    )
    expect(counts).toEqual([1000, 2000, 3000, 4000, 5000])
  })
})
