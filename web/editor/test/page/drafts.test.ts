// Drafts: saved by themselves, kept through a reload with what can be undone, and brought together with the work of others.
import 'fake-indexeddb/auto'
import { Catalogue, setFlow, setValue } from '@weir/flow-model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BrowserDraftShelf } from '../../src/page/drafts/draft-shelf.ts'
import { FlowGone, HomeAway } from '../../src/page/home/flow-home.ts'
import { openForPage } from '../../src/page/open/open-flow.ts'
import type { OpenedFlow, OpenOptions } from '../../src/page/open/open-flow.ts'
import { documentOf, holdOf, MemoryHome } from './homes.ts'

type Open = Extract<OpenedFlow, { state: 'open' }>

let names = 0

describe('a draft', () => {
  let home: MemoryHome
  let shelf: BrowserDraftShelf
  const opened: OpenedFlow[] = []

  beforeEach(() => {
    home = new MemoryHome()
    home.put(documentOf())
    shelf = new BrowserDraftShelf(`shelf-${++names}`)
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
    await shelf.close()
  })

  async function open(more: Partial<OpenOptions> = {}): Promise<OpenedFlow> {
    const catalogue = new Catalogue([])
    const again = (): void => undefined
    const options = { flow: 'orders', home, shelf, hold: holdOf(true), catalogue, author: 'ada', again }
    const one = await openForPage({ ...options, ...more })
    opened.push(one)
    return one
  }
  async function openFlow(more: Partial<OpenOptions> = {}): Promise<Open> {
    const one = await open(more)
    if (one.state !== 'open') throw new Error('it is not open')
    return one
  }
  const rename = (one: Open, name: string) =>
    one.session.do([setFlow('/metadata/description', name)], 'Describe the flow')
  const rows = (one: Open, value: number) =>
    one.session.do([setValue('nodes', 'make', '/settings/rows', value)], 'Change rows')
  const nameOf = (text: string | undefined) =>
    (JSON.parse(text ?? '{}') as { metadata?: { description?: string } }).metadata?.description
  const rowsOf = (text: string | undefined) =>
    (JSON.parse(text ?? '{}') as { nodes: { settings: { rows: number } }[] }).nodes[0]?.settings.rows

  it('is saved, and undo survives that it is opened anew', async () => {
    const first = await openFlow()
    rename(first, 'Orders')
    expect(first.keeper?.state.getState().phase).toBe('unsaved')
    await first.keeper?.saveNow()
    expect(first.keeper?.state.getState().phase).toBe('saved')
    expect(nameOf(home.kept.get('orders')?.text)).toBe('Orders')
    await first.close()
    const second = await openFlow()
    expect(second.session.history.undoLabel).toBe('Describe the flow')
    second.session.undo()
    expect(nameOf(second.session.document.text())).toBeUndefined()
    second.session.redo()
    expect(nameOf(second.session.document.text())).toBe('Orders')
  })

  it('keeps what was done when the page is killed before it was saved', async () => {
    const first = await openFlow()
    rename(first, 'Orders')
    await first.keeper?.flush()
    const second = await openFlow()
    expect(nameOf(second.session.document.text())).toBe('Orders')
    await second.keeper?.saveNow()
    expect(nameOf(home.kept.get('orders')?.text)).toBe('Orders')
  })

  it('goes on while its home is away, and goes there when it is back', async () => {
    const first = await openFlow()
    home.away = true
    rename(first, 'Orders')
    await first.keeper?.saveNow()
    expect(first.keeper?.state.getState().phase).toBe('away')
    await first.close()
    const second = await openFlow()
    expect(second.keeper?.state.getState().phase).toBe('away')
    expect(nameOf(second.session.document.text())).toBe('Orders')
    home.away = false
    await second.keeper?.saveNow()
    expect(second.keeper?.state.getState().phase).toBe('saved')
    expect(nameOf(home.kept.get('orders')?.text)).toBe('Orders')
  })

  it('takes in what others changed elsewhere in it, and neither undoes that nor loses its own', async () => {
    const one = await openFlow()
    home.put(documentOf('{"rows": 9}'))
    rename(one, 'Orders')
    await one.keeper?.saveNow()
    await one.keeper?.saveNow()
    const kept = home.kept.get('orders')?.text
    expect([nameOf(kept), rowsOf(kept)]).toEqual(['Orders', 9])
    one.session.undo()
    expect(rowsOf(one.session.document.text())).toBe(9)
    expect(nameOf(one.session.document.text())).toBeUndefined()
  })

  it('asks where two changed the same, and keeps the one that was not chosen', async () => {
    const one = await openFlow()
    home.put(documentOf('{"rows": 9}'))
    rows(one, 5)
    rename(one, 'Orders')
    await one.keeper?.saveNow()
    const { phase, conflict } = one.keeper?.state.getState() ?? {}
    expect(phase).toBe('conflict')
    expect(conflict?.open.map(({ conflict: { where, ours, theirs }, field }) => [where, ours, theirs, field])).toEqual([
      ["node 'make', settings.rows", 5, 9, true]
    ])
    expect(rowsOf(home.kept.get('orders')?.text)).toBe(9)
    await one.keeper?.settle(new Map([["node 'make', settings.rows", 'theirs']]))
    expect(one.keeper?.state.getState().phase).toBe('saved')
    const kept = home.kept.get('orders')?.text
    expect([nameOf(kept), rowsOf(kept)]).toEqual(['Orders', 9])
    const [copy] = await shelf.copies('flows.example/ada/orders')
    expect(rowsOf(copy?.text)).toBe(5)
  })

  it('meets what happened while it was closed', async () => {
    const first = await openFlow()
    home.away = true
    rows(first, 5)
    await first.keeper?.saveNow()
    await first.close()
    home.away = false
    home.put(documentOf('{"rows": 9}'))
    const second = await openFlow()
    expect(second.keeper?.state.getState().phase).toBe('conflict')
    await second.keeper?.settle(new Map())
    expect(rowsOf(home.kept.get('orders')?.text)).toBe(5)
  })

  it('is followed, and not changed, in a second tab and by who may not', async () => {
    const second = await openFlow({ hold: holdOf(false) })
    expect(second.keeper).toBeUndefined()
    expect(rename(second, 'x').refusals[0]?.message).toContain('Another tab')
    home.may = { edit: false, publish: false, run: false }
    const viewer = await openFlow()
    expect(rename(viewer, 'x').refusals[0]?.message).toContain('You may look')
    expect(await shelf.read('nobody')).toBeUndefined()
  })

  it('brings its undo to another browser by the log of its home', async () => {
    const first = await openFlow()
    rename(first, 'Orders')
    await first.keeper?.saveNow()
    rows(first, 7)
    await first.keeper?.saveNow()
    expect(home.log.steps).toHaveLength(2)
    const elsewhere = new BrowserDraftShelf(`shelf-${++names}`)
    const second = await openFlow({ shelf: elsewhere })
    expect(second.session.history.undoLabel).toBe('Change rows')
    second.session.undo()
    second.session.undo()
    expect(second.session.document.text()).toBe(
      first.session.document
        .text()
        .replace('"rows": 7', '"rows": 3')
        .replace(/ {2}"metadata": .*\n(.*Orders.*\n.*\n)?/, '')
    )
    await second.close()
    await elsewhere.close()
  })

  it('says what it cannot open, and what is gone', async () => {
    home.put('{"id": "orders", "nodes": [', 'orders')
    const broken = await open()
    expect(broken.state === 'broken' && broken.problems[0]?.line).toBe(1)
    home.kept.delete('orders')
    await shelf.forget('flows.example/ada/orders')
    await expect(open()).rejects.toBeInstanceOf(FlowGone)
    home.away = true
    await expect(open()).rejects.toBeInstanceOf(HomeAway)
  })
})
