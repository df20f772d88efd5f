// The files of a reader: their shapes, what each gave, and samples and runs that read some of them.
import { describe, expect, it } from 'vitest'
import { rowsOf } from '@weir/engine-client'
import type { MemoryFiles } from '@weir/engine-client'
import { cutAt, differenceOf, encodingOf, shapesOf } from '../../src/run/file-shapes.ts'
import { ReaderFiles } from '../../src/run/reader-files.ts'
import type { EnginePlace } from '../../src/run/engine-place.ts'
import { ended, files, flowText, hasModule, localPlace } from '../places/flows.ts'

const kAll = { id: 'all', typeId: 'flow/limit', settings: { count: 1_000_000 } }
const read = (settings: object = {}): string =>
  flowText([{ id: 'read', typeId: 'files/csv-read', settings: { path: 'in/*.csv', ...settings } }, kAll], ['read>all'])

/** Twelve files of which one has semicolons, one is UTF-16, one has text among numbers, one is empty. */
function disk(): MemoryFiles {
  const made = files()
  for (let file = 1; file <= 12; ++file)
    made.put(`in/${String(file).padStart(2, '0')}.csv`, `id,n\n${file},1.5\n2,2.5\n`)
  made.put('in/04.csv', 'id;cost\n1;2\n')
  made.put('in/07.csv', Uint8Array.from([0xff, 0xfe, ...Buffer.from('id,n\n1,2\n', 'utf16le')]))
  made.put('in/09.csv', 'id,n\n1,x\n2,2.5\n')
  made.put('in/10.csv', '')
  return made
}

function filesOf(place: EnginePlace, text: string): ReaderFiles {
  const found = place.readerFiles(text, 'read')
  if (found === undefined) throw new Error('the node reads no files')
  return found
}

describe.skipIf(!hasModule)('the files of a reader', () => {
  it('are told by shape, the odd ones first', async () => {
    const of = filesOf(localPlace({ files: disk() }), read())
    await of.look(Infinity)
    const { of: total, looked, shapes, problem } = of.store.getState()
    expect({ total, looked, problem }).toEqual({ total: 12, looked: 12, problem: '' })
    expect(shapes.map((shape) => [shape.files.length, shape.files[0], shape.differs])).toEqual([
      [1, 'in/10.csv', true],
      [1, 'in/04.csv', true],
      [1, 'in/07.csv', true],
      [1, 'in/09.csv', true],
      [8, 'in/01.csv', false]
    ])
    const usual = shapes.at(-1)
    expect(usual).toMatchObject({ delimiter: ',', encoding: 'utf-8' })
    expect(shapes.slice(1, 4).map((shape) => differenceOf(shape, usual))).toEqual([
      'without n · with cost · cut at semicolons',
      'n is int · utf-16',
      'n is string'
    ])
  })

  it('have rows and errors each, and one with other columns is an error', async () => {
    const of = filesOf(localPlace({ files: disk() }), read())
    await of.count()
    const { counts } = of.store.getState()
    expect(counts.size).toBe(12)
    expect(counts.get('in/01.csv')).toEqual({ rows: 2, errors: 0 })
    expect(counts.get('in/04.csv')).toEqual({ rows: 0, errors: 1 })
    expect(counts.get('in/09.csv')).toEqual({ rows: 1, errors: 1 })
    expect(counts.get('in/10.csv')).toEqual({ rows: 0, errors: 0 })
  })

  it('that differ are sampled, too, and the figures are of all files of the sample', async () => {
    const place = localPlace({ files: disk() })
    await filesOf(place, read()).look(Infinity)
    expect(place.drifted.getState().found).toBeGreaterThan(0)
    const run = await place.start(read(), { kind: 'sample', upTo: 'all' })
    const facts = await ended(run)
    expect(run.sampled).toEqual({ files: 6, of: 12 })
    const rows = ((await run.rowsOf('read', 'rows')) ?? []).flatMap(rowsOf)
    expect(rows).toContainEqual({ id: 1, cost: 2 })
    expect(run.figures.node('read', 'rowsOut')).toBe(rows.length)
    expect(facts.rows).toBe(rows.length)
    expect(facts.failures.every(({ node }) => node === 'read')).toBe(true)
    run.dispose()
  })

  it('are read alone when a run is for them alone', async () => {
    const place = localPlace({ files: disk() })
    const run = await place.start(read(), { kind: 'test', preview: true, files: { read: ['in/01.csv', 'in/02.csv'] } })
    await ended(run)
    expect(run.label).toBe('Again for 2 files, nothing is written')
    expect(((await run.rowsOf('all', 'rows')) ?? []).flatMap(rowsOf)).toHaveLength(4)
    run.dispose()
  })

  it('that cannot be listed, or are none, say so', async () => {
    const place = localPlace({ files: disk() })
    const none = filesOf(place, read({ path: 'nowhere/*.csv' }))
    await none.look(Infinity)
    expect(none.store.getState()).toMatchObject({ of: 0, phase: 'resting' })
    const node = {
      id: 'read',
      typeId: 'files/csv-read',
      version: '1.0.0',
      json: null,
      settings: new Map([['path', '*.csv']])
    }
    const bad = new ReaderFiles(node, () => Promise.reject(new Error('there is no engine')))
    await bad.look(Infinity)
    expect(bad.store.getState()).toMatchObject({ phase: 'resting', problem: 'there is no engine' })
    expect(place.readerFiles(read(), 'all')).toBeUndefined()
    expect(place.readerFiles('{', 'read')).toBeUndefined()
  })
})

describe('shapes', () => {
  const file = (path: string, type: string) => ({
    path,
    columns: [{ name: 'n', type }],
    delimiter: ',',
    encoding: 'utf-8',
    problem: ''
  })

  it('of whole numbers and of numbers go together; text among numbers does not', () => {
    const shapes = shapesOf([file('a', 'int'), file('b', 'double'), file('c', 'string')])
    expect(shapes.map(({ files: of, differs }) => [of[0], differs])).toEqual([
      ['c', true],
      ['b', false],
      ['a', false]
    ])
    expect(shapesOf([])).toEqual([])
  })

  it('know a delimiter by the columns that it makes, and an encoding by its bytes', () => {
    expect(cutAt('"a,b";c', 2)).toBe(';')
    expect(cutAt('a\tb', 2)).toBe('tab')
    expect(cutAt('a', 1)).toBe('')
    expect(encodingOf(['Stra\u00c3\u009fe'])).toBe('utf-8')
    expect(encodingOf(['Stra\u00dfe'])).toBe('not utf-8')
    expect(encodingOf([])).toBe('utf-8')
  })
})
