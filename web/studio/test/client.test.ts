// The client sends what a server asks for, tries again what may pass, and turns refusals into words.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { addressOf, Client, pauseBefore, type ClientPorts } from '../src/api/client.ts'
import { adviceOf, Refused, wordsOf } from '@weir/ui/refused.ts'

interface Call {
  url: string
  method: string
  headers: Record<string, string>
  body: string | undefined
}

let calls: Call[] = []
let answers: (() => Response)[] = []
const confirm = vi.fn(() => Promise.resolve(true))
const signedOut = vi.fn()
const reached = vi.fn()
const waits: number[] = []

function json(value: unknown, status = 200, headers: Record<string, string> = {}): () => Response {
  return () => new Response(JSON.stringify(value), { status, headers })
}

function client(): Client {
  const ports: ClientPorts = {
    server: 'http://weir.test',
    fetch: (input, init) => {
      calls.push({
        url: typeof input === 'string' ? input : '',
        method: init?.method ?? 'GET',
        headers: init?.headers as Record<string, string>,
        body: init?.body as string | undefined
      })
      const answer = answers.shift()
      return answer === undefined ? Promise.reject(new TypeError('no network')) : Promise.resolve(answer())
    },
    confirm,
    signedOut,
    reached,
    wait: (ms) => {
      waits.push(ms)
      return Promise.resolve()
    }
  }
  return new Client(ports)
}

beforeEach(() => {
  calls = []
  answers = []
  waits.length = 0
  vi.clearAllMocks()
})

describe('addresses', () => {
  it('have their values put in and encoded, several of one name several times', () => {
    expect(addressOf('/api/v1/runs/{run}/logs', { run: 'a/b c' })).toBe('/api/v1/runs/a%2Fb%20c/logs')
    expect(addressOf('/api/v1/nodes/{node...}', { node: 'files/csv-read' })).toBe('/api/v1/nodes/files/csv-read')
    expect(addressOf('/x', {}, { tag: ['a', 'b'], limit: 5, not: undefined })).toBe('/x?tag=a&tag=b&limit=5')
  })
})

describe('requests', () => {
  it('that change something bring the CSRF token, If-Match and an Idempotency-Key', async () => {
    const weir = client()
    weir.csrf = 'token'
    answers = [json({ id: 'run' }, 201)]
    await weir.ask('post', '/api/v1/flows/{flow}/runs', { path: { flow: 'f' }, body: {}, ifMatch: '*', once: 'k' })
    expect(calls[0]?.headers).toMatchObject({
      'x-weir-csrf': 'token',
      'if-match': '*',
      'idempotency-key': 'k',
      'content-type': 'application/json'
    })
  })

  it('that only read bring no token', async () => {
    const weir = client()
    weir.csrf = 'token'
    answers = [json({ flows: [] }, 200, { etag: '"7"' })]
    expect((await weir.tagged('get', '/api/v1/flows')).etag).toBe('"7"')
    expect(calls[0]?.headers).not.toHaveProperty('x-weir-csrf')
  })

  it('are sent again when the server is busy, after the pause that it asks for', async () => {
    answers = [json({ detail: 'busy' }, 503, { 'retry-after': '2' }), json({ runs: [] })]
    expect(await client().ask('get', '/api/v1/runs')).toEqual({ runs: [] })
    expect(waits).toEqual([2000])
  })

  it('that would have a second effect are not sent again', async () => {
    answers = [json({ detail: 'busy' }, 503)]
    await expect(client().ask('post', '/api/v1/tokens', { body: { name: 'n', permissions: [] } })).rejects.toThrow(
      'busy'
    )
    expect(calls).toHaveLength(1)
  })

  it('end with words when nobody answers, and say that the server is away', async () => {
    await expect(client().ask('get', '/api/v1/runs')).rejects.toMatchObject({ status: 0 })
    expect(calls).toHaveLength(4)
    expect(waits).toEqual([300, 600, 1200])
    expect(reached).toHaveBeenLastCalledWith(false)
  })

  it('take a proxy that has lost its server for a server that is away', async () => {
    answers = [502, 504, 502, 504].map((status) => () => new Response('Bad Gateway', { status }))
    await expect(client().ask('get', '/api/v1/runs')).rejects.toMatchObject({ status: 0 })
    expect(reached).toHaveBeenLastCalledWith(false)
  })

  it('wait for the password once more, and go on', async () => {
    answers = [json({ code: 'auth.confirm', detail: 'again' }, 403), json({ tokens: [] })]
    await client().ask('get', '/api/v1/tokens')
    expect(confirm).toHaveBeenCalledOnce()
    expect(calls).toHaveLength(2)
  })

  it('end the session when the server knows nobody any more, but not for a wrong password', async () => {
    answers = [json({ code: 'auth.wrong', detail: 'no' }, 401)]
    await expect(client().ask('post', '/api/v1/session', { body: { name: 'a', password: 'b' } })).rejects.toThrow('no')
    expect(signedOut).not.toHaveBeenCalled()
    answers = [json({ code: 'auth.required', detail: 'nobody' }, 401)]
    await expect(client().ask('get', '/api/v1/me')).rejects.toThrow('nobody')
    expect(signedOut).toHaveBeenCalledOnce()
  })
})

describe('refusals', () => {
  it('say what to do', () => {
    expect(adviceOf(new Refused(403, 'auth.denied', 'you lack run.start'))).toMatch(/permission/)
    expect(adviceOf(new Refused(500, '', 'oh', [], null, 'r-1'))).toContain('r-1')
    expect(wordsOf(new Refused(404, '', 'there is no run'))).toBe('There is no run.')
  })

  it('bring all problems of a document', async () => {
    answers = [json({ detail: 'two', code: 'flow.invalid', problems: [{ message: 'a' }, { message: 'b' }] }, 422)]
    await expect(client().ask('get', '/api/v1/flows')).rejects.toMatchObject({
      problems: [{ message: 'a' }, { message: 'b' }]
    })
  })

  it('that are no problem details are named by their status', async () => {
    answers = [() => new Response('<html>', { status: 418 })]
    await expect(client().ask('get', '/api/v1/flows')).rejects.toThrow('status 418')
  })

  it('pause longer each time, ten seconds at most', () => {
    const busy = new Refused(503, '', '')
    expect([0, 1, 2, 9].map((attempt) => pauseBefore(attempt, busy))).toEqual([300, 600, 1200, 10_000])
  })
})
