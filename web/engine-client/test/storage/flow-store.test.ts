// Flows and versions in the database of the browser: compare-and-set, bin, lists, versions.
import { describe, expect, it } from 'vitest'
import { failureOf, freshStorage } from './stores.ts'

describe('FlowStore', () => {
  it('gives back a flow as it was stored, from another connection too', async () => {
    const { storage, name } = freshStorage()
    const document = '{"id":"orders","nodes":[]}\n'
    const head = await storage.flows.create({
      id: 'orders',
      name: 'Orders',
      tags: ['demo', 'demo', ' '],
      document
    })
    expect(head).toEqual({
      id: 'orders',
      name: 'Orders',
      description: '',
      tags: ['demo'],
      revision: 1,
      createdAt: 1_000,
      changedAt: 1_000,
      binnedAt: null,
      bytes: document.length,
      latestVersion: 0,
      publishedVersion: 0
    })
    storage.close()
    const again = freshStorage({ name })
    expect(await again.storage.flows.read('orders')).toEqual({ ...head, document })
  })

  it('refuses a second flow of one id, also while the first is in the bin', async () => {
    const { storage } = freshStorage()
    await storage.flows.create({ id: 'a', document: 'first' })
    expect(await failureOf(storage.flows.create({ id: 'a', document: 'second' }))).toMatchObject({
      code: 'storage.exists'
    })
    await storage.flows.bin('a')
    expect((await failureOf(storage.flows.create({ id: 'a', document: 'second' }))).code).toBe('storage.exists')
    expect((await storage.flows.read('a')).document).toBe('first')
  })

  it('replaces a document only if the revision is the one that was read', async () => {
    const { storage, clock } = freshStorage()
    const first = await storage.flows.create({ id: 'a', document: 'one' })
    clock.now = 2_000
    const second = await storage.flows.replace('a', first.revision, { document: 'two' })
    expect(second).toMatchObject({ createdAt: 1_000, changedAt: 2_000, bytes: 3 })
    const failure = storage.flows.replace('a', first.revision, { document: 'three' })
    await expect(failure).rejects.toMatchObject({
      code: 'storage.changed',
      expected: first.revision,
      current: second.revision
    })
    expect((await storage.flows.read('a')).document).toBe('two')
  })

  it('lets one of many replacements of one revision through', async () => {
    const { storage } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: 'start' })
    const tries = Array.from({ length: 20 }, (_, i) => storage.flows.replace('a', revision, { document: `try ${i}` }))
    const settled = await Promise.allSettled(tries)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('never gives one revision to two states, even when an id is used again', async () => {
    const { storage } = freshStorage()
    const first = await storage.flows.create({ id: 'a', document: 'one' })
    await storage.flows.bin('a')
    await storage.flows.purge('a')
    const second = await storage.flows.create({ id: 'a', document: 'two' })
    expect(second.revision).toBeGreaterThan(first.revision)
    expect((await failureOf(storage.flows.replace('a', first.revision, { document: 'x' }))).code).toBe(
      'storage.changed'
    )
  })

  it('keeps what is in the bin until it is restored or purged', async () => {
    const { storage, clock } = freshStorage()
    const { revision } = await storage.flows.create({ id: 'a', document: 'one' })
    expect((await failureOf(storage.flows.purge('a'))).code).toBe('storage.not_in_bin')
    expect((await failureOf(storage.flows.bin('a', revision + 1))).code).toBe('storage.changed')
    const binned = await storage.flows.bin('a', revision)
    expect(binned.binnedAt).toBe(1_000)
    expect((await storage.flows.list()).flows).toEqual([])
    expect((await storage.flows.list({ bin: true })).flows.map(({ id }) => id)).toEqual(['a'])
    expect((await failureOf(storage.flows.replace('a', binned.revision, { document: 'x' }))).code).toBe(
      'storage.in_bin'
    )
    expect(await storage.flows.emptyBin(10_000)).toEqual([])
    expect((await storage.flows.restore('a')).binnedAt).toBe(null)
    await storage.flows.bin('a')
    clock.now = 20_000
    expect(await storage.flows.emptyBin(10_000)).toEqual(['a'])
    expect((await failureOf(storage.flows.read('a'))).code).toBe('storage.not_found')
  })

  it('purges the versions of a flow with it', async () => {
    const { storage } = freshStorage()
    await storage.flows.create({ id: 'a', document: 'one' })
    await storage.flows.appendVersion('a')
    await storage.flows.bin('a')
    await storage.flows.purge('a')
    expect((await failureOf(storage.flows.getVersion('a', 1))).code).toBe('storage.not_found')
    await storage.flows.create({ id: 'a', document: 'two' })
    expect(await storage.flows.listVersions('a')).toEqual([])
  })

  it('lists by words and tags, the newest change first, page after page', async () => {
    const { storage } = freshStorage()
    for (let i = 0; i < 25; i++) {
      const tags = i % 2 === 0 ? ['even'] : ['odd']
      await storage.flows.create({ id: `flow-${i}`, name: `Größe ${i}`, tags, document: '{}' })
    }
    const { revision } = await storage.flows.read('flow-3')
    await storage.flows.replace('flow-3', revision, { description: 'Umsatz je Region' })
    const pages: string[][] = []
    let cursor: string | null = null
    do {
      const page = await storage.flows.list({ limit: 10, ...(cursor === null ? {} : { cursor }) })
      pages.push(page.flows.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== null)
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5])
    expect(pages.flat()[0]).toBe('flow-3')
    expect(new Set(pages.flat()).size).toBe(25)
    const idsOf = async (query: object): Promise<string[]> =>
      (await storage.flows.list(query)).flows.map(({ id }) => id)
    expect(await idsOf({ search: 'UMSATZ größe' })).toEqual(['flow-3'])
    expect(await idsOf({ search: 'grösse' })).toEqual([])
    expect(await idsOf({ tags: ['odd'], search: '2' })).toEqual(['flow-23', 'flow-21'])
  })

  it('lists by name, page after page', async () => {
    const { storage } = freshStorage()
    for (const name of ['beta', 'Alpha', 'beta', 'gamma', 'Delta']) await storage.flows.create({ name, document: '{}' })
    const first = await storage.flows.list({ order: 'name', limit: 2 })
    const second = await storage.flows.list({ order: 'name', limit: 2, cursor: first.cursor ?? '' })
    const third = await storage.flows.list({ order: 'name', limit: 2, cursor: second.cursor ?? '' })
    const names = [first, second, third].flatMap(({ flows }) => flows.map(({ name }) => name))
    expect(names).toEqual(['Alpha', 'beta', 'beta', 'Delta', 'gamma'])
    expect(third.cursor).toBe(null)
    expect((await failureOf(storage.flows.list({ cursor: first.cursor ?? '' }))).code).toBe('storage.invalid')
  })

  it('numbers versions from one, keeps their documents, and leaves the draft alone', async () => {
    const { storage } = freshStorage()
    const flow = await storage.flows.create({ id: 'a', document: 'one' })
    const first = await storage.flows.appendVersion('a', { message: 'first', label: '1.0.0', published: true })
    const changed = await storage.flows.replace('a', flow.revision, { document: 'two' })
    await storage.flows.appendVersion('a', { message: 'second', ifRevision: changed.revision })
    expect((await failureOf(storage.flows.appendVersion('a', { ifRevision: flow.revision }))).code).toBe(
      'storage.changed'
    )
    expect(first).toEqual({
      flow: 'a',
      number: 1,
      label: '1.0.0',
      message: 'first',
      published: true,
      createdAt: 1_000,
      bytes: 3
    })
    expect((await storage.flows.listVersions('a')).map(({ number }) => number)).toEqual([2, 1])
    expect((await storage.flows.listVersions('a', { before: 2 })).map(({ number }) => number)).toEqual([1])
    expect((await storage.flows.getVersion('a', 1)).document).toBe('one')
    expect((await storage.flows.getVersion('a', 2)).document).toBe('two')
    expect(await storage.flows.read('a')).toMatchObject({
      revision: changed.revision,
      latestVersion: 2,
      publishedVersion: 1
    })
  })

  it('says what is wrong with names, tags and ids, and stores nothing then', async () => {
    const { storage } = freshStorage()
    expect((await failureOf(storage.flows.create({ name: ' ', document: '' }))).code).toBe('storage.invalid')
    expect((await failureOf(storage.flows.create({ id: '', document: '' }))).code).toBe('storage.invalid')
    const tags = [1] as unknown as string[]
    expect((await failureOf(storage.flows.create({ tags, document: '' }))).code).toBe('storage.invalid')
    expect((await storage.flows.list()).flows).toEqual([])
  })

  it('tells other tabs what was stored', async () => {
    const { storage, name } = freshStorage()
    const other = freshStorage({ name }).storage
    const heard = new Promise((resolve) => other.onChange(resolve))
    const { revision } = await storage.flows.create({ id: 'a', document: '' })
    expect(await heard).toEqual({ kind: 'flow', id: 'a', revision })
  })
})
