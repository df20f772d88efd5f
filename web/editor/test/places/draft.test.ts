// Drafts: a reload restores document, undo and redo; a second tab follows; denied storage works in memory and says so.
import 'fake-indexeddb/auto'
import { FlowError, WeirError } from '@weir/engine-client'
import { BrowserStorage, FlowLocks } from '@weir/engine-client/storage'
import type { Payloads } from '@weir/engine-client/storage'
import { setValue } from '@weir/flow-model'
import { afterEach, describe, expect, it } from 'vitest'
import { DraftStore, sumOf } from '../../src/run/draft-store.ts'
import { openDraft } from '../../src/run/draft.ts'
import type { Draft } from '../../src/run/draft.ts'
import { ordersFlow, until } from './flows.ts'

/** As much of a browser's locks as tabs ask for. */
const held = new Set<string>()
Object.defineProperty(globalThis, 'navigator', {
  configurable: true,
  value: {
    locks: {
      query: () => Promise.resolve({ held: [...held].map((name) => ({ name })) }),
      request: async (name: string, _how: unknown, granted: (lock: object | null) => Promise<void> | undefined) => {
        if (held.has(name)) {
          await granted(null)
          return
        }
        held.add(name)
        await granted({})
        held.delete(name)
      }
    }
  }
})

const payloads: Payloads = {
  writePart: () => Promise.resolve(),
  readPart: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
  list: () => Promise.resolve([])
}

let made = 0
const open: { close: () => void }[] = []
function storageNamed(name: string): BrowserStorage {
  const storage = new BrowserStorage({ name, payloads })
  open.push(storage)
  return storage
}
const freshName = (): string => `drafts-${String(++made)}`
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

const draftOf = (
  storage: BrowserStorage | undefined,
  more: Partial<Parameters<typeof openDraft>[0]> = {}
): Promise<Draft> => openDraft({ storage, flow: 'orders', text: ordersFlow(), author: 'anna', ...more })
const conditionOf = (draft: Draft): string => /row\.id >= \d+/.exec(draft.document.text())?.[0] ?? ''
function edit(draft: Draft, least: number): void {
  draft.history.apply([setValue('nodes', 'big', '/settings/condition', `row.id >= ${String(least)}`)], {
    label: 'Change condition'
  })
}

