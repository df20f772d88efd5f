// The page-side interfaces: decisions with reasons, streams of a workflow, widgets, servers, the runtime put together.
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createRuntime,
  detectLimits,
  HttpServerProtocol,
  MemoryNodeRegistry,
  PlacementDecision,
  ProtocolWidgetStreamer,
  RemoteComputeService,
  sharedEngine,
  streamingState,
  WorkflowEngine,
  WorkflowStreams,
  type BrowserLimits,
  type EdgeFigures,
  type ExecutionUpdate,
  type GraphSchema,
  type ScalingDecision,
  type StreamMessage
} from '../src/index.ts'
import { until, useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

const limits: BrowserLimits = {
  maxConcurrentNodes: 2,
  memoryThreshold: 100_000_000,
  executionTimeout: 60_000,
  streamBufferSize: 65_536
}

function workflowOf(nodes: [string, string, Record<string, unknown>][], more: Partial<GraphSchema> = {}): GraphSchema {
  return {
    id: 'page',
    version: '1.0.0',
    nodes: nodes.map(([id, typeId, settings]) => ({ id, typeId, version: '1.0.0', settings })),
    edges: nodes.slice(1).map(([id], i) => ({
      id: `to-${id}`,
      source: { node: nodes[i]?.[0] ?? '', port: 'rows' },
      target: { node: id, port: 'rows' }
    })),
    ...more
  }
}

const counting = workflowOf(
  [
    ['numbers', 'generate/pattern', { pattern: 'sequential', rows: 50 }],
    ['next', 'logic/map', { set: { value: 'row.value + 1.0' } }]
  ],
  { widgets: [{ id: 'w1', type: 'table', node: 'next', port: 'rows' }] }
)

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = []
  for await (const one of stream) items.push(one)
  return items
}

describe('ScalingDecision', () => {
  it('finds nothing against a small workflow of nodes that run here', async () => {
    const decision: ScalingDecision = await PlacementDecision.make(await sharedEngine(), { limits })
    expect(decision.canRunLocally(counting)).toEqual({ canRun: true, reasons: [] })
    expect(decision.shouldScaleToServer(counting)).toBe(false)
    expect(decision.shouldUseP2P(counting, [{ id: 'peer' }])).toBe(false)
  })

  it('says which nodes cannot run here, and where they can', async () => {
    const decision = await PlacementDecision.make(await sharedEngine(), { limits })
    const check = decision.canRunLocally(workflowOf([['hook', 'http/webhook', { path: '/x' }]]))
    expect(check.canRun).toBe(false)
    expect(check.reasons).toMatchObject([{ code: 'node.elsewhere', node: 'hook', hosts: ['native', 'server'] }])
    expect(decision.canRunLocally(workflowOf([['x', 'none/such', {}]])).reasons).toMatchObject([
      { code: 'node.unknown' }
    ])
  })

  it('knows nodes of the page', async () => {
    const registry = new MemoryNodeRegistry()
    registry.register('mine', () => Promise.reject(new Error('not made here')))
    const decision = await PlacementDecision.make(await sharedEngine(), { limits, registry })
    expect(decision.canRunLocally(workflowOf([['x', 'mine', {}]])).canRun).toBe(true)
  })

  it('weighs memory, cores, time and files, which speak for a server and forbid nothing', async () => {
    const decision = await PlacementDecision.make(await sharedEngine(), {
      limits,
      files: { 'big.csv': 9e9, 'other.csv': 9e12 },
      maxFileBytes: 1e9,
      bytesPerSecond: 1e8
    })
    const heavy = workflowOf([['read', 'files/csv-read', { path: 'big.csv' }]], {
      config: { maxConcurrency: 8, limits: { memoryBytes: 4e9, maxRunMs: 3_600_000 } }
    })
    const check = decision.canRunLocally(heavy)
    expect(check.canRun).toBe(true)
    expect(decision.shouldScaleToServer(heavy)).toBe(true)
    expect(check.reasons).toMatchObject([
      { code: 'memory', blocking: false, found: 4e9, limit: 100_000_000 },
      { code: 'cores', blocking: false, found: 8, limit: 2 },
      { code: 'time', blocking: false, found: 3_600_000, limit: 60_000 },
      { code: 'file.size', blocking: false, path: 'big.csv', found: 9e9, limit: 1e9 },
      { code: 'time', blocking: false, found: 90_000, limit: 60_000 }
    ])
  })

  it('takes limits from the place, and those that are given first', () => {
    expect(detectLimits().maxConcurrentNodes).toBeGreaterThanOrEqual(1)
    expect(detectLimits(limits)).toEqual(limits)
  })
})

