// The HTTP API in this process: its routes over the engine, streams of events, flows, and what it refuses.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalApi } from '../src/index.ts'
import { ApiServer } from './api-server.ts'
import { engineModule, hasModule } from './module.ts'

const counting = (rows: number, settings: object = {}): object => ({
  id: 'count',
  typeId: 'generate/pattern',
  version: '1.0.0',
  settings: { pattern: 'sequential', rows, ...settings }
})

const odd = { id: 'odd', typeId: 'logic/filter', version: '1.0.0', settings: { condition: 'row.id % 2 == 1' } }

function flowOf(nodes: object[], edges: [string, string][] = [], id = 'test'): Record<string, unknown> {
  return {
    id,
    version: '1.0.0',
    nodes,
    edges: edges.map(([source, target], i) => ({
      id: `e${i}`,
      source: { node: source, port: 'rows' },
      target: { node: target, port: 'rows' }
    }))
  }
}

interface Told {
  id: number
  event: string
  data: { type: string; data: unknown; metadata?: { node: string; port: string } }
}

function eventsIn(text: string): Told[] {
  const field = (part: string, name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? ''
  return text
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => ({
      id: Number(field(part, 'id')),
      event: field(part, 'event'),
      data: JSON.parse(field(part, 'data')) as Told['data']
    }))
}

const rowsIn = (events: Told[]): unknown[] =>
  events.filter((event) => event.event === 'node-output').flatMap((event) => event.data.data as unknown[])

interface Problem {
  status: number
  code: string
  title: string
  detail: string
  problems?: { code: string; pointer: string }[]
}

