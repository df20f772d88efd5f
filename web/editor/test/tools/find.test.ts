// Finding text in a flow, and in all flows of a home.
import { describe, expect, it } from 'vitest'
import { findEverywhere, FlowReader } from '../../src/tools/find/find-everywhere.ts'
import type { Progress } from '../../src/tools/find/find-everywhere.ts'
import { findInFlow, folded } from '../../src/tools/find/find-in-flow.ts'
import { goToFound, goWhenOpened, goWhereWanted } from '../../src/tools/find/go-to-found.ts'
import { kOrdersFlow, ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const kSchemas = schemasOfNodes()
const kSum = ordersSession(kSchemas).catalogue.newest('aggregate/group')?.name ?? ''
const kFlow = {
  ...kOrdersFlow,
  groups: [{ id: 'clean', name: 'Clean up' }],
  notes: [{ id: 'n1', text: 'Ask Zoë about *refunds*' }]
}

function find(text: string, most?: number): string[] {
  const session = ordersSession(kSchemas, kFlow)
  return findInFlow(session.document, session.catalogue, text, most).map(
    ({ kind, id, path, what }) => `${kind}/${id}${path} ${what}`
  )
}

describe('finding', () => {
  it('looks at names first, then types, settings and notes', () => {
    expect(find('paid')).toEqual([
      'nodes/paid/name Name',
      'nodes/unpaid/name Name',
      'nodes/paid/settings/condition Condition',
      'nodes/unpaid/settings/path File'
    ])
    expect(find('json')).toEqual([])
    expect(find(kSum)[0]).toBe('nodes/sum Type')
    expect(find('clean')).toEqual(['groups/clean/name Name of a box'])
    expect(find('folder')).toContain('flow//parameters/=folder Parameter')
  })
  it('leads into lists and maps of settings, also of types that nobody knows', () => {
    expect(find('revenue')).toContain('nodes/sum/settings/measures/0/name Measures')
    expect(find('3')).toContain('nodes/odd/settings/speed speed')
  })
  it('takes accents and case for the same, and keeps places', () => {
    expect(find('ZOE')).toEqual(['notes/n1/text Note'])
    expect(folded('Ærø ﬁ İ')).toHaveLength('Ærø ﬁ İ'.length)
    const session = ordersSession(kSchemas, kFlow)
    const [found] = findInFlow(session.document, session.catalogue, 'zoe')
    expect(found?.text.slice(found.at, found.at + found.length)).toBe('Zoë')
  })
  it('finds nothing in nothing, and no more than is wanted', () => {
    expect(find('   ')).toEqual([])
    expect(find('.*(')).toEqual([])
    expect(find('e', 3)).toHaveLength(3)
  })
  it('goes to the field, also in a flow that is opened for it', () => {
    const session = ordersSession(kSchemas, kFlow)
    const [found] = findInFlow(session.document, session.catalogue, 'quantity')
    if (found === undefined) throw new Error('nothing was found')
    goToFound(session, found)
    expect(session.selection.has('nodes', 'paid')).toBe(true)
    expect(session.view.getState().wantedField).toBe('/settings/condition')
    const other = ordersSession(kSchemas, kFlow)
    goWhenOpened('orders-by-region', { ...found, id: 'gone' })
    goWhereWanted(other)
    expect(other.selection.size).toBe(0)
    goWhenOpened('orders-by-region', found)
    goWhereWanted(other)
    expect(other.selection.has('nodes', 'paid')).toBe(true)
    other.selection.clear()
    goWhereWanted(other)
    expect(other.selection.size).toBe(0)
  })
})

describe('finding in all flows', () => {
  const texts = new Map([
    ['orders', JSON.stringify(kFlow)],
    ['empty', JSON.stringify({ id: 'empty', version: '1.0.0', nodes: [], edges: [] })],
    ['broken', '{']
  ])
  const { catalogue } = ordersSession(kSchemas, kFlow)
  function home() {
    const asked: string[] = []
    return {
      asked,
      list: () => Promise.resolve([...texts.keys(), 'away'].map((id) => ({ id, name: id, revision: '1' }))),
      text: (id: string) => {
        asked.push(id)
        const text = texts.get(id)
        return text === undefined ? Promise.reject(new Error('away')) : Promise.resolve(text)
      },
      open: () => undefined
    }
  }
  it('looks through each, says how far it is, and goes on where one cannot be read', async () => {
    const flows = home()
    const reader = new FlowReader(flows)
    const said: Progress[] = []
    const signal = new AbortController().signal
    await findEverywhere({ flows, reader, catalogue, text: 'quantity' }, signal, (one) => said.push(one))
    expect(said.at(-1)).toMatchObject({ looked: 4, all: 4, failed: 2 })
    expect(said.at(-1)?.results.map(({ flow }) => flow)).toEqual(['orders'])
    await findEverywhere({ flows, reader, catalogue, text: 'x' }, signal, () => undefined)
    expect(flows.asked.filter((id) => id === 'orders')).toHaveLength(1)
  })
  it('says nothing any more when it was stopped', async () => {
    const flows = home()
    const stop = new AbortController()
    stop.abort()
    const said: Progress[] = []
    await findEverywhere({ flows, reader: new FlowReader(flows), catalogue, text: 'a' }, stop.signal, (one) =>
      said.push(one)
    )
    expect(said).toEqual([])
    expect(flows.asked).toEqual([])
  })
})