describe('StreamingProtocol', () => {
  it('streams a workflow, a node and a widget as messages', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    const workflow = protocol.createWorkflowStream(counting)
    const node = protocol.createNodeStream('numbers')
    const widget = protocol.createWidgetStream('w1')
    const [updates, outputs, drawn] = await Promise.all([all(workflow), all(node), all(widget)])
    expect(updates.at(-1)).toMatchObject({ type: 'execution-update', data: { outcome: 'done' } })
    expect(outputs).toHaveLength(50)
    expect(outputs[3]).toMatchObject({ type: 'node-output', data: { value: 3 }, metadata: { nodeId: 'numbers' } })
    expect(drawn[3]).toMatchObject({ type: 'widget-data', data: { value: 4 }, metadata: { widgetId: 'w1' } })
    expect(new Set(outputs.map((one) => one.id)).size).toBe(50)
  })

  it('says what has no stream', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    expect(() => protocol.createWidgetStream('w1')).toThrow(/no workflow/)
    const workflow = protocol.createWorkflowStream(counting).getReader()
    expect(() => protocol.createWidgetStream('w2')).toThrow(/w2/)
    await workflow.read()
    expect(() => protocol.createNodeStream('numbers')).toThrow(/runs already/)
    await workflow.cancel()
  })
})

describe('streams of nodes that nobody reads any more', () => {
  const many = workflowOf([['numbers', 'generate/pattern', { pattern: 'sequential', rows: 30_000 }]])
  const outcome = { type: 'execution-update', data: { outcome: 'done' } }

  it('do not hold a workflow up when they are cancelled before it begins', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    const workflow = protocol.createWorkflowStream(many)
    await protocol.createNodeStream('numbers').cancel()
    expect((await all(workflow)).at(-1)).toMatchObject(outcome)
  })

  it('nor when they are cancelled unread, after it began', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    const workflow = protocol.createWorkflowStream(many).getReader()
    const node = protocol.createNodeStream('numbers')
    await workflow.read()
    await node.cancel()
    const run = await protocol.execution
    expect((await run?.result)?.outcome).not.toBe('failed')
    await workflow.cancel()
  })

  it('nor when their widget is cleaned up before it begins', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    const workflow = protocol.createWorkflowStream(many)
    const streamer = new ProtocolWidgetStreamer(protocol)
    let disposed = 0
    const dispose = (): void => void (disposed += 1)
    const stream = new ReadableStream()
    streamer.subscribeToNode('numbers', { id: 'w', nodeId: 'numbers', stream, render: () => undefined, dispose })
    streamer.cleanup('w')
    expect(disposed).toBe(1)
    expect((await all(workflow)).at(-1)).toMatchObject(outcome)
  })

  it('are refused at once for a node that is not there, and leave no failure behind', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      const protocol = new WorkflowStreams(new WorkflowEngine())
      const workflow = protocol.createWorkflowStream(counting)
      expect(() => protocol.createNodeStream('zz')).toThrow(/no node 'zz'/)
      const reader = workflow.getReader()
      await reader.read()
      expect(() => protocol.createNodeStream('zz')).toThrow(/no node 'zz'/)
      expect(() => protocol.createNodeStream('numbers')).toThrow(/runs already/)
      await reader.cancel()
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })
})

describe('WidgetStreamer', () => {
  it('ends a widget whose render throws, tells why, and lets the workflow go on', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    const workflow = protocol.createWorkflowStream(counting)
    const told: [string, unknown][] = []
    const streamer = new ProtocolWidgetStreamer(protocol, (id, reason) => told.push([id, reason]))
    const bad = new Error('cannot draw this')
    let disposed = 0
    let drawn = 0
    streamer.subscribeToNode('numbers', {
      id: 'bad',
      nodeId: 'numbers',
      stream: new ReadableStream(),
      render: () => {
        drawn += 1
        if (drawn === 3) throw bad
      },
      dispose: () => {
        disposed += 1
      }
    })
    const updates = await all(workflow)
    expect(updates.at(-1)).toMatchObject({ metadata: { kind: 'ended' } })
    await until(() => told.length === 1, 'the end of the widget')
    expect({ drawn, disposed, told }).toEqual({ drawn: 3, disposed: 1, told: [['bad', bad]] })
  })

  it('renders each row of a node, and disposes of the widget when the node ends', async () => {
    const protocol = new WorkflowStreams(new WorkflowEngine())
    const workflow = protocol.createWorkflowStream(counting)
    const streamer = new ProtocolWidgetStreamer(protocol)
    const rows: unknown[] = []
    let disposed = 0
    streamer.subscribeToNode('next', {
      id: 'mine',
      nodeId: 'next',
      stream: new ReadableStream(),
      render: (data) => rows.push(data),
      dispose: () => {
        disposed += 1
      }
    })
    const raw = streamer.createStream('numbers')
    await Promise.all([all(workflow), all(raw)])
    await until(() => disposed === 1, 'the end of the widget')
    expect(rows).toHaveLength(50)
    streamer.cleanup('mine')
    expect(disposed).toBe(1)
  })
})