describe.skipIf(!hasModule)('LocalApi in this process', { timeout: 60_000 }, () => {
  let api: LocalApi
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    api.handle(new Request(`http://weir.test${path}`, init))
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers }
    })
  const refusal = async (answer: Response): Promise<Problem> => {
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const problem = (await answer.json()) as Problem
    expect(problem.status).toBe(answer.status)
    return problem
  }

  beforeAll(() => {
    api = new LocalApi(engineModule, { where: 'a test', application: 'x1' })
  })

  it('says where it is, what it can run, and which nodes it has; also at the root', async () => {
    expect(await (await ask('/api/v1/health')).json()).toEqual({
      status: 'ok',
      where: 'a test',
      version: '1.0.0',
      application: 'x1'
    })
    const capabilities = (await (await ask('/capabilities')).json()) as { supportedNodeTypes: string[] }
    expect(capabilities).toMatchObject({
      maxNodes: 10_000,
      limits: { maxConcurrentExecutions: 4, executionTimeout: null }
    })
    expect(capabilities.supportedNodeTypes).toContain('files/csv-read')
    expect(capabilities.supportedNodeTypes).not.toContain('http/webhook')
    const answer = await ask('/api/v1/nodes')
    const { nodes } = (await answer.json()) as { nodes: { id: string }[] }
    expect(new Set(nodes.map((node) => node.id))).toEqual(new Set(capabilities.supportedNodeTypes))
    const tag = answer.headers.get('etag') ?? ''
    expect((await ask('/api/v1/nodes', { headers: { 'if-none-match': tag } })).status).toBe(304)
    const all = (await (await ask('/api/v1/nodes?where=everywhere')).json()) as { nodes: { id: string }[] }
    expect(all.nodes.map((node) => node.id)).toContain('http/webhook')
    expect(await (await ask('/api/v1/nodes/logic/filter')).json()).toMatchObject({
      id: 'logic/filter',
      version: '1.0.0'
    })
    expect((await refusal(await ask('/api/v1/nodes/logic/flter'))).detail).toContain("'logic/filter'")
  })

  it('tells an execution as numbered events, and those again that a reader has missed', async () => {
    const answer = await post('/execute', flowOf([counting(250), odd], [['count', 'odd']]))
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const id = answer.headers.get('x-execution-id') ?? ''
    const events = eventsIn(await answer.text())
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => i + 1))
    expect(events[0]).toMatchObject({ event: 'execution-update', data: { data: { status: 'running' } } })
    expect(events.at(-1)).toMatchObject({ event: 'execution-update', data: { data: { status: 'done' } } })
    expect(rowsIn(events)).toHaveLength(125)
    expect(events.find((event) => event.event === 'node-output')?.data.metadata).toEqual({ node: 'odd', port: 'match' })
    const again = await ask(`/api/v1/executions/${id}/events`, { headers: { 'last-event-id': '2' } })
    expect(eventsIn(await again.text())).toEqual(events.slice(2))
    expect((await refusal(await ask(`/api/v1/executions/${id}/events?after=9000`))).code).toBe('live.gone')
    expect((await refusal(await ask('/api/v1/executions/none/events'))).code).toBe('run.not_found')
    expect(await (await ask(`/api/v1/executions/${id}`)).json()).toMatchObject({ id, flow: 'test', status: 'done' })
  })

  it('runs over files that come with the request, and with the parameters that it gives', async () => {
    const flow = {
      ...flowOf([{ id: 'read', typeId: 'files/csv-read', version: '1.0.0', settings: { path: '${name}.csv' } }]),
      parameters: [{ name: 'name', type: 'string' }]
    }
    const body = { flow, parameters: { name: 'in' }, files: { 'in.csv': 'city,amount\nUlm,2\nBonn,3\n' } }
    expect(rowsIn(eventsIn(await (await post('/api/v1/execute', body)).text()))).toEqual([
      { city: 'Ulm', amount: 2 },
      { city: 'Bonn', amount: 3 }
    ])
  })

  it('makes a run wait for a slow reader, and goes on where the reader stopped', async () => {
    const answer = await post('/api/v1/execute', flowOf([counting(2_000_000)]))
    const id = answer.headers.get('x-execution-id') ?? ''
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const told = async (): Promise<{ events: number; status: string }> =>
      (await (await ask(`/api/v1/executions/${id}`)).json()) as { events: number; status: string }
    let before = -1
    for (let now = await told(); now.events !== before; now = await told()) {
      before = now.events
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(before).toBeLessThan(100)
    expect((await told()).status).toBe('running')
    await reader.cancel()
    expect((await ask(`/api/v1/executions/${id}`, { method: 'DELETE' })).status).toBe(204)
    const rest = eventsIn(await (await ask(`/api/v1/executions/${id}/events?after=1`)).text())
    expect(rest[0]?.id).toBe(2)
    expect(rest.at(-1)?.data.data).toMatchObject({ status: 'cancelled' })
  })

  it('cancels what nobody reads any more, after a while', async () => {
    const lonely = new LocalApi(engineModule, { readerTimeout: 100 })
    const body = JSON.stringify(flowOf([counting(1_000_000, { rate: 10 })]))
    const answer = await lonely.handle(
      new Request('http://weir.test/execute', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    )
    await answer.body?.cancel()
    const list = async (): Promise<unknown> =>
      (await lonely.handle(new Request('http://weir.test/api/v1/executions'))).json()
    await expect.poll(list, { timeout: 20_000 }).toMatchObject({ executions: [{ status: 'cancelled' }] })
  })

  it('cuts what takes longer than the place allows, and says so', async () => {
    const hurried = new LocalApi(engineModule, { executionTimeout: 300 })
    const body = JSON.stringify(flowOf([counting(1_000_000, { rate: 20 })]))
    const answer = await hurried.handle(
      new Request('http://weir.test/execute', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    )
    const events = eventsIn(await answer.text())
    expect(events.find((event) => event.event === 'error')?.data.data).toMatchObject({ code: 'run.too_long_here' })
    expect(events.at(-1)?.data.data).toMatchObject({ status: 'cut' })
  })

  it('refuses what is no request, and says why', async () => {
    const bad = await refusal(
      await post(
        '/api/v1/execute',
        flowOf([{ id: 'x', typeId: 'logic/flter', version: '1.0.0', settings: {} }, counting(1)], [['count', 'nobody']])
      )
    )
    expect(bad.status).toBe(422)
    expect(bad.problems?.length).toBeGreaterThanOrEqual(2)
    expect(await refusal(await post('/execute', { hello: 1 }))).toMatchObject({ status: 400, code: 'api.body' })
    const torn = await ask('/execute', {
      method: 'POST',
      body: '{"nodes": [',
      headers: { 'content-type': 'application/json' }
    })
    expect(await refusal(torn)).toMatchObject({ status: 400, code: 'json.syntax' })
    const form = await ask('/execute', {
      method: 'POST',
      body: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    })
    expect(await refusal(form)).toMatchObject({ status: 415 })
    const large = await ask('/execute', {
      method: 'POST',
      body: ' '.repeat((10 << 20) + 1),
      headers: { 'content-type': 'application/json' }
    })
    expect(await refusal(large)).toMatchObject({ status: 413, code: 'api.too_large' })
    expect(await refusal(await ask('/api/v1/elsewhere'))).toMatchObject({ status: 404, code: 'api.not_found' })
    const wrong = await ask('/api/v1/execute', { method: 'PUT', body: '{}' })
    expect(wrong.headers.get('allow')).toBe('POST, OPTIONS')
    expect(await refusal(wrong)).toMatchObject({ status: 405 })
    expect(await refusal(await ask('/api/v1/flows?limit=0'))).toMatchObject({ status: 400, code: 'api.query' })
    expect(await refusal(await ask('/api/v1/health', { headers: { accept: 'image/png' } }))).toMatchObject({
      status: 406
    })
  })

  it('keeps flows, guards them with their ETag, and gives them back from the bin', async () => {
    const first = flowOf([counting(1)], [], 'orders')
    const made = await post('/api/v1/flows', first)
    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/v1/flows/orders'])
    const tag = made.headers.get('etag') ?? ''
    const put = (body: unknown, headers: Record<string, string>): Promise<Response> =>
      ask('/api/v1/flows/orders', {
        method: 'PUT',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers }
      })
    const second = flowOf([counting(2)], [], 'orders')
    expect((await refusal(await put(second, {}))).status).toBe(428)
    const changed = await put(second, { 'if-match': tag })
    expect(changed.status).toBe(200)
    expect((await refusal(await put(first, { 'if-match': tag }))).status).toBe(412)
    // The same request again, as a client sends it that did not get the answer.
    const again = await put(second, { 'if-match': tag })
    expect([again.status, again.headers.get('etag')]).toEqual([200, changed.headers.get('etag')])
    expect((await refusal(await put(flowOf([counting(2)], [], 'other'), { 'if-match': '*' }))).code).toBe(
      'api.other_flow'
    )
    expect((await refusal(await post('/api/v1/flows', first))).status).toBe(409)
    const binned = await ask('/api/v1/flows/orders', {
      method: 'DELETE',
      headers: { 'if-match': changed.headers.get('etag') ?? '' }
    })
    expect(binned.status).toBe(200)
    const list = async (query = ''): Promise<string[]> => {
      const { flows } = (await (await ask(`/api/v1/flows${query}`)).json()) as { flows: { id: string }[] }
      return flows.map((flow) => flow.id)
    }
    expect(await list()).toEqual([])
    expect(await list('?bin=true')).toEqual(['orders'])
    expect((await ask('/api/v1/flows/orders/restore', { method: 'POST' })).status).toBe(200)
    expect(await (await ask('/api/v1/flows/orders')).json()).toMatchObject({
      id: 'orders',
      document: { nodes: [{ settings: { rows: 2 } }] }
    })
  })
})

