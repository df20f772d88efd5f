// The shelf of drafts where the browser keeps nothing: work goes on in the memory of the page, and it is told once.
import 'fake-indexeddb/auto'
import { Catalogue, setFlow } from '@weir/flow-model'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BrowserDraftShelf } from '../../src/page/drafts/draft-shelf.ts'
import { SteadyDraftShelf } from '../../src/page/drafts/steady-shelf.ts'
import { openForPage } from '../../src/page/open/open-flow.ts'
import { documentOf, holdOf, MemoryHome } from './homes.ts'

const draft = { key: 'a/orders', text: '{}', sequence: 1, base: '{}', revision: '1', at: 5 }

describe('a browser that denies storage', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  function denied(): { shelf: SteadyDraftShelf; told: () => number } {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('Access is denied for this document.', 'SecurityError')
    })
    let count = 0
    const shelf = new SteadyDraftShelf(new BrowserDraftShelf('denied'), () => {
      count += 1
    })
    return { shelf, told: () => count }
  }

  it('has drafts, their log and copies in memory', async () => {
    const { shelf, told } = denied()
    expect(await shelf.read('a/orders')).toBeUndefined()
    await shelf.write(draft)
    expect(await shelf.read('a/orders')).toEqual(draft)
    const log = shelf.operations('a/orders')
    await log.append([
      { sequence: 1, text: 'one' },
      { sequence: 2, text: 'two' }
    ])
    expect(await shelf.operations('a/orders').readSince(1)).toEqual([{ sequence: 2, text: 'two' }])
    await log.trim(2)
    expect(await log.readSince(0)).toEqual([])
    await shelf.keepCopy({ key: 'a/orders', name: 'before', text: '{}', at: 1 })
    await shelf.keepCopy({ key: 'a/orders', name: 'after', text: '{}', at: 2 })
    expect((await shelf.copies('a/orders')).map(({ name }) => name)).toEqual(['after', 'before'])
    await shelf.dropCopy(1)
    expect(await shelf.copies('a/orders')).toHaveLength(1)
    await shelf.forget('a/orders')
    expect(await shelf.read('a/orders')).toBeUndefined()
    expect(told()).toBe(1)
  })

  it('opens a flow of a server and saves it there', async () => {
    const home = new MemoryHome()
    home.put(documentOf())
    const { shelf } = denied()
    const options = { flow: 'orders', home, shelf, hold: holdOf(true), catalogue: new Catalogue([]), author: 'ada' }
    const opened = await openForPage({ ...options, again: () => undefined })
    if (opened.state !== 'open') throw new Error('it is not open')
    opened.session.do([setFlow('/metadata/description', 'Kept on the server')], 'Describe the flow')
    await opened.keeper?.saveNow()
    expect(home.kept.get('orders')?.text).toContain('Kept on the server')
    expect(opened.keeper?.state.getState().phase).toBe('saved')
    await opened.close()
  })
})

describe('a browser that keeps something', () => {
  it('keeps drafts there, and nothing is told', async () => {
    const kept = new BrowserDraftShelf('steady')
    const told = vi.fn()
    await new SteadyDraftShelf(kept, told).write(draft)
    expect(await kept.read(draft.key)).toEqual(draft)
    expect(told).not.toHaveBeenCalled()
    await kept.close()
  })
})
