// Which nodes the palette finds.
import { Catalogue } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import { findTypes } from '../../src/tools/find-types.ts'

const rows = { name: 'rows', type: 'rows' }
const type = (id: string, name: string, keywords: string[], ports: object) => ({
  id,
  version: '1.0.0',
  name,
  category: 'Test',
  description: `Does what ${name} does`,
  keywords,
  ports
})
const catalogue = Catalogue.of([
  type('files/csv-read', 'Read CSV', ['table'], { inputs: [], outputs: [rows] }),
  type('logic/filter', 'Filter', ['where'], { inputs: [rows], outputs: [rows] }),
  type('aggregate/group', 'Summarise', ['pivot', 'vlookup'], { inputs: [rows], outputs: [rows] })
])
const named = (text: string, from?: Parameters<typeof findTypes>[2]) =>
  findTypes(catalogue, text, from).map(({ type: { id } }) => id)

describe('the palette', () => {
  it('finds by name, keyword and id, the nearest first', () => {
    expect(named('csv')).toEqual(['files/csv-read'])
    expect(named('PIVOT')).toEqual(['aggregate/group'])
    expect(named('fil')).toEqual(['logic/filter', 'files/csv-read'])
    expect(named('read csv')).toEqual(['files/csv-read'])
  })

  it('shows all without a word, and none for what nothing is called', () => {
    expect(named('')).toHaveLength(3)
    expect(named('  ')).toHaveLength(3)
    expect(named('read nothing')).toEqual([])
  })

  it('shows what fits a wire, with the port that it goes to', () => {
    const port = catalogue.newest('files/csv-read')?.outputs[0]
    if (port === undefined) throw new Error('the reader has no output')
    expect(named('', { port, side: 'outputs' })).toEqual(['logic/filter', 'aggregate/group'])
    expect(findTypes(catalogue, 'filter', { port, side: 'outputs' })[0]?.port).toBe('rows')
  })
})
