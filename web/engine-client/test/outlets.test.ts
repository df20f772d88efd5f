// What a run gives to its page: small batches go together, nothing is lost, and the reader's pace is kept.
import { describe, expect, it } from 'vitest'
import { LocalEngine } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'

const ROWS = 60_000

const rowByRow = (settings: object): Record<string, unknown> => ({
  id: 'row-by-row',
  version: '1.0.0',
  nodes: [
    {
      id: 'source',
      typeId: 'generate/pattern',
      version: '1.0.0',
      settings: { pattern: 'sequential', rows: ROWS, batchRows: 1, ...settings }
    }
  ],
  edges: []
})

describe.skipIf(!hasModule)('Rows that come one by one', () => {
  it('reach a reader in order, many in a batch, far beyond what may wait', async () => {
    const engine = await LocalEngine.make(await engineModule())
    const run = await engine.run(rowByRow({}), { outlets: [{ node: 'source', port: 'rows' }] })
    let rows = 0
    let batches = 0
    for await (const batch of run.outlet('source', 'rows')) {
      const ids = batch.columns.find((column) => column.name === 'id')?.values as BigInt64Array
      for (let i = 0; i < batch.rows; i++) expect(Number(ids[i])).toBe(rows + i)
      rows += batch.rows
      batches++
      run.giveBack(batch)
    }
    expect(rows).toBe(ROWS)
    expect(batches).toBeLessThan(ROWS / 600)
    expect((await run.result).outcome).toBe('done')
    engine.close()
  })

  it('are read as objects in order too', async () => {
    const engine = await LocalEngine.make(await engineModule())
    const run = await engine.run(rowByRow({ rows: 5000 }), { outlets: [{ node: 'source', port: 'rows' }] })
    let next = 0
    for await (const row of run.rows('source', 'rows')) expect((row as { id: number }).id).toBe(next++)
    expect(next).toBe(5000)
    engine.close()
  })

  it('are read as groups of what has come, none of them empty', async () => {
    const engine = await LocalEngine.make(await engineModule())
    const run = await engine.run(rowByRow({ rows: 5000 }), { outlets: [{ node: 'source', port: 'rows' }] })
    let next = 0
    let groups = 0
    for await (const { rows, bytes } of run.rowGroups('source', 'rows')) {
      expect(rows.length).toBeGreaterThan(0)
      expect(bytes).toBeGreaterThan(0)
      for (const row of rows) expect((row as { id: number }).id).toBe(next++)
      groups++
    }
    expect(next).toBe(5000)
    expect(groups).toBeLessThan(50)
    engine.close()
  })
})