describe.skipIf(!hasModule)('LocalApi behind HTTP', { timeout: 60_000 }, () => {
  let server: ApiServer
  beforeAll(async () => {
    server = await ApiServer.start()
  })
  afterAll(() => server.close())

  it('streams events over a connection that may break, and goes on behind the last one', async () => {
    const body = JSON.stringify(flowOf([counting(500, { rate: 500 })]))
    const answer = await fetch(`${server.url}/execute`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' }
    })
    const id = answer.headers.get('x-execution-id') ?? ''
    const reader = (answer.body as ReadableStream<Uint8Array<ArrayBuffer>>)
      .pipeThrough(new TextDecoderStream())
      .getReader()
    let text = ''
    while (!text.includes('id: 3\n') || !text.endsWith('\n\n')) text += (await reader.read()).value ?? ''
    const seen = eventsIn(text)
    server.breakConnections()
    await reader.cancel().catch(() => undefined)
    const headers = { 'last-event-id': String(seen.at(-1)?.id) }
    const rest = eventsIn(await (await fetch(`${server.url}/executions/${id}/events`, { headers })).text())
    const all = [...seen, ...rest]
    expect(all.map((event) => event.id)).toEqual(all.map((_, i) => i + 1))
    expect(rowsIn(all)).toHaveLength(500)
  })

  it('answers HEAD as GET without its body', async () => {
    const head = await fetch(`${server.url}/health`, { method: 'HEAD' })
    const get = await (await fetch(`${server.url}/health`)).text()
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(get.length)])
    expect(await head.text()).toBe('')
  })
})
