// The sample after edits: the last one counts, those before it are cancelled.
import { rowsOf } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import { SampleRuns } from '../../src/run/sample-runs.ts'
import { hasModule, localPlace, ordersFlow, until } from './flows.ts'

describe.skipIf(!hasModule)('the sample after edits', () => {
  it('is that of the last edit, and the one before stays in sight meanwhile', async () => {
    const place = localPlace()
    const samples = new SampleRuns(() => place, { sampleRows: 100 })
    samples.request(ordersFlow(100, 'row.id >= 90'), 'big')
    expect(samples.store.getState()).toMatchObject({ run: undefined, isStale: true })
    await until(() => !samples.store.getState().isStale, 'the first sample')
    const { run: first } = samples.store.getState()
    for (const least of [80, 70, 60]) samples.request(ordersFlow(100, `row.id >= ${String(least)}`), 'big')
    expect(samples.store.getState().run).toBe(first)
    await until(() => !samples.store.getState().isStale, 'the last sample')
    const { run: last } = samples.store.getState()
    expect(last).not.toBe(first)
    const batches = (await last?.rowsOf('big', 'match')) ?? []
    expect(batches.flatMap(rowsOf)).toHaveLength(40)
    samples.dispose()
    samples.request(ordersFlow())
    expect(samples.store.getState()).toMatchObject({ run: undefined, isStale: false })
  })

  it('a document that cannot run leaves the last one in sight, and says why', async () => {
    const place = localPlace()
    const samples = new SampleRuns(() => place)
    samples.request(ordersFlow(), 'big')
    await until(() => samples.store.getState().run !== undefined, 'the first sample')
    samples.request(ordersFlow(10, 'row.'), 'big')
    await until(() => samples.store.getState().problem !== '', 'its problem')
    expect(samples.store.getState().run).toBeDefined()
    samples.dispose()
  })
})
