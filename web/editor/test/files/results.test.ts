// What becomes of a result: a workbook in which nothing is computed, what differs from the last run, types that readers are given.
import { strFromU8, unzipSync } from 'fflate'
import { batchOfRows } from '@weir/engine-client'
import { Catalogue, openFlow, toPlain } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import { compareTables, keyOf } from '../../src/panels/bottom/compare-tables.ts'
import { cellXml, sheetName, xlsxOf } from '../../src/panels/bottom/xlsx.ts'
import { failedValues, otherTypes, readerOf, setColumnType, typesSet } from '../../src/panels/data/reader-types.ts'
import { RowTable } from '../../src/panels/data/row-table.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { ended, files, flowText, hasModule, localPlace } from '../places/flows.ts'

const tableOf = (rows: readonly Record<string, unknown>[]): RowTable => new RowTable([batchOfRows(rows)])
const text = { name: 'a', type: 'string', kind: 'string' } as const
const any = { name: 'a', type: 'double', kind: 'number' } as const
const time = { name: 'a', type: 'timestamp', kind: 'time' } as const

describe('a workbook', () => {
  it('has text as text, whatever it begins with, and numbers as numbers', async () => {
    const rows = Array.from({ length: 2500 }, (_, at) => ({ id: at, note: at === 1 ? '=1+1' : '<&"\u0001_x0041_' }))
    const blob = await xlsxOf(tableOf(rows), 'By region: [2026]')
    const parts = unzipSync(new Uint8Array(await blob.arrayBuffer()))
    expect(Object.keys(parts).sort()).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml'
    ])
    const sheet = strFromU8(parts['xl/worksheets/sheet1.xml'] ?? new Uint8Array())
    expect(sheet.match(/<row>/g)).toHaveLength(2501)
    expect(sheet).toContain('<c><v>1</v></c><c t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>')
    expect(sheet).toContain('&lt;&amp;&quot;_x0001__x005F_x0041_')
    expect(sheet).not.toContain('<f>')
    expect(strFromU8(parts['xl/workbook.xml'] ?? new Uint8Array())).toContain('name="By region   2026"')
  })

  it('keeps what a cell of Excel would change as text', () => {
    expect(cellXml(2n ** 60n, any)).toContain('1152921504606846976')
    expect(cellXml(2n ** 60n, any)).toContain('inlineStr')
    expect(cellXml(NaN, any)).toContain('inlineStr')
    expect(cellXml(null, any)).toBe('<c/>')
    expect(cellXml(true, any)).toBe('<c t="b"><v>1</v></c>')
    expect(cellXml(0, time)).toBe('<c s="1"><v>25569</v></c>')
    expect(cellXml(-3_000_000_000_000_000n, time)).toContain('inlineStr')
    expect(cellXml('\ud800', text)).toContain('\ufffd')
    expect(cellXml('x'.repeat(40_000), text).length).toBeLessThan(33_000)
    expect(sheetName("''")).toBe('Rows')
  })
})

describe('two runs', () => {
  const before = tableOf([
    { id: 1, n: 1.5 },
    { id: 2, n: 2.5 },
    { id: 3, n: 3.5 }
  ])
  const now = tableOf([
    { id: 3, n: 3.5 },
    { id: 2, n: 9 },
    { id: 4, n: null }
  ])

  it('are compared by a key where there is one', () => {
    expect(keyOf(now, before)).toBe('id')
    const { added, gone, changed, same, rows } = compareTables(now, before, 'id')
    expect({ added, gone, changed, same }).toEqual({ added: 1, gone: 1, changed: 1, same: 1 })
    expect(rows).toEqual([
      { kind: 'changed', at: '2', cells: ['2', '9'], before: [undefined, '2.5'] },
      { kind: 'added', at: '4', cells: ['4', ''], before: [] },
      { kind: 'gone', at: '1', cells: ['1', '1.5'], before: [] }
    ])
  })

  it('are compared by position where there is none, and columns that came or went count', () => {
    const twice = tableOf([{ id: 1 }, { id: 1 }])
    expect(keyOf(twice, before)).toBe('')
    expect(compareTables(twice, before, '')).toMatchObject({ added: 0, gone: 1, changed: 2, columns: ['id', 'n'] })
    expect(compareTables(before, before, '')).toMatchObject({ added: 0, gone: 0, changed: 0, same: 3, rows: [] })
    expect(compareTables(RowTable.empty, RowTable.empty, 'no')).toMatchObject({ same: 0, rows: [] })
  })
})

describe.skipIf(!hasModule)('the type of a column', () => {
  const kFlow = flowText(
    [
      { id: 'read', typeId: 'files/csv-read', settings: { path: 'a.csv', schema: '{id: int, "the n": string}' } },
      { id: 'some', typeId: 'logic/filter', settings: { condition: 'true' } },
      { id: 'made', typeId: 'logic/map', settings: { set: { n: 'row.n + 1.0' } } }
    ],
    ['read>some', 'some.match>made']
  )
  const place = () => {
    const disk = files()
    disk.put('a.csv', 'id,n,the n\n1,1.5,a\n2,x,b\n')
    return localPlace({ files: disk })
  }

  async function session(): Promise<EditorSession> {
    const opened = openFlow(kFlow)
    if (opened.state === 'broken') throw new Error('it does not open')
    return new EditorSession(opened.document, Catalogue.of(await place().nodes()), { author: 'me' })
  }

  it('is set on the reader that a column comes from as it is', async () => {
    const made = await session()
    const reader = readerOf(made, 'some', 'n')
    expect(reader?.id).toBe('read')
    expect(readerOf(made, 'made', 'n')).toBeUndefined()
    expect(readerOf(made, 'made', 'id')?.id).toBe('read')
    expect(readerOf(made, 'nothing', 'id')).toBeUndefined()
    if (reader !== undefined) setColumnType(made, reader, 'n', 'int')
    expect(toPlain(made.document.node('read')?.settings.get('schema') ?? null)).toEqual([
      { name: 'id', type: 'int' },
      { name: 'the n', type: 'string' },
      { name: 'n', type: 'int' }
    ])
    expect(made.document.tables.nodes.size).toBe(3)
  })

  it('shows at once which values of the sample are none of it', async () => {
    const made = await session()
    const reader = readerOf(made, 'some', 'n')
    if (reader !== undefined) setColumnType(made, reader, 'n', 'double')
    const run = await place().start(made.document.text(), { kind: 'sample', upTo: 'some' })
    await ended(run)
    expect(failedValues(await run.deadLetters(), 'read')).toEqual([
      { column: 'n', type: 'double', value: 'x', where: 'a.csv, line 3' }
    ])
    expect(failedValues([null, 'x', {}], 'read')).toEqual([])
    run.dispose()
  })

  it('can be any other, and a text of types that is none gives none', () => {
    expect(otherTypes({ type: 'int' }).map(([, type]) => type)).toEqual(['string', 'double', 'bool', 'timestamp'])
    expect(typesSet('nonsense')).toEqual([])
    expect(typesSet(undefined)).toEqual([])
  })
})
