// Requests, connections and secrets of a run in the page: what is blocked is explained, what is secret stays so.
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { counting, flowOf, type Flow } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Route, type Site } from './site.ts'
import { speakWebSocket } from './web-socket-server.ts'

declare const harness: Harness

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const SECRET = 'hush hush/123'

const requests: IncomingMessage[] = []
const json = { 'content-type': 'application/json', 'cross-origin-resource-policy': 'cross-origin' }
const open = { ...json, 'access-control-allow-origin': '*' }

function say(headers: Record<string, string>, body: string): Route {
  return (request, response) => {
    requests.push(request)
    response.writeHead(200, headers).end(body)
  }
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  requests.push(request)
  const auth = request.headers.authorization ?? ''
  response.writeHead(200, { ...json, 'x-seen': encodeURIComponent(auth) })
  response.end(JSON.stringify({ auth, encoded: Buffer.from(auth).toString('base64') }))
}

/** Events in pieces that cut what it was sent in the middle. */
function events(request: IncomingMessage, response: ServerResponse): void {
  const token = request.headers['x-token'] as string
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`data: {"n": 1}\n\ndata: {"token": "${token.slice(0, 5)}`)
  setTimeout(() => response.end(`${token.slice(5)}"}\n\ndata: {"n": 3}\n\n`), 200)
}

