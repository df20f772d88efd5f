// Where a flow runs: every reason with what was found, the limit, and a sentence; the server is offered where it can.
import { describe, expect, it } from 'vitest'
import { LocalEngine, Placement, type ServerCapabilities } from '../src/index.ts'
import { counting, flowOf } from './flows.ts'
import { engineModule } from './module.ts'

const limits = { maxConcurrentNodes: 2, memoryThreshold: 1e8, executionTimeout: 60_000, streamBufferSize: 65_536 }
const capable: ServerCapabilities = {
  maxNodes: 100,
  supportedNodeTypes: ['generate/pattern', 'http/webhook', 'files/csv-read'],
  features: [],
  estimatedLatency: 1,
  limits: { memoryBytes: 8e9, executionTimeout: null }
}
const small = flowOf([counting(1)], [])
const hook = flowOf([{ id: 'hook', typeId: 'http/webhook', settings: { path: '/x' } }], [])
const big = (config: object): Record<string, unknown> =>
  flowOf([{ id: 'read', typeId: 'files/csv-read', settings: { path: 'big.csv' } }], [], { config })

describe('Placement', async () => {
  const engine = await LocalEngine.make(await engineModule())
  const types = await engine.nodes()

  it('finds nothing against a flow that runs here', async () => {
    const placement = await Placement.of(engine, { limits })
    expect(placement.canRunLocally(small)).toEqual({ canRun: true, reasons: [] })
    expect(placement.shouldScaleToServer(JSON.stringify(small))).toBe(false)
    expect(placement.advise(small)).toMatchObject({ place: 'here', sentence: 'It runs here.' })
  })

  it('agrees with the engine on every node of the library', async () => {
    const placement = new Placement(types, { limits })
    for (const { id, version } of types) {
      const flow = flowOf([{ id: 'n', typeId: id, version }], [])
      const { elsewhere = [] } = await engine.validate(flow)
      const { reasons } = placement.canRunLocally(flow)
      const ours = reasons.map(({ node, typeId, hosts }) => ({ node, typeId, hosts }))
      expect(ours, id).toEqual(elsewhere)
    }
  })

  it('says which node cannot run here, and offers the server if that can run it', () => {
    const alone = new Placement(types, { limits })
    expect(alone.canRunLocally(hook)).toMatchObject({
      canRun: false,
      reasons: [{ code: 'node.elsewhere', node: 'hook', hosts: ['native', 'server'] }]
    })
    expect(alone.advise(hook)).toMatchObject({
      place: 'nowhere',
      sentence:
        "'hook' (http/webhook) cannot run in a browser; it runs with 'weir run' and on a server. No server is set up."
    })
    expect(new Placement(types, { limits, server: capable }).advise(hook)).toMatchObject({ place: 'server' })
    const poor = { ...capable, supportedNodeTypes: [] }
    const advice = new Placement(types, { limits, server: poor }).advise(hook)
    expect(advice).toMatchObject({ place: 'nowhere', server: { reasons: [{ code: 'server.node', node: 'hook' }] } })
    expect(new Placement(types, { limits, server: poor }).shouldScaleToServer(hook)).toBe(false)
  })

  it('weighs memory, cores, time, files and the number of nodes; these forbid nothing here', () => {
    const files = { 'big.csv': 9e9 }
    const placement = new Placement(types, { limits, files, maxFileBytes: 1e9, bytesPerSecond: 1e8, maxNodes: 0 })
    const flow = big({ maxConcurrency: 8, limits: { memoryBytes: 4e9, maxRunMs: 3_600_000 } })
    const { canRun, reasons } = placement.canRunLocally(flow)
    expect(canRun).toBe(true)
    expect(reasons.map(({ code, found, limit }) => [code, found, limit])).toEqual([
      ['nodes', 1, 0],
      ['memory', 4e9, 1e8],
      ['cores', 8, 2],
      ['time', 3_600_000, 60_000],
      ['file.size', 9e9, 1e9],
      ['time', 90_000, 60_000]
    ])
    expect(reasons.map((one) => one.sentence)).toContain(
      'The flow may need 3.73 GB of memory; here 95.4 MB are for it.'
    )
    expect(placement.advise(flow)).toMatchObject({ place: 'here' })
  })

  it('knows what the server cannot: its limits, and files that only this place has', () => {
    const flow = big({ limits: { memoryBytes: 9e9, maxRunMs: 90_000 } })
    const server = { ...capable, maxNodes: 0, limits: { memoryBytes: 8e9, executionTimeout: 20_000 } }
    const codes = (serverHasFiles: boolean): unknown =>
      new Placement(types, { limits, files: { 'big.csv': 1 }, server, serverHasFiles })
        .canRunOnServer(flow)
        ?.reasons.map((one) => one.code)
    expect(codes(false)).toEqual(['server.file', 'nodes', 'memory', 'time'])
    expect(codes(true)).toEqual(['nodes', 'memory', 'time'])
  })

  it('takes nodes of the page for its own, and what is no flow for nothing', () => {
    const placement = new Placement(types, { limits, ownTypes: () => ['my/own'] })
    expect(placement.canRunLocally(flowOf([{ id: 'x', typeId: 'my/own' }], [])).canRun).toBe(true)
    expect(placement.canRunLocally(flowOf([{ id: 'x', typeId: 'none/such' }], [])).reasons[0]?.code).toBe(
      'node.unknown'
    )
    for (const odd of ['{', 'null', '[]', '{"nodes": 3}']) expect(placement.canRunLocally(odd).reasons).toEqual([])
  })
})
