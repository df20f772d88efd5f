// The outline as a tree: its rows, what is read out, and where its keys lead.
import { describe, expect, it } from 'vitest'
import { outlineMove } from '../../src/tools/outline/outline-keys.ts'
import { boxesAround, outlineRows, wordsOfRow } from '../../src/tools/outline/outline-rows.ts'
import type { OutlineRow } from '../../src/tools/outline/outline-rows.ts'
import { kOrdersFlow, ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const kSchemas = schemasOfNodes()
const kFlow = {
  ...kOrdersFlow,
  groups: [{ id: 'clean', name: 'Clean up' }],
  nodes: kOrdersFlow.nodes.map((node) =>
    'id' in node && (node.id === 'paid' || node.id === 'net') ? { ...node, parent: 'clean' } : node
  )
}
const session = ordersSession(kSchemas, kFlow)
const rowsOf = (...toggled: string[]): OutlineRow[] => outlineRows(session.document, new Set(toggled))
const plain = (key: string, shiftKey = false) => ({ key, shiftKey, ctrlKey: false, metaKey: false, altKey: false })
const nameOf = (row: OutlineRow): string => wordsOfRow(session.document, session.catalogue, row).name

describe('the outline', () => {
  it('has boxes and nodes in the order of the flow, with their places among others', () => {
    expect(rowsOf().map(({ key, level, position, size }) => `${key} ${level} ${position}/${size}`)).toEqual([
      'nodes/odd 1 1/5',
      'nodes/read 1 2/5',
      'groups/clean 1 3/5',
      'nodes/paid 2 1/2',
      'nodes/net 2 2/2',
      'nodes/unpaid 1 4/5',
      'nodes/sum 1 5/5'
    ])
  })
  it('hides what is in a closed box, and shows where the rows of an opened node go', () => {
    expect(rowsOf('groups/clean').map(({ key }) => key)).not.toContain('nodes/paid')
    const rows = rowsOf('nodes/paid')
    expect(rows.filter(({ parent }) => rows[parent]?.key === 'nodes/paid').map(nameOf)).toEqual([
      'match → Net price',
      'rest → Unpaid'
    ])
  })
  it('says of each row what it is and where its rows go', () => {
    const row = rowsOf().find(({ key }) => key === 'nodes/paid')
    if (row === undefined) throw new Error('there is no row')
    const { name: type } = session.catalogue.newest('logic/filter') ?? { name: '' }
    expect(wordsOfRow(session.document, session.catalogue, row)).toEqual({
      name: 'Paid orders',
      type,
      targets: ['Net price', 'Unpaid']
    })
  })
  it('knows the boxes around a thing, also in a document whose boxes are in one another', () => {
    expect(boxesAround(session.document, 'nodes', 'paid')).toEqual(['clean'])
    const round = ordersSession(kSchemas, {
      id: 'round',
      version: '1.0.0',
      nodes: [],
      edges: [],
      groups: [
        { id: 'a', parent: 'b' },
        { id: 'b', parent: 'a' }
      ]
    })
    expect(boxesAround(round.document, 'groups', 'a')).toEqual(['b', 'a'])
  })
  it('is walked by arrows, letters and ends', () => {
    const rows = rowsOf()
    const move = (at: number, key: string, shift = false) => outlineMove(rows, at, plain(key, shift), nameOf)
    expect(move(0, 'ArrowDown')).toEqual({ to: 1, more: false })
    expect(move(6, 'ArrowDown', true)).toEqual({ to: 6, more: true })
    expect(move(-1, 'ArrowUp')).toEqual({ to: 0, more: false })
    expect(move(3, 'End')).toEqual({ to: 6, more: false })
    expect(move(3, 'ArrowLeft')).toEqual({ to: 2, more: false })
    expect(move(2, 'ArrowLeft')).toEqual({ toggle: rows[2] })
    expect(move(1, 'ArrowRight')).toEqual({ toggle: rows[1] })
    expect(move(0, 'u')).toEqual({ to: 5, more: false })
    expect(move(4, 'R')).toEqual({ to: 6, more: false })
    expect(move(3, 'F2')).toEqual({ rename: rows[3] })
    expect(move(2, 'Tab')).toBeUndefined()
    expect(outlineMove(rows, 0, { ...plain('ArrowDown'), ctrlKey: true }, nameOf)).toBeUndefined()
    expect(outlineMove([], -1, plain('ArrowDown'), nameOf)).toBeUndefined()
  })
})
