// A flow as one stream of messages: what they say, and that who reads slowly slows the flow.
import { describe, expect, it } from 'vitest'
import { FlowError, LocalEngine, type StreamMessage } from '../src/index.ts'
import { all, counting, flowOf } from './flows.ts'
import { engineModule } from './module.ts'

const doubled = { id: 'double', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }
const rowsOfNode = (messages: StreamMessage[], type: StreamMessage['type']): Record<string, unknown>[] =>
  messages.filter((one) => one.type === type).flatMap((one) => one.data as Record<string, unknown>[])

describe('execute', async () => {
  const module = await engineModule()

  it('tells that it runs, the rows where the flow ends and what its widgets show, and how it ended', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf([counting(250), doubled], [['count', 'double']], {
      widgets: [{ id: 'w', type: 'table', node: 'count', port: 'rows' }]
    })
    const messages = await all(engine.execute(flow))
    expect(messages[0]).toMatchObject({ type: 'execution-update', data: { status: 'running' } })
    expect(messages.at(-1)).toMatchObject({
      type: 'execution-update',
      data: { status: 'done', result: { outcome: 'done', exitCode: 0 } }
    })
    const twice = messages
      .filter((one) => one.type === 'node-output' && one.metadata?.node === 'double')
      .flatMap((one) => one.data as { id: number; twice: number }[])
    expect(twice.map((row) => row.twice)).toEqual(Array.from({ length: 250 }, (_, i) => i * 2))
    expect(rowsOfNode(messages, 'widget-data')).toHaveLength(250)
    expect(messages.find((one) => one.type === 'widget-data')?.metadata).toEqual({
      widgetId: 'w',
      node: 'count',
      port: 'rows'
    })
    expect(new Set(messages.map((one) => one.id)).size).toBe(messages.length)
  })

  it('stops the source while nobody reads, in bounded memory, and goes on when somebody does', async () => {
    const engine = await LocalEngine.make(module)
    const reader = engine.execute(flowOf([counting(2_000_000_000)], [])).getReader()
    let produced = 0
    let read = 0
    const seen: number[] = []
    // Figures come between the rows: what the source has given, each time after a pause.
    while (seen.length < 8) {
      await new Promise((resolve) => setTimeout(resolve, 40))
      for (let i = 0; i < 20; i++) {
        const { value } = await reader.read()
        if (value?.type === 'node-output') read += (value.data as unknown[]).length
        const figures = (value?.data as { figures?: { nodes: { id: string; rowsOut: number }[] } } | undefined)?.figures
        if (!figures) continue
        produced = figures.nodes.find((node) => node.id === 'count')?.rowsOut ?? 0
        seen.push(produced - read)
      }
    }
    // An edge, an outlet and one message: not what a source makes in so many pauses.
    expect(Math.max(...seen)).toBeLessThan(400_000)
    expect(engine.memoryBytes).toBeLessThan(200 << 20)
    await reader.cancel()
  })

  it('cancels the run when the stream is cancelled, also before it has begun', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf([counting(2_000_000_000)], [])
    await engine.execute(flow).cancel()
    const reader = engine.execute(flow).getReader()
    await reader.read()
    await reader.cancel()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  it('fails with all that is wrong with a document', async () => {
    const engine = await LocalEngine.make(module)
    const failure = await all(engine.execute(flowOf([{ id: 'x', typeId: 'none/such' }], []))).catch(
      (one: unknown) => one
    )
    expect(failure).toBeInstanceOf(FlowError)
  })

  it('says why a run failed, as an error before the last update', async () => {
    const engine = await LocalEngine.make(module)
    const flow = flowOf([{ id: 'read', typeId: 'files/csv-read', settings: { path: 'none.csv' } }], [])
    const messages = await all(engine.execute(flow))
    expect(messages.at(-2)).toMatchObject({ type: 'error', data: { code: 'host.missing' } })
    expect(messages.at(-1)).toMatchObject({ data: { status: 'failed' } })
  })
})