describe('a server', () => {
  const update = (data: unknown): StreamMessage => ({ id: 'u', timestamp: 1, type: 'execution-update', data })
  const done = update({ status: 'done', result: { outcome: 'done' } })

  /** Answers as the platform's routes do. */
  function serverOf(asked: string[]): HttpServerProtocol {
    return new HttpServerProtocol('http://server.test/api/v1', (input, init) => {
      const url = input as string
      asked.push(`${init?.method ?? 'GET'} ${url}`)
      if (url.endsWith('/execute')) {
        const events = [update(1), update('ü'), done].map((one) => `data: ${JSON.stringify(one)}\n\n`)
        const text = `: hello\r\nid: 1\n${events.join('')}`
        const bytes = new TextEncoder().encode(text)
        // In pieces of seven bytes, so that lines and letters are cut.
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7))
            controller.close()
          }
        })
        return Promise.resolve(new Response(body))
      }
      if (url.endsWith('/health')) return Promise.resolve(Response.json({ status: 'ok' }))
      return Promise.resolve(new Response('no such route', { status: 404 }))
    })
  }

  it('executes a workflow as Server-Sent Events, tells its health, and is quoted when it refuses', async () => {
    const asked: string[] = []
    const service = new RemoteComputeService(serverOf(asked))
    const updates: ExecutionUpdate[] = []
    for await (const one of service.execute(JSON.stringify(counting))) updates.push(one)
    expect(updates).toEqual([update(1), update('ü'), done])
    expect(await service.health()).toEqual({ status: 'ok' })
    await expect(service.capabilities()).rejects.toThrow(/404: no such route/)
    expect(asked[0]).toBe('POST http://server.test/api/v1/execute')
  })

  it('takes workflows from a page, and gives them back', async () => {
    const local = new WorkflowEngine()
    const { scaling } = createRuntime({ server: serverOf([]) })
    expect(scaling.canScale()).toBe(true)
    const moved = await scaling.scaleToServer(counting)
    expect(JSON.parse(moved.workflow)).toEqual(counting)
    expect(await all(moved.stream)).toHaveLength(3)
    await moved.cancel()
    const here = await scaling.fallbackToLocal()
    expect(await here.result).toMatchObject({ outcome: 'done' })
    await expect(scaling.scaleToP2P(counting)).rejects.toMatchObject({ code: 'p2p.none' })
    expect(local.registry.list()).toEqual([])
  })

  it.for<[string, string, string, object, number]>([
    ['a page in the place of events', 'text/html', '<html>sign in</html>', { code: 'protocol.invalid' }, 0],
    ['no event at all', 'text/event-stream', '', { code: 'server.gone' }, 0],
    [
      'events that end while it runs',
      'text/event-stream; charset=utf-8',
      `data: ${JSON.stringify(update({ status: 'running' }))}\n\n`,
      { code: 'server.gone', recoverable: true },
      1
    ]
  ])('that answers with %s fails the stream with words', async ([, type, body, failure, before]) => {
    const answer = (): Response => new Response(body, { headers: { 'content-type': type } })
    const server = new HttpServerProtocol('http://server.test/api/v1', () => Promise.resolve(answer()))
    const { scaling } = createRuntime({ server })
    const moved = await scaling.scaleToServer(counting)
    const told: ExecutionUpdate[] = []
    const reading = (async () => {
      for await (const one of moved.stream) told.push(one)
    })()
    await expect(reading).rejects.toMatchObject(failure)
    expect(told).toHaveLength(before)
  })

  it('is not there by default', async () => {
    const { scaling } = createRuntime()
    expect(scaling.canScale()).toBe(false)
    await expect(scaling.scaleToServer(counting)).rejects.toMatchObject({ code: 'server.none' })
  })
})

describe('ServiceWorkerRuntime', () => {
  it('executes, streams and stores without a server', async () => {
    const runtime = createRuntime()
    await runtime.storage.put('page', JSON.stringify(counting))
    expect(await runtime.storage.list()).toEqual(['page'])
    const run = await runtime.executor.executeWorkflow((await runtime.storage.get('page')) ?? '')
    const state = streamingState(run, runtime.streamer)
    const edge = state.connections.get('to-next') as ReadableStream<EdgeFigures>
    expect(state.subscriptions.size).toBe(1)
    const [updates, same, figures] = await Promise.all([all(state.workflow), all(state.execution), all(edge)])
    expect(updates).toEqual(same)
    expect(figures.at(-1)).toMatchObject({ id: 'to-next', taken: 50 })
    expect(state.subscriptions.size).toBe(0)
    await runtime.storage.remove('page')
    expect(await runtime.storage.get('page')).toBeUndefined()
  })
})

describe('NodeRegistry', () => {
  it('registers, creates and lists', async () => {
    const registry = new MemoryNodeRegistry()
    registry.register('echo', ({ id }) => ({
      id,
      type: 'echo',
      // eslint-disable-next-line @typescript-eslint/require-await -- nodes give rows as they come
      execute: async function* (input) {
        yield input
      }
    }))
    expect(registry.list()).toEqual([{ type: 'echo' }])
    const node = await registry.create('echo', { id: 'n', settings: {} })
    const results: unknown[] = []
    for await (const one of node.execute(7)) results.push(one)
    expect(results).toEqual([7])
    await expect(registry.create('other', { id: 'n', settings: {} })).rejects.toThrow(/other/)
    expect(() => {
      registry.register('echo', () => node)
    }).toThrow(/already/)
  })
})
