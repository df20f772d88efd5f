// A flow goes to another home and back unchanged, but for what the person chose; nothing that is there is lost.
import { openFlow } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import { checklistOf, missingMounts, remount } from '../../src/page/move/checklist.ts'
import type { Offer } from '../../src/page/move/checklist.ts'
import { movedText, moveFlow } from '../../src/page/move/move-flow.ts'
import { MemoryHome } from './homes.ts'

const TEXT = `{
  "id": "orders",
  "version": "1.0.0",
  "nodes": [
    {"id": "read", "typeId": "files/csv-read", "version": "1.0.0",
     "settings": {"path": "orders:2026/**/*.csv", "morePaths": ["/data/x.csv", "old:y.csv"], "delimiter": "orders:"}},
    {"id": "write", "typeId": "files/csv-write", "version": "1.0.0", "settings": {"path": "out/sum.csv"}}
  ],
  "edges": [],
  "x-kept": {"big": 12345678901234567890.10}
}`

function flow(text = TEXT): FlowDocument {
  const opened = openFlow(text)
  if (opened.state !== 'open') throw new Error('it is no flow')
  return opened.document
}

const OFFER: Offer = {
  nodes: new Set(['files/csv-read', 'files/csv-write']),
  versions: new Set(['files/csv-read@1.0.0', 'files/csv-write@1.0.0']),
  mounts: new Set(['lake']),
  secrets: new Set(),
  flows: new Set(),
  schedules: true
}
const NOTHING = new Map<string, string>()

describe('the checklist', () => {
  it('is green when a mount is picked for each folder that is not there', () => {
    const document = flow()
    expect(missingMounts(document, OFFER)).toEqual(['/data/x.csv', 'old', 'orders'])
    const mounts = new Map([
      ['orders', 'lake'],
      ['old', 'lake'],
      ['/data/x.csv', 'lake']
    ])
    const some = checklistOf(document, OFFER, { mounts: new Map([['orders', 'lake']]), planned: 0 })
    expect(some.filter((line) => !line.ok).map((line) => line.words)).toEqual([
      'folders that are not there: /data/x.csv, old'
    ])
    expect(checklistOf(document, OFFER, { mounts, planned: 2 }).every((line) => line.ok)).toBe(true)
  })

  it('names node versions that the other home does not have, and schedules that stay', () => {
    const lines = checklistOf(
      flow(),
      { ...OFFER, versions: new Set(['files/csv-read@1.0.0']) },
      { mounts: NOTHING, planned: 2 }
    )
    expect(lines.find((line) => line.name === 'versions')).toMatchObject({
      ok: false,
      words: 'versions of nodes that are not there: files/csv-write@1.0.0'
    })
    expect(lines.find((line) => line.name === 'schedule')?.words).toContain('its 2 schedules stay here')
  })

  it('asks for no mounts where there are none of that kind, as in a browser', () => {
    expect(missingMounts(flow(), { ...OFFER, mounts: undefined })).toEqual([])
  })
})

describe('paths', () => {
  it('begin with the mounts that were picked, and nothing else changes', () => {
    const moved = movedText(flow(), {
      id: 'orders',
      mounts: new Map([
        ['orders', 'lake'],
        ['/data/x.csv', 'lake']
      ])
    })
    expect(moved).toContain('"path": "lake:2026/**/*.csv"')
    expect(moved).toContain('"lake:x.csv"')
    expect(moved).toContain('"old:y.csv"')
    expect(moved).toContain('"delimiter": "orders:"')
    expect(moved).toContain('"path": "out/sum.csv"')
    expect(moved).toContain('12345678901234567890.10')
    expect(remount(flow(), NOTHING)).toEqual([])
  })
})

describe('a move', () => {
  const wish = (to: MemoryHome, more: object = {}) => ({
    to,
    folder: '',
    id: 'orders',
    replaces: false,
    mounts: NOTHING,
    ...more
  })

  it('there and back gives the same text', async () => {
    const [server, browser] = [new MemoryHome(), new MemoryHome()]
    const document = flow()
    await moveFlow(document, wish(server))
    const there = (await server.read('orders')).text
    expect(there).toBe(document.text())
    await moveFlow(flow(there), wish(browser))
    expect((await browser.read('orders')).text).toBe(document.text())
  })

  it('takes another name beside a flow of that name', async () => {
    const home = new MemoryHome()
    home.put(TEXT)
    await moveFlow(flow(), wish(home, { id: 'orders-2' }))
    expect((await home.read('orders')).text).toBe(TEXT)
    expect((await home.read('orders-2')).text).toContain('"id": "orders-2"')
  })

  it('takes the place of one that is there, whose draft is a version before', async () => {
    const home = new MemoryHome()
    home.put(TEXT.replace('out/sum.csv', 'out/other.csv'))
    await moveFlow(flow(), wish(home, { replaces: true }))
    expect((await home.read('orders')).text).toContain('out/sum.csv')
    const [version] = await home.versions('orders')
    expect(await home.version('orders', version?.number ?? 0)).toContain('out/other.csv')
  })

  it('makes no version when it is the same already', async () => {
    const home = new MemoryHome()
    home.put(flow().text())
    await moveFlow(flow(), wish(home, { replaces: true }))
    expect(await home.versions('orders')).toEqual([])
  })

  it('changes nothing where the other home is away', async () => {
    const home = new MemoryHome()
    home.away = true
    await expect(moveFlow(flow(), wish(home))).rejects.toThrow()
    home.away = false
    expect(await home.list()).toEqual([])
  })
})
