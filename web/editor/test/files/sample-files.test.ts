// The sample of a reader of many files: which it reads, how many rows of each, and with which types.
import { describe, expect, it } from 'vitest'
import { rowsOf } from '@weir/engine-client'
import type { MemoryFiles } from '@weir/engine-client'
import type { ShownRun } from '../../src/run/shown-run.ts'
import { ended, files, flowText, hasModule, localPlace } from '../places/flows.ts'

const read = (settings: object): { id: string; typeId: string; settings: object } => ({
  id: 'read',
  typeId: 'files/csv-read',
  settings
})
const all = { id: 'all', typeId: 'logic/filter', settings: { condition: 'row.n > 0.5' } }

function disk(count: number, rowsOfFile: (file: number) => string): MemoryFiles {
  const made = files()
  for (let file = 1; file <= count; ++file)
    made.put(`orders/${String(file).padStart(3, '0')}.csv`, `file,n\n${rowsOfFile(file)}`)
  return made
}

async function sampled(at: MemoryFiles, settings: object): Promise<{ run: ShownRun; rows: Record<string, unknown>[] }> {
  const text = flowText([read(settings), all], ['read>all'])
  const run = await localPlace({ files: at }).start(text, { kind: 'sample', upTo: 'all', sampleRows: 10 })
  expect(await ended(run)).toMatchObject({ status: 'done', failures: [] })
  const batches = (await run.rowsOf('read', 'rows')) ?? []
  return { run, rows: batches.flatMap<unknown>(rowsOf) as Record<string, unknown>[] }
}

describe.skipIf(!hasModule)('the sample of many files', () => {
  it('has rows of the first, the one in the middle and the last, and says of how many', async () => {
    const many = disk(9, (file) => Array.from({ length: 50 }, (_, i) => `${file},${i + 1}.5\n`).join(''))
    const { run, rows } = await sampled(many, { path: 'orders/*.csv' })
    expect(rows).toHaveLength(30)
    expect(new Set(rows.map((row) => row.file))).toEqual(new Set([1, 5, 9]))
    expect(run.sampled).toEqual({ files: 3, of: 9 })
    run.dispose()
  })

  it('has the types that all of them have together, also where one alone would have others', async () => {
    const mixed = disk(3, (file) => (file === 2 ? `${file},7.25\n` : `${file},7\n`))
    const { run, rows } = await sampled(mixed, { path: 'orders/*.csv' })
    expect(rows.map((row) => row.n)).toEqual([7, 7.25, 7])
    const kinds = (await run.rowsOf('read', 'rows'))?.map(
      (batch) => batch.columns.find((one) => one.name === 'n')?.kind
    )
    expect(new Set(kinds)).toEqual(new Set(['double']))
    run.dispose()
  })

  it('keeps the types that a person has set', async () => {
    const many = disk(4, (file) => `${file},7.5\n`)
    const schema = [{ name: 'file', type: 'string' }]
    const { run, rows } = await sampled(many, { path: 'orders/*.csv', schema })
    expect(rows.map((row) => row.file)).toEqual(['1', '2', '4'])
    run.dispose()
  })

  it('of one file, or of none, is read as it is', async () => {
    const one = disk(1, () => '1,2.5\n')
    const { run, rows } = await sampled(one, { path: 'orders/*.csv' })
    expect(rows).toHaveLength(1)
    expect(run.sampled).toBeUndefined()
    run.dispose()
    const text = flowText([read({ path: 'orders/*.csv' }), all], ['read>all'])
    const none = await localPlace({ files: files() }).start(text, { kind: 'sample', upTo: 'all' })
    expect((await ended(none)).status).toBe('failed')
    none.dispose()
  })

  it('reads no more than the limit of each, and what comes after a broken row', async () => {
    const broken = disk(3, (file) => `${file},1.5\n${file},x,y,z\n${file},2.5\n`)
    const text = flowText([read({ path: 'orders/*.csv' }), all], ['read>all'])
    const run = await localPlace({ files: broken }).start(text, { kind: 'sample', upTo: 'all', sampleRows: 10 })
    const facts = await ended(run)
    expect(facts.status).toBe('done')
    expect(((await run.rowsOf('all', 'match')) ?? []).flatMap(rowsOf)).toHaveLength(6)
    run.dispose()
  })
})
