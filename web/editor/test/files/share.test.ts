// A flow as a form: what is written becomes values of its parameters, and who may not run it is told so.
import type { FlowParameter } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import type { FlowHome, KeptFlow } from '../../src/page/home/flow-home.ts'
import { offerOf } from '../../src/page/home/keep-offer.tsx'
import { openForm } from '../../src/share/open-form.ts'
import { defaultText, problemOf, valuesOf } from '../../src/share/parameter-input.ts'
import { ended, flowText, hasModule, localPlace } from '../places/flows.ts'

const parameter = (type: string, more: Partial<FlowParameter> = {}): FlowParameter => ({
  ...{ name: 'p', type, label: '', help: '', required: false, default: undefined },
  ...{ options: [], min: undefined, max: undefined },
  ...more
})

const kText = flowText(
  [
    { id: 'make', typeId: 'generate/pattern', settings: { pattern: 'sequential', rows: 10 } },
    { id: 'some', typeId: 'logic/filter', settings: { condition: 'row.id < params.most' } }
  ],
  ['make>some'],
  {
    parameters: [{ name: 'most', type: 'integer', default: 4, label: 'Most' }],
    metadata: { description: 'The first rows.' }
  }
)

function homeOf(text: string, run = true, more: Partial<KeptFlow> = {}): FlowHome {
  const kept = { id: 'orders', name: 'Orders', folder: 'sales', revision: '1', changedAt: 0, latestVersion: 0 }
  const flow = { ...kept, publishedVersion: 0, text, ...more }
  const never = () => Promise.reject(new Error('this is not asked for'))
  return {
    kind: 'browser',
    name: 'this browser',
    key: 'browser',
    rights: () => ({ edit: false, publish: false, run }),
    read: () => Promise.resolve(flow),
    ...{ list: never, write: never, create: never, versions: never, version: never, keepVersion: never, bin: never }
  }
}

describe('what is written into a form', () => {
  it('becomes values by the types of the parameters, and what is empty is left to its default', () => {
    const all = [
      parameter('integer', { name: 'a' }),
      parameter('boolean', { name: 'b' }),
      parameter('list', { name: 'c' }),
      parameter('string', { name: 'd', default: 'x' })
    ]
    expect(valuesOf(all, { a: ' 12', b: 'true', c: '[1]', d: '' })).toEqual({ a: 12, b: true, c: [1] })
    expect(valuesOf(all, { a: 'x' })).toBeUndefined()
    expect(defaultText(parameter('list', { default: ['a'] }))).toBe('["a"]')
  })

  it.each([
    [parameter('integer'), '1.5', 'A whole number is needed.'],
    [parameter('integer'), '99999999999999999999', 'This number is too large.'],
    [parameter('number', { min: 2 }), '1', 'It is 2 at least.'],
    [parameter('number', { max: 2 }), '3', 'It is 2 at most.'],
    [parameter('number'), 'Infinity', 'A number is needed.'],
    [parameter('duration'), 'soon', 'Write a duration such as 5s or 1m30s.'],
    [parameter('bytesize'), 'big', 'Write a size such as 64MB or 1GiB.'],
    [parameter('list'), '{}', 'A list is needed, such as ["a", "b"].'],
    [parameter('map'), '[', 'A map is needed, such as {"a": 1}.'],
    [parameter('string', { required: true }), '', 'This is needed.'],
    [parameter('string', { required: true, default: 'x' }), '', ''],
    [parameter('string'), '=1+1', '']
  ])('is refused with the reason: %#', (of, text, problem) => {
    expect(problemOf(of, text)).toBe(problem)
  })
})

describe.skipIf(!hasModule)('the form of a flow', () => {
  it('runs with what was written, and changes nothing', async () => {
    const place = localPlace()
    const form = await openForm({ flow: 'orders', home: homeOf(kText), places: () => Promise.resolve([place]) })
    expect(form).toMatchObject({ name: 'Orders', description: 'The first rows.', refused: '' })
    expect(form.parameters.map(({ name }) => name)).toEqual(['most'])
    const run = await place.start(form.session.document.text(), { kind: 'test', parameters: { most: 7 } })
    await ended(run)
    expect(((await run.rowsOf('some', 'match')) ?? []).reduce((sum, batch) => sum + batch.rows, 0)).toBe(7)
    run.dispose()
    const done = form.session.do([{ op: 'remove', kind: 'nodes', id: 'some' }], 'Remove')
    expect(done.gesture).toBeUndefined()
    form.session.dispose()
  })

  it('says to who may not run it whom to ask, and does not open what is none', async () => {
    const places = () => Promise.resolve([localPlace()])
    const form = await openForm({ flow: 'orders', home: homeOf(kText, false), places })
    expect(form.refused).toMatch(/^You may see this flow, but not run it: .* in the folder sales\.$/)
    form.session.dispose()
    const nowhere = await openForm({ flow: 'orders', home: homeOf(kText), places: () => Promise.resolve([]) })
    expect(nowhere.refused).toMatch(/do not run in this browser/)
    nowhere.session.dispose()
    await expect(openForm({ flow: 'orders', home: homeOf('{'), places })).rejects.toThrow('cannot be read')
  })
})

describe('what is kept in this browser alone', () => {
  const kDay = 24 * 3600_000
  const local = (folder: string, settings: Record<string, unknown>, old = false) =>
    ({
      folder: { state: () => Promise.resolve({ state: folder }) },
      storage: { settings: { get: (name: string) => Promise.resolve(settings[name]) } },
      wantsBackUp: () => Promise.resolve(old)
    }) as unknown as Parameters<typeof offerOf>[0]

  it('is offered a copy after the first edit, when the browser may delete it, and when the copy is old', async () => {
    const now = 10 * kDay
    expect(await offerOf(local('none', {}), true, now)).toBe('first')
    expect(await offerOf(local('none', {}), false, now)).toBe('refused')
    expect(await offerOf(local('none', { 'backup-at': now - 2 * kDay }, true), true, now)).toBe('old')
    expect(await offerOf(local('none', { 'backup-at': now - 2 * kDay }), true, now)).toBeUndefined()
    expect(await offerOf(local('none', { 'backup-at': now - 1 }), false, now)).toBeUndefined()
    expect(await offerOf(local('ready', {}), false, now)).toBeUndefined()
    expect(await offerOf(local('none', { 'keep-offer-no-at': now - 1 }, true), false, now)).toBeUndefined()
    expect(await offerOf(local('unsupported', { 'keep-offer-no-at': now - 2 * kDay }), false, now)).toBe('refused')
  })
})