describe('a draft', () => {
  it('comes back as it was left, with undo and redo', async () => {
    const storage = storageNamed(freshName())
    const first = await draftOf(storage)
    for (const least of [60, 70, 80]) edit(first, least)
    await first.save()
    expect(first.state.getState()).toMatchObject({ state: 'saved', reason: '' })
    first.history.undo()
    await first.dispose()
    const again = await draftOf(storage)
    expect(conditionOf(again)).toBe('row.id >= 70')
    expect(again.history.redoLabel).toBe('Change condition')
    again.history.redo()
    expect(conditionOf(again)).toBe('row.id >= 80')
    for (let i = 0; i < 3; ++i) again.history.undo()
    expect(conditionOf(again)).toBe('row.id >= 50')
    expect(again.history.undoLabel).toBeUndefined()
    await again.dispose()
    expect((await storage.flows.read('orders')).document).toContain('row.id >= 50')
  })

  it('a tab that is killed between two saves loses nothing that was logged', async () => {
    const storage = storageNamed(freshName())
    const first = await draftOf(storage)
    edit(first, 60)
    await first.save()
    edit(first, 70)
    await first.history.flush()
    // The mark of a save is written before the save: a page that ends between the two has an old document.
    await first.store.mark(first.history.sequence, sumOf(first.document.text()))
    const again = await draftOf(storage)
    expect(conditionOf(again)).toBe('row.id >= 70')
    again.history.undo()
    expect(conditionOf(again)).toBe('row.id >= 60')
    await again.dispose()
    await first.dispose().catch(() => undefined)
  })

  it('a document that was changed past its log keeps what was not saved, as far as it has a place', async () => {
    const storage = storageNamed(freshName())
    const first = await draftOf(storage)
    edit(first, 60)
    await first.save()
    edit(first, 70)
    await first.history.flush()
    const { revision } = await storage.flows.read('orders')
    await storage.flows.replace('orders', revision, { document: ordersFlow(200, 'row.id >= 60') })
    const again = await draftOf(storage)
    expect(again.state.getState().reason).toContain('changed elsewhere')
    expect(again.document.text()).toContain('200')
    expect(conditionOf(again)).toBe('row.id >= 70')
    await again.dispose()
    await first.dispose().catch(() => undefined)
  })

  it('a second tab follows the first, live, and changes nothing', async () => {
    const name = freshName()
    const locks = [new FlowLocks(() => 'first'), new FlowLocks(() => 'second')] as const
    open.push(...locks)
    const first = await draftOf(storageNamed(name), { locks: locks[0] })
    edit(first, 60)
    await first.save()
    const second = await draftOf(storageNamed(name), { locks: locks[1] })
    expect(second.state.getState()).toMatchObject({ state: 'following', holder: { label: 'first' } })
    expect(conditionOf(second)).toBe('row.id >= 60')
    edit(first, 90)
    await first.history.flush()
    await until(() => conditionOf(second) === 'row.id >= 90', 'the edit of the first tab')
    edit(second, 10)
    expect(conditionOf(second)).toBe('row.id >= 90')
    await first.dispose()
    await second.dispose()
    const third = await draftOf(storageNamed(name), { locks: locks[1] })
    expect(third.state.getState().state).toBe('saved')
    await third.dispose()
  })

  it('without a storage it is in memory, and says so in one sentence', async () => {
    const draft = await draftOf(undefined)
    edit(draft, 60)
    await draft.save()
    expect(draft.state.getState()).toMatchObject({ state: 'memory' })
    expect(draft.state.getState().reason).toMatch(/^Nothing is kept in this browser[^.]*\.$/)
    draft.history.undo()
    expect(conditionOf(draft)).toBe('row.id >= 50')
    await draft.dispose()
  })

  it('a storage that is denied is as if there were none', async () => {
    const storage = storageNamed(freshName())
    const denied = (): Promise<never> => Promise.reject(new WeirError('storage.unavailable', 'a private window'))
    Object.assign(storage.flows, { find: denied, create: denied })
    const draft = await draftOf(storage)
    expect(draft.state.getState()).toMatchObject({ state: 'memory' })
    expect(draft.state.getState().reason).toContain('a private window')
    await draft.dispose()
  })

  it('says why it is not saved, and goes on with what is there', async () => {
    const storage = storageNamed(freshName())
    const draft = await draftOf(storage)
    const replace = storage.flows.replace.bind(storage.flows)
    Object.assign(storage.flows, {
      replace: () => Promise.reject(new WeirError('storage.full', 'there is no room', true))
    })
    edit(draft, 60)
    await expect(draft.save()).rejects.toMatchObject({ code: 'storage.full' })
    expect(draft.state.getState()).toMatchObject({ state: 'failed', reason: 'The flow is not saved: there is no room' })
    Object.assign(storage.flows, { replace })
    await draft.save()
    expect(draft.state.getState()).toMatchObject({ state: 'saved', reason: '' })
    await draft.dispose()
  })

  it('what is no flow is refused, with its problems', async () => {
    await expect(draftOf(undefined, { text: '{' })).rejects.toBeInstanceOf(FlowError)
  })
})

describe('the log of a draft', () => {
  it('forgets what nobody needs, and still finds what was saved', async () => {
    const store = new DraftStore(storageNamed(freshName()), 'orders')
    await store.append([1, 2, 3].map((sequence) => ({ sequence, text: `{"n": ${String(sequence)}}` })))
    await store.mark(2, 'sum')
    await store.append([{ sequence: 4, text: '{}' }])
    await store.trim(4)
    expect(await store.readSince(0)).toEqual([])
    expect(store.sequenceOf('sum')).toBe(2)
    expect(store.sequenceOf('another')).toBeUndefined()
    await store.append([{ sequence: 5, text: '{}' }])
    expect((await store.readSince(4)).map(({ sequence }) => sequence)).toEqual([5])
    await store.clear()
    expect(await store.readSince(0)).toEqual([])
  })
})
