// Edits are on disk before they count as done, and leave the log with the revision that holds them.
import { describe, expect, it } from 'vitest'
import { failureOf, freshStorage } from './stores.ts'

describe('EditLog', () => {
  it('gives edits back in their order after the tab has gone', async () => {
    const { storage, name } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: '{}' })
    for (let i = 0; i < 5; i++) await storage.edits.append('a', revision, { move: i })
    storage.close()
    const next = freshStorage({ name }).storage
    expect(await next.edits.unsaved()).toEqual(['a'])
    const pending = await next.edits.pending('a')
    expect(pending).toMatchObject({ fits: true, revision })
    expect(pending.edits.map(({ operation }) => operation)).toEqual([0, 1, 2, 3, 4].map((move) => ({ move })))
    expect(pending.edits.map(({ base }) => base)).toEqual([1, 1, 1, 1, 1])
  })

  it('writes what comes at once in one transaction, in the order of the calls', async () => {
    const { storage } = freshStorage()
    const flow = await storage.flows.create({ id: 'a', document: '{}' })
    const appended = await Promise.all(
      Array.from({ length: 300 }, (_, i) => storage.edits.append('a', flow.revision, i))
    )
    const numbers = appended.map(({ number }) => number)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect((await storage.edits.pending('a')).edits.map(({ operation }) => operation)).toEqual(
      Array.from({ length: 300 }, (_, i) => i)
    )
  })

  it('folds edits into the revision that holds them, and keeps those that came after', async () => {
    const { storage } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: 'v1' })
    await storage.edits.append('a', revision, 'first')
    const second = await storage.edits.append('a', revision, 'second')
    await storage.edits.append('a', revision, 'third')
    const saved = await storage.flows.replace('a', revision, { document: 'v2', throughEdit: second.number })
    const pending = await storage.edits.pending('a')
    expect(pending.edits.map(({ operation }) => operation)).toEqual(['third'])
    expect(pending).toMatchObject({ fits: false, revision: saved.revision })
  })

  it('keeps the edits of a save that was refused', async () => {
    const { storage } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: 'v1' })
    await storage.flows.replace('a', revision, { document: 'theirs' })
    const { number } = await storage.edits.append('a', revision, 'mine')
    const save = storage.flows.replace('a', revision, { document: 'mine', throughEdit: number })
    expect((await failureOf(save)).code).toBe('storage.changed')
    const pending = await storage.edits.pending('a')
    expect(pending.fits).toBe(false)
    expect(pending.edits.map(({ operation }) => operation)).toEqual(['mine'])
  })

  it('asks for a save once it is long, and counts from zero behind it', async () => {
    const { storage } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: '' })
    const append = (): Promise<{ number: number; isLong: boolean }> => storage.edits.append('a', revision, 'x')
    const appended = await Promise.all(Array.from({ length: 500 }, append))
    expect(appended.map(({ isLong }) => isLong).indexOf(true)).toBe(499)
    const last = appended.at(-1)?.number ?? 0
    await storage.flows.replace('a', revision, { document: 'saved', throughEdit: last })
    expect((await append()).isLong).toBe(false)
    const large = await storage.edits.append('a', revision, 'y'.repeat(1024 * 1024))
    expect(large.isLong).toBe(true)
  })

  it('takes no more than its bound, says so, and loses none of what it took', async () => {
    const { storage } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: '' })
    const half = 'x'.repeat(33 * 1024 * 1024)
    await storage.edits.append('a', revision, half)
    const failure = await failureOf(storage.edits.append('a', revision, half))
    expect(failure.code).toBe('storage.too_large')
    expect(failure.message).toContain('save it first')
    expect((await storage.edits.pending('a')).edits).toHaveLength(1)
  })

  it('forgets edits that are discarded, or whose flow is purged', async () => {
    const { storage } = freshStorage()
    for (const id of ['a', 'b']) {
      const { revision } = await storage.flows.create({ id, document: '' })
      await storage.edits.append(id, revision, 1)
    }
    await storage.edits.discard('a')
    expect(await storage.edits.unsaved()).toEqual(['b'])
    await storage.flows.bin('b')
    await storage.flows.purge('b')
    expect(await storage.edits.unsaved()).toEqual([])
  })
})