const abroadRoutes: Record<string, Route> = {
  '/open': say(open, '{"answer": 42}'),
  '/closed': say(json, '{"answer": 42}'),
  '/slow': () => undefined,
  '/large': say(open, `"${'x'.repeat(100_000)}"`)
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

function* endless(): Generator<string> {
  for (let i = 0; ; i++) yield JSON.stringify({ i, text: 'x'.repeat(4000) })
}

const asking = (settings: object): Flow =>
  flowOf([counting(1), { id: 'ask', typeId: 'http/request', settings }], [['count', 'ask']])

describe.skipIf(!isBuilt)('The network of a run in Chromium', () => {
  let site: Site
  let browser: Browser
  let page: Page
  let abroad: string
  const servers: Server[] = []

  beforeAll(async () => {
    site = await harnessSite({ '/echo': echo, '/events': events })
    const server = createServer((request, response) => {
      const route = abroadRoutes[request.url ?? ''] ?? say({}, '')
      route(request, response)
    })
    servers.push(server)
    abroad = await listen(server)
    browser = await launch()
    page = await openHarness(browser, site.url)
  })

  afterAll(async () => {
    await browser.close()
    site.close()
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })

  /** Rows that were answered, and the failed ones. */
  function run(flow: Flow): Promise<{ rows: Record<string, unknown>[]; letters: { code: string; message: string }[] }> {
    return page.evaluate(async (document) => {
      const engine = await harness.engine()
      const execution = await engine.run(document, { outlets: [{ node: 'ask', port: 'response' }] })
      const rows: Record<string, unknown>[] = []
      for await (const row of execution.rows('ask', 'response')) rows.push(row as Record<string, unknown>)
      const letters = (await execution.deadLetters()) as { code: string; message: string }[]
      engine.close()
      return { rows, letters }
    }, flow)
  }

  it('asks servers that allow it', async () => {
    const { rows, letters } = await run(asking({ url: `${abroad}/open` }))
    expect(letters).toEqual([])
    expect(rows).toMatchObject([{ status: 200, body: { answer: 42 } }])
  })

  it('explains in words what the browser does not let a page read', async () => {
    const { letters } = await run(asking({ url: `${abroad}/closed` }))
    expect(letters).toMatchObject([{ code: 'network.blocked' }])
    expect(letters[0]?.message).toContain('CORS')
    expect(letters[0]?.message).toContain(new URL(abroad).host)
  })

  it('says when nobody answers, and when it takes too long or is too much', async () => {
    const quickly = { timeout: '300ms' }
    const nobody = await run({ ...asking({ url: 'http://127.0.0.1:9/' }), config: {} })
    expect(nobody.letters).toMatchObject([{ code: 'network.refused' }])
    const slow = await run(asking({ url: `${abroad}/slow`, ...quickly }))
    expect(slow.letters).toMatchObject([{ code: 'network.timeout' }])
    const large = await run(asking({ url: `${abroad}/large`, maxResponseBytes: 1000 }))
    expect(large.letters).toMatchObject([{ code: 'http.too_large' }])
  })

  it('sends a secret only to its hosts, and takes it out of what comes back', async () => {
    const host = new URL(site.url).host
    await page.evaluate(
      async ({ value, host }) => {
        const store = new harness.SecretStore()
        await store.set('TOKEN', value, [host])
        await store.set('ELSEWHERE', value, ['api.example.com'])
      },
      { value: SECRET, host }
    )
    requests.length = 0
    const bearer = (name: string): object => ({
      url: `${site.url}echo`,
      auth: 'bearer',
      secret: `\${secret:${name}}`
    })
    const { rows, letters } = await run(asking(bearer('TOKEN')))
    expect(letters).toEqual([])
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${SECRET}`)
    const text = JSON.stringify(rows)
    expect(rows).toMatchObject([{ status: 200, body: { auth: 'Bearer ***' } }])
    for (const form of [SECRET, encodeURIComponent(SECRET), 'aHVzaCBodXNoLzEyM']) expect(text).not.toContain(form)
    expect((await run(asking(bearer('ELSEWHERE')))).letters).toMatchObject([{ code: 'secret.host' }])
    expect((await run(asking(bearer('NOBODY')))).letters).toMatchObject([{ code: 'secret.missing' }])
    expect(requests).toHaveLength(1)
  })

  it('seals secrets with a key that no script can read', async () => {
    const seen = await page.evaluate(async (value) => {
      await new harness.SecretStore().set('SEALED', value)
      const db = await new Promise<IDBDatabase>((done) => {
        const request = indexedDB.open('weir-secrets')
        request.onsuccess = () => {
          done(request.result)
        }
      })
      const all = (store: string): Promise<unknown[]> =>
        new Promise((done) => {
          const request = db.transaction(store).objectStore(store).getAll()
          request.onsuccess = () => {
            done(request.result as unknown[])
          }
        })
      const [key] = (await all('keys')) as CryptoKey[]
      const sealed = (await all('secrets')) as { name: string; sealed: ArrayBuffer }[]
      const one = sealed.find((entry) => entry.name === 'SEALED')
      const text = new TextDecoder('latin1').decode(one?.sealed)
      const exported = key && (await crypto.subtle.exportKey('raw', key).catch(() => 'refused'))
      return { extractable: key?.extractable, exported, plain: text.includes(value), bytes: one?.sealed.byteLength }
    }, SECRET)
    expect(seen).toEqual({ extractable: false, exported: 'refused', plain: false, bytes: SECRET.length + 16 })
  })

  it('reads a WebSocket, and holds its server back while the run does not read', async () => {
    const [few, many] = [createServer(), createServer()]
    servers.push(few, many)
    speakWebSocket(
      few,
      Array.from({ length: 50 }, (_, i) => JSON.stringify({ i }))
    )
    const counter = speakWebSocket(many, endless())
    const [fewUrl, manyUrl] = (await Promise.all([listen(few), listen(many)])).map((url) => url.replace('http', 'ws'))
    const reading = (url: string | undefined): Flow =>
      flowOf([{ id: 'ws', typeId: 'websocket/read', settings: { url, reconnect: false } }], [])
    const rows = await page.evaluate(async (flow) => {
      const engine = await harness.engine()
      const execution = await engine.run(flow, { outlets: [{ node: 'ws', port: 'rows' }] })
      const found: unknown[] = []
      for await (const row of execution.rows('ws', 'rows')) found.push(row)
      engine.close()
      return found
    }, reading(fewUrl))
    expect(rows).toEqual(Array.from({ length: 50 }, (_, i) => ({ message: { i } })))

    await page.evaluate(async (flow) => {
      const engine = await harness.engine()
      const execution = await engine.run(flow, { outlets: [{ node: 'ws', port: 'rows' }] })
      await execution.outlet('ws', 'rows').getReader().read()
    }, reading(manyUrl))
    let before = -1
    for (let quiet = 0; quiet < 5; quiet = counter.sent() === before ? quiet + 1 : 0) {
      before = counter.sent()
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(counter.sent() * 4000).toBeLessThan(100e6)
  })

  it('reads an answer as it comes, without the secret that it was sent, even in two pieces', async () => {
    const settings = {
      url: `${site.url}events`,
      headers: { 'x-token': '${secret:SPLIT}' },
      reconnect: false
    }
    const rows = await page.evaluate(
      async ({ flow, value }) => {
        await new harness.SecretStore().set('SPLIT', value)
        const engine = await harness.engine()
        const execution = await engine.run(flow, { outlets: [{ node: 'sse', port: 'rows' }] })
        const found: unknown[] = []
        for await (const row of execution.rows('sse', 'rows')) found.push(row)
        engine.close()
        return found
      },
      { flow: flowOf([{ id: 'sse', typeId: 'http/sse-read', settings }], []), value: SECRET }
    )
    const text = JSON.stringify(rows)
    expect(rows).toHaveLength(3)
    expect(text).toContain('***')
    expect(text).not.toContain(SECRET.slice(0, 5))
    expect(text).not.toContain(SECRET.slice(5))
  })

  it('keeps state whole: all changes of a commit or none, and none of a run that was replaced', async () => {
    const seen = await page.evaluate(async () => {
      const state = new harness.StateDatabase('weir-state-test')
      const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
      const change = (key: string, value: string | null, expiresAtMicros = 0): never =>
        ({ key: bytes(key), value: value === null ? null : bytes(value), expiresAtMicros }) as never
      await state.commit('f', 1, [
        change('a/1', 'one'),
        change('a/2', 'two'),
        change('b', 'x'),
        change('a/0', 'old', 1)
      ])
      await state.commit('f', 2, [change('a/2', null), change('a/3', 'three')])
      const fenced = await state.commit('f', 1, [change('a/1', 'late')]).catch((reason: unknown) => reason)
      const list = async (prefix: string, after: string): Promise<string[]> =>
        (await state.list('f', bytes(prefix), bytes(after), 10)).map((pair) =>
          pair.map((part) => new TextDecoder().decode(part)).join('=')
        )
      const got = await state.get('f', bytes('a/1'))
      return {
        fenced: (fenced as { code: string }).code,
        one: new TextDecoder().decode(got),
        all: await list('a/', ''),
        rest: await list('a/', 'a/1'),
        other: await state.get('g', bytes('a/1'))
      }
    })
    expect(seen).toMatchObject({
      fenced: 'state.fenced',
      one: 'one',
      all: ['a/1=one', 'a/3=three'],
      rest: ['a/3=three']
    })
    expect(seen.other).toBeUndefined()
  })
})
