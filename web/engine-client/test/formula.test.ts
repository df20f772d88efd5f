// Questions about formulas, by the engine in this thread.
import { describe, expect, it } from 'vitest'
import { jsonText } from '../src/formula.ts'
import { LocalApi, LocalEngine, ServerEngine } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'

describe('the text of a question', () => {
  it('has all digits of bigints, bytes as base64, and nothing for what is no data', () => {
    const value = {
      id: 2n ** 63n,
      bytes: new Uint8Array([104, 105]),
      left: undefined,
      call: () => 1,
      list: [NaN, null, 'ü']
    }
    expect(jsonText(value)).toBe('{"id":9223372036854775808,"bytes":"aGk=","call":null,"list":["NaN",null,"ü"]}')
  })
})

describe.skipIf(!hasModule)('a formula', async () => {
  const module = hasModule ? await engineModule() : undefined
  if (module === undefined) return
  const api = new LocalApi(() => Promise.resolve(module))
  const engines = {
    'in this thread': () => LocalEngine.make(module),
    'over the API': () =>
      ServerEngine.connect({ url: 'http://here/api/v1', fetch: (url, init) => api.handle(new Request(url, init)) })
  }

  it.each(Object.keys(engines) as (keyof typeof engines)[])('has a type, problems and results: %s', async (where) => {
    const engine = await engines[where]()
    const fields = [{ name: 'id', type: 'int' }]
    expect(
      await engine.formula({ text: 'row.id + 1', fields, rows: [{ id: 2n ** 53n + 1n }, { id: 'a' }] })
    ).toMatchObject({
      type: 'int',
      problems: [],
      results: [{ value: expect.anything() as unknown }, { error: expect.stringContaining('id') as string }]
    })
    expect((await engine.formula({ text: 'row.di', fields })).problems[0]).toMatchObject({
      code: 'cel.unknown_field',
      offset: 4
    })
    expect((await engine.formula({ text: '1', expects: 'bool' })).problems).toHaveLength(1)
    expect(await engine.formulaFunctions()).toContainEqual({ name: 'endsWith', signature: 'string.(string): bool' })
    await expect(engine.formula({ text: '1', fields: [{ name: 'a', type: 'integer' }] })).rejects.toThrow(/integer/)
    engine.close()
  })
})
