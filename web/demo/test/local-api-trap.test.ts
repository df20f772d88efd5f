// LocalApi when its engine traps: the request is told, and the next one gets a new engine.
import { existsSync, readFileSync } from 'node:fs'
import { LocalApi } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import { pathOf } from './site.ts'
import { trappingAt } from './trapping-module.ts'

const MODULE = pathOf('../../../build/wasm/weir.wasm')

describe.skipIf(!existsSync(MODULE))('LocalApi when its engine traps', { timeout: 60_000 }, () => {
  it('says so in problem details, and answers the next request with a new engine', async () => {
    const bytes = readFileSync(MODULE)
    const modules = [trappingAt(bytes, 'weir_api_answer'), bytes]
    const api = new LocalApi(() => WebAssembly.compile(new Uint8Array(modules.shift() ?? bytes)))
    const health = (): Promise<Response> => api.handle(new Request('http://weir.test/health'))
    const [first, beside] = await Promise.all([health(), health()])
    for (const answer of [first, beside]) {
      expect(answer.status).toBe(500)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await answer.json()).toMatchObject({ status: 500, code: 'bug.trap' })
    }
    const next = await health()
    expect([next.status, await next.json()]).toMatchObject([200, { status: 'ok' }])
    expect(modules).toEqual([])
  })
})
