// What a table offers behind a reader that leads nowhere yet: a summary without a formula.
import { Catalogue, openFlow, toPlain } from '@weir/flow-model'
import { rowsOf } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import { columnOffers, insertOffer } from '../../src/panels/data/offers.ts'
import type { TableColumn } from '../../src/panels/data/row-table.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { ended, files, flowText, hasModule, localPlace } from '../places/flows.ts'

const column = (name: string, type: string): TableColumn => ({
  name,
  type,
  kind: type === 'string' ? 'string' : 'number'
})
const kColumns = [
  column('id', 'int'),
  column('region', 'string'),
  column('unit price', 'double'),
  column('quantity', 'int'),
  column('year', 'int')
]
const offerOf = (name: string, words: string) => {
  const [found] = columnOffers(kColumns.find((each) => each.name === name) ?? column(name, 'int'), kColumns).filter(
    (offer) => offer.words.startsWith(words)
  )
  if (found === undefined) throw new Error(`no offer ${words}`)
  return found
}

describe('the summary that a column offers', () => {
  it('counts, and sums what can be summed', () => {
    const { settings } = offerOf('region', 'Summarise by')
    expect(toPlain(new Map(settings))).toEqual({
      keys: ['region'],
      measures: [
        { name: 'count', function: 'count' },
        { name: 'sum_unit price', function: 'sum', of: 'row["unit price"]' },
        { name: 'sum_quantity', function: 'sum', of: 'row.quantity' }
      ]
    })
  })

  it('of a column of numbers is one row', () => {
    const { settings } = offerOf('quantity', 'Sum, mean')
    expect(Object.keys(toPlain(new Map(settings)) as object)).toEqual(['measures'])
  })
})

describe.skipIf(!hasModule)('an offer behind a reader that leads nowhere', () => {
  it('is wired behind it, chosen, undone in one go, and runs', async () => {
    const disk = files()
    disk.put('orders.csv', 'id,region,unit price,quantity,year\n1,north,2.5,3,2026\n2,north,1.5,1,2026\n')
    const place = localPlace({ files: disk })
    const read = { id: 'read', typeId: 'files/csv-read', settings: { path: 'orders.csv' } }
    const flow = openFlow(flowText([read], []))
    if (flow.state === 'broken') throw new Error('it cannot be read')
    const session = new EditorSession(flow.document, Catalogue.of([...(await place.nodes())]), { author: 'anna' })
    const behind = { node: 'read', port: 'rows' }
    const id = insertOffer(session, behind, offerOf('region', 'Summarise by'))
    expect(id).toBe('group')
    expect(session.document.edgesInto('group').map((edge) => edge.source)).toEqual([behind])
    expect([...session.selection.ids('nodes')]).toEqual(['group'])
    const run = await place.start(session.document.text(), { kind: 'sample', upTo: 'group' })
    expect(await ended(run)).toMatchObject({ status: 'done' })
    expect((await run.rowsOf('group', 'rows'))?.flatMap<unknown>(rowsOf)).toEqual([
      { region: 'north', count: 2, 'sum_unit price': 4, sum_quantity: 4 }
    ])
    run.dispose()
    session.undo()
    expect(session.document.nodes()).toHaveLength(1)
    expect(insertOffer(session, { node: 'gone', port: 'rows' }, offerOf('region', 'Summarise by'))).toBeUndefined()
    session.dispose()
  })
})
