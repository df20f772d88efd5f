// The history of runs: how they ended, which went away, and how long they are kept.
import { describe, expect, it, vi } from 'vitest'
import { failureOf, freshStorage } from './stores.ts'

const done = { outcome: 'done', exitCode: 0, elapsedMicros: 5, deadLetters: 2, errorsByCode: {} } as const

describe('RunHistory', () => {
  it('keeps how a run ended, with its counts and its error', async () => {
    const { storage, clock } = freshStorage()
    await storage.runs.begin({ id: 'r1', flow: 'a', version: 3 })
    clock.now = 4_000
    await storage.runs.end('r1', done, { rows: 10 })
    expect(await storage.runs.get('r1')).toEqual({
      id: 'r1',
      flow: 'a',
      version: 3,
      startedAt: 1_000,
      endedAt: 4_000,
      outcome: 'done',
      counts: { deadLetters: 2, rows: 10 },
      error: null
    })
    await storage.runs.begin({ id: 'r2', flow: 'a' })
    const error = { code: 'csv.value', message: 'no number', recoverable: false }
    await storage.runs.end('r2', { ...done, outcome: 'failed', error })
    expect((await storage.runs.get('r2')).error).toEqual({ code: 'csv.value', message: 'no number' })
    expect((await failureOf(storage.runs.get('r3'))).code).toBe('storage.not_found')
  })

  it('lists the newest first, of all flows or of one, page after page', async () => {
    const { storage } = freshStorage()
    for (let i = 0; i < 12; i++) {
      await storage.runs.begin({ id: `r${i}`, flow: i % 3 === 0 ? 'a' : 'b', startedAt: 100 + Math.floor(i / 2) })
    }
    const first = await storage.runs.list({ limit: 8 })
    const second = await storage.runs.list({ limit: 8, cursor: first.cursor ?? '' })
    const ids = [...first.runs, ...second.runs].map(({ id }) => id)
    expect(ids.slice(0, 2)).toEqual(['r11', 'r10'])
    expect(new Set(ids).size).toBe(12)
    expect(second.cursor).toBe(null)
    const ofA = await storage.runs.list({ flow: 'a' })
    expect(ofA.runs.map(({ id }) => id)).toEqual(['r9', 'r6', 'r3', 'r0'])
  })

  it('says that runs whose tab went away were interrupted, and leaves those that go on', async () => {
    const { storage } = freshStorage()
    await storage.runs.begin({ id: 'gone', flow: 'a' })
    await storage.runs.begin({ id: 'alive', flow: 'a' })
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    void navigator.locks.request('run:alive', {}, () => ended)
    expect((await storage.runs.closeOrphans()).map(({ id }) => id)).toEqual(['gone'])
    expect((await storage.runs.get('gone')).outcome).toBe('interrupted')
    expect((await storage.runs.get('alive')).outcome).toBe('running')
    end()
  })

  it('does not call a run interrupted that ends while its lock is looked for', async () => {
    const { storage } = freshStorage()
    await storage.runs.begin({ id: 'ends', flow: 'a' })
    await storage.runs.begin({ id: 'gone', flow: 'a' })
    const query = vi.spyOn(navigator.locks, 'query').mockImplementation(async () => {
      await storage.runs.end('ends', done)
      return { held: [] }
    })
    const orphans = await storage.runs.closeOrphans()
    query.mockRestore()
    expect(orphans.map(({ id }) => id)).toEqual(['gone'])
    expect((await storage.runs.get('ends')).outcome).toBe('done')
  })

  it('forgets the oldest past its count and age, and never one that goes on', async () => {
    const { storage, clock } = freshStorage({ runs: { mostRuns: 3, keepMs: 10_000 } })
    await storage.runs.begin({ id: 'goes-on', flow: 'a', startedAt: 1 })
    for (let i = 0; i < 5; i++) {
      await storage.runs.begin({ id: `r${i}`, flow: 'a', startedAt: 1_000 + i })
      await storage.runs.end(`r${i}`, done)
    }
    const ids = async (): Promise<string[]> => (await storage.runs.list()).runs.map(({ id }) => id)
    expect(await ids()).toEqual(['r4', 'r3', 'goes-on'])
    clock.now = 20_000
    await storage.runs.begin({ id: 'late', flow: 'a' })
    expect(await ids()).toEqual(['late', 'goes-on'])
    expect(await storage.runs.clear()).toBe(0)
  })
})
