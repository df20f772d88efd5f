// Workflows: run in the engine, with nodes of the page between its own, and watched edge by edge.
import { FlowError } from '@weir/engine-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { WorkflowEngine, type ExecutionUpdate, type GraphSchema } from '../src/index.ts'
import { until, useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

const workflow: GraphSchema = {
  id: 'doubled',
  version: '1.0.0',
  metadata: { author: 'tests', createdAt: 1750000000000, description: 'Numbers, doubled', tags: ['test'] },
  config: { maxConcurrency: 2, stateStorage: 'memory' },
  nodes: [
    {
      id: 'numbers',
      typeId: 'generate/pattern',
      version: '1.0.0',
      settings: { pattern: 'sequential', rows: 100 },
      position: { x: 0, y: 0 }
    },
    {
      id: 'double',
      typeId: 'logic/map',
      version: '1.0.0',
      settings: { set: { value: 'row.value * 2.0' } },
      position: { x: 200, y: 0 }
    }
  ],
  edges: [{ id: 'e1', source: { node: 'numbers', port: 'rows' }, target: { node: 'double', port: 'rows' } }]
}

function edge(id: string, from: string, to: string): GraphSchema['edges'][number] {
  const [source = '', sourcePort = 'rows'] = from.split('.')
  const [target = '', targetPort = 'rows'] = to.split('.')
  return { id, source: { node: source, port: sourcePort }, target: { node: target, port: targetPort } }
}

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = []
  for await (const one of stream) items.push(one)
  return items
}

