// What a change does to the output rows of the sample; nothing is written on the way.
import { Catalogue } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import { compareVersions } from '../../src/seal/compare-versions.ts'
import type { RowChanges } from '../../src/seal/compare-versions.ts'
import { files, flowText, hasModule, localPlace, make, ordersFlow } from '../places/flows.ts'

const kStart = '2026-01-01T00:00:00Z'
const still = (rows: number): ReturnType<typeof make> => make(rows, { startTime: kStart })
/** With a clock that stands still. */
const orders = (condition: string): string =>
  ordersFlow(100, condition).replace('"rows":100', `"rows":100,"startTime":"${kStart}"`)

describe.skipIf(!hasModule)('two versions over the sample', () => {
  const memory = files()
  const place = localPlace({ files: memory })
  const compared = async (before: string, after: string): Promise<RowChanges> =>
    compareVersions(before, after, place, Catalogue.of([...(await place.nodes())]))

  it('give the same rows, or the first that differ; nothing is written', async () => {
    expect(await compared(orders('row.id >= 50'), orders('row.id > 49'))).toMatchObject({
      rows: 50,
      altered: 0,
      first: []
    })
    const fewer = await compared(orders('row.id >= 50'), orders('row.id >= 55'))
    expect(fewer).toMatchObject({ rows: 50, altered: 5, reordered: [] })
    expect(fewer.first).toHaveLength(3)
    expect(fewer.first[0]).toMatchObject({ output: 'Write CSV', after: undefined })
    expect(fewer.first[0]?.before).toContain('"id":50')
    expect(() => memory.statPath('out.csv')).toThrow()
  })

  it('counts a changed row once, and an output that is only in one of them', async () => {
    const mapped = (factor: number): string =>
      flowText(
        [still(20), { id: 'twice', typeId: 'logic/map', settings: { set: { x: `row.id * ${factor}` } } }],
        ['make>twice']
      )
    const changed = await compared(mapped(1), mapped(2))
    // Of id 0 nothing changes.
    expect(changed).toMatchObject({ rows: 20, altered: 19 })
    expect(changed.first[0]?.before).not.toBe(changed.first[0]?.after)
    const two = flowText([still(7), { ...still(3), id: 'more' }], [])
    expect(await compared(flowText([still(7)], []), two)).toMatchObject({ rows: 10, altered: 3 })
  })

  it('are not compared where a run is another each time, or does not run', async () => {
    const live = flowText(
      [{ id: 'hook', typeId: 'http/poll', settings: { url: 'https://example.org', every: '1s' } }],
      []
    )
    const first = orders('row.id >= 50')
    await expect(compared(first, live)).rejects.toThrow(/hook is live/)
    await expect(compared(ordersFlow(), first)).rejects.toThrow(/reads the clock/)
    await expect(compared(first, '{')).rejects.toThrow()
  })
})