describe('WorkflowEngine', () => {
  it('runs a workflow and gives the rows of its ports', async () => {
    const engine = new WorkflowEngine()
    const run = await engine.executeWorkflow(workflow, { outlets: [{ node: 'double', port: 'rows' }] })
    const rows = (await all(run.rows('double', 'rows'))) as { id: number; value: number }[]
    expect(rows.map((one) => one.value)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i))
    expect(await run.result).toMatchObject({ outcome: 'done' })
  })

  it('has a connection for each edge while the workflow runs', async () => {
    const engine = new WorkflowEngine()
    const run = await engine.executeWorkflow(JSON.stringify(workflow), { outlets: [{ node: 'double', port: 'rows' }] })
    expect(run.connections).toEqual(['e1'])
    const connection = engine.getStreamEngine().getWorkflowConnection('e1')
    expect(connection).toMatchObject({ sourceNodeId: 'numbers', targetNodeId: 'double' })
    await expect(connection.writer.write({} as never)).rejects.toThrow(/page\/inlet/)
    await all(run.rows('double', 'rows'))
    await run.result
    expect(await connection.metrics()).toMatchObject({ offered: 100, taken: 100, dropped: 0 })
    expect(engine.getStreamEngine().listWorkflowConnections()).toEqual([])
  })

  it('tells figures, events and the end as execution updates', async () => {
    const run = await new WorkflowEngine().executeWorkflow(workflow)
    const updates: ExecutionUpdate[] = await all(run.stream)
    expect(updates.map((one) => one.metadata?.kind)).toContain('figures')
    const last = updates.at(-1)
    expect(last).toMatchObject({ type: 'execution-update', data: { outcome: 'done' }, metadata: { kind: 'ended' } })
    expect(new Set(updates.map((one) => one.id)).size).toBe(updates.length)
  })

  it('executes nodes of the registry between those of the engine', async () => {
    const engine = new WorkflowEngine()
    let disposed = 0
    engine.registry.register('letters', ({ id, settings }) => ({
      id,
      type: 'letters',
      validate: (row) => ({ valid: (row as { value: number }).value !== 4, errors: ['four is not valid'] }),
      // eslint-disable-next-line @typescript-eslint/require-await -- nodes give rows as they come
      async *execute(row) {
        const { value } = row as { value: number }
        if (value === 6) throw new Error('six fails')
        for (let i = 0; i < 2; i++) yield { value, letter: String(settings.prefix) + String.fromCharCode(97 + i) }
      },
      dispose: () => {
        disposed += 1
      }
    }))
    const mixed: GraphSchema = {
      ...workflow,
      nodes: [
        { ...workflow.nodes[0], settings: { pattern: 'sequential', rows: 10 } } as GraphSchema['nodes'][number],
        { id: 'letter', typeId: 'letters', version: '1.0.0', settings: { prefix: '-' } },
        { id: 'odd', typeId: 'logic/filter', version: '1.0.0', settings: { condition: "row.letter == '-b'" } },
        { id: 'bad', typeId: 'logic/map', version: '1.0.0', settings: { set: { seen: 'true' } } }
      ],
      edges: [
        edge('in', 'numbers.rows', 'letter.rows'),
        edge('out', 'letter.rows', 'odd.rows'),
        edge('failed', 'letter.error', 'bad.rows')
      ]
    }
    const outlets = [
      { node: 'odd', port: 'match' },
      { node: 'bad', port: 'rows' }
    ]
    const run = await engine.executeWorkflow(mixed, { outlets })
    const [rows, errors] = await Promise.all([all(run.rows('odd', 'match')), all(run.rows('bad', 'rows'))])
    expect(await run.result).toMatchObject({ outcome: 'done' })
    expect(rows).toHaveLength(8)
    expect(rows[0]).toEqual({ value: 0, letter: '-b' })
    expect(errors).toMatchObject([
      { code: 'node.failed', nodeId: 'letter', message: 'four is not valid', seen: true },
      { message: 'six fails' }
    ])
    expect(run.failures.map((one) => one.message)).toEqual(['four is not valid', 'six fails'])
    expect(disposed).toBe(1)
  })

  it('fails the rows for which a node of the page gives what is no row, and stops with the run', async () => {
    const engine = new WorkflowEngine()
    let disposed = 0
    engine.registry.register('odd', ({ id }) => ({
      id,
      type: 'odd',
      // eslint-disable-next-line @typescript-eslint/require-await -- nodes give rows as they come
      async *execute(row) {
        const { id: number } = row as { id: number }
        yield number === 1 ? 'text' : number === 2 ? { big: 1n } : { number }
      },
      dispose: () => {
        disposed += 1
      }
    }))
    const endless: GraphSchema = {
      ...workflow,
      nodes: [
        { ...workflow.nodes[0], settings: { rows: 0, rate: 2000 } } as GraphSchema['nodes'][number],
        { id: 'odd', typeId: 'odd', version: '1.0.0', settings: {} }
      ],
      edges: [edge('in', 'numbers.rows', 'odd.rows')]
    }
    const run = await engine.executeWorkflow(endless, { outlets: [{ node: 'odd', port: 'rows' }] })
    const reader = run.rows('odd', 'rows').getReader()
    expect([(await reader.read()).value, (await reader.read()).value]).toEqual([{ number: 0 }, { number: 3 }])
    await run.cancel()
    await until(() => disposed === 1, 'the end of the node')
    expect(run.failures).toHaveLength(2)
    expect(run.failures[0]?.message).toMatch(/objects, not "text"/)
  })

  it('takes rows of the page at a page/inlet', async () => {
    const engine = new WorkflowEngine()
    const fed: GraphSchema = {
      ...workflow,
      nodes: [
        { id: 'in', typeId: 'page/inlet', version: '1.0.0', settings: {} },
        workflow.nodes[1] as GraphSchema['nodes'][number]
      ],
      edges: [edge('typed', 'in.rows', 'double.rows')]
    }
    const run = await engine.executeWorkflow(fed, { outlets: [{ node: 'double', port: 'rows' }] })
    const reader = run.rows('double', 'rows').getReader()
    const { writer } = engine.getStreamEngine().getWorkflowConnection('typed')
    const from = { timestamp: 1, sourceNodeId: 'in', targetNodeId: 'double', port: 'rows' }
    await writer.write({ ...from, id: '1', data: { value: 21.5 } })
    expect((await reader.read()).value).toEqual({ value: 43 })
    run.drain()
    expect(await run.result).toMatchObject({ outcome: 'done' })
  })

  it('says when a run crosses a limit, and goes on', async () => {
    const engine = new WorkflowEngine({ limits: { executionTimeout: 20 } })
    const endless = structuredClone(workflow)
    Object.assign(endless.nodes[0]?.settings ?? {}, { rows: 0, rate: 1000 })
    const run = await engine.executeWorkflow(endless)
    const updates: ExecutionUpdate[] = []
    const reading = (async () => {
      for await (const one of run.stream) updates.push(one)
    })()
    await until(() => updates.some((one) => one.metadata?.kind === 'limit'), 'a limit')
    expect(updates.find((one) => one.metadata?.kind === 'limit')?.data).toMatchObject({
      limit: 'executionTimeout',
      most: 20
    })
    await run.cancel()
    await reading
    expect(await run.result).toMatchObject({ outcome: 'cancelled' })
  })

  it('refuses a document with everything that is wrong with it', async () => {
    const broken = { ...workflow, edges: [edge('e1', 'numbers.rows', 'nobody.rows')] }
    const failure = await new WorkflowEngine().executeWorkflow(broken).catch((reason: unknown) => reason)
    expect(failure).toBeInstanceOf(FlowError)
    expect((failure as FlowError).problems.map((one) => one.message).join()).toContain("'nobody'")
  })
})
