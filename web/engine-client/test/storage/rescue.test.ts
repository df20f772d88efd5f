// Damaged databases: kept aside, reported, and the app starts with everything that could be read.
import { BrowserStorage, type RescueReport } from '@weir/engine-client/storage'
import { describe, expect, it } from 'vitest'
import { failureOf, freshName, freshStorage } from './stores.ts'

function open(name: string, version?: number, upgrade?: (db: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => upgrade?.(request.result)
    request.onsuccess = () => {
      done(request.result)
    }
    request.onerror = () => {
      failed(request.error ?? new Error('not opened'))
    }
  })
}

async function change(name: string, stores: string[], work: (transaction: IDBTransaction) => void): Promise<void> {
  const db = await open(name)
  const transaction = db.transaction(stores, 'readwrite')
  work(transaction)
  await new Promise((done) => (transaction.oncomplete = done))
  db.close()
}

async function filled(): Promise<string> {
  const { storage, name } = freshStorage()
  await storage.flows.create({ id: 'good', name: 'Good', document: '{"id":"good"}' })
  await storage.flows.create({ id: 'bad', name: 'Bad', document: '{"id":"bad"}' })
  await storage.flows.appendVersion('good', { message: 'first' })
  await storage.edits.append('good', 1, 'an edit')
  await storage.settings.set('theme', 'dark')
  storage.close()
  return name
}

/** The same database without some of its stores: as if they had been lost. */
async function without(name: string, lost: string[]): Promise<string> {
  const from = await open(name)
  const to = freshName()
  const stores = [...from.objectStoreNames].filter((store) => !lost.includes(store))
  const db = await open(to, from.version, (made) => {
    for (const store of stores) {
      const { keyPath } = from.transaction(store).objectStore(store)
      const { autoIncrement } = from.transaction(store).objectStore(store)
      made.createObjectStore(store, { keyPath, autoIncrement })
    }
  })
  for (const store of stores) {
    const source = from.transaction(store).objectStore(store)
    const all = await Promise.all([source.getAllKeys(), source.getAll()].map(answer))
    const target = db.transaction(store, 'readwrite')
    const keys = all[0] as IDBValidKey[]
    for (const [i, value] of (all[1] as unknown[]).entries()) {
      if (source.keyPath === null) target.objectStore(store).put(value, keys[i])
      else target.objectStore(store).put(value)
    }
    await new Promise((done) => (target.oncomplete = done))
  }
  from.close()
  db.close()
  return to
}

function answer(request: IDBRequest): Promise<unknown> {
  return new Promise((done) => {
    request.onsuccess = () => {
      done(request.result)
    }
  })
}

describe('a damaged database', () => {
  it('is kept aside when stores are missing, and what is left of it goes on in a new one', async () => {
    const name = await without(await filled(), ['versions', 'settings'])
    const reports: RescueReport[] = []
    const storage = new BrowserStorage({ name, onRescue: (report) => reports.push(report) })
    const good = await storage.flows.read('good')
    expect(good).toMatchObject({ name: 'Good', document: '{"id":"good"}' })
    expect((await storage.edits.pending('good')).edits.map(({ operation }) => operation)).toEqual(['an edit'])
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ from: name, to: `${name}~2`, saved: { flows: 2, edits: 1 }, recovered: [] })
    expect(reports[0]?.why).toContain("the store 'versions'")
    expect(reports[0]?.lost).toEqual([
      "the store 'versions', which is missing",
      "the store 'settings', which is missing"
    ])
    // The revision goes on: nobody's old copy fits by chance.
    const next = await storage.flows.replace('good', good.revision, { document: 'next' })
    expect(next.revision).toBeGreaterThan(3)
    storage.close()
    // It stays so, is told once, and the old one is still there.
    const later = new BrowserStorage({ name, onRescue: (report) => reports.push(report) })
    expect((await later.flows.read('good')).document).toBe('next')
    expect(reports).toHaveLength(1)
    expect(await later.rescues()).toMatchObject({ reports: [{ from: name }], keptAside: [name] })
    const old = await open(name)
    expect(await answer(old.transaction('flows').objectStore('flows').count())).toBe(2)
    old.close()
  })

  it('is rescued again when the tab that rescued it was killed in the middle', async () => {
    const name = await without(await filled(), ['versions'])
    // What a killed tab leaves: a successor without its mark.
    const empty = new BrowserStorage({ name: `${name}~2` })
    await empty.open()
    empty.close()
    const storage = new BrowserStorage({ name })
    expect((await storage.flows.list()).flows.map(({ id }) => id).sort()).toEqual(['bad', 'good'])
    expect((await storage.rescues()).reports).toHaveLength(1)
  })

  it('has its unreadable records moved aside, and the flow whose entry was lost is recovered from its document', async () => {
    const name = await filled()
    await change(name, ['flows', 'versions', 'settings'], (transaction) => {
      transaction.objectStore('flows').put({ id: 'bad', name: 17 })
      transaction.objectStore('versions').put({ flow: 'good', number: 7, label: 'no document' })
    })
    const { storage } = freshStorage({ name })
    expect((await failureOf(storage.flows.read('bad'))).code).toBe('storage.corrupt')
    expect((await storage.flows.list()).flows.map(({ id }) => id)).toEqual(['good'])
    const report = await storage.check()
    expect(report).toMatchObject({ from: name, to: name, recovered: ['bad'] })
    expect(report?.lost).toEqual([
      'flow "bad": it is stored in a form that cannot be read',
      'version ["good",7]: it is stored in a form that cannot be read'
    ])
    expect(await storage.flows.read('bad')).toMatchObject({ name: 'bad (recovered)', document: '{"id":"bad"}' })
    expect((await storage.flows.listVersions('good')).map(({ number }) => number)).toEqual([1])
    expect(await storage.check()).toBe(undefined)
    expect((await storage.rescues()).reports).toHaveLength(1)
    storage.close()
    const db = await open(name)
    expect(await answer(db.transaction('damaged').objectStore('damaged').getAll())).toMatchObject([
      { store: 'flows', key: 'bad', value: { name: 17 } },
      { store: 'versions', key: ['good', 7] }
    ])
    db.close()
  })

  it('says that a flow has lost its document', async () => {
    const name = await filled()
    await change(name, ['documents'], (transaction) => {
      transaction.objectStore('documents').delete(['bad', 0])
    })
    const { storage } = freshStorage({ name })
    expect((await failureOf(storage.flows.read('bad'))).code).toBe('storage.corrupt')
    expect((await storage.check())?.lost).toEqual(['flow "bad": its document is gone'])
    expect((await storage.flows.list()).flows.map(({ id }) => id)).toEqual(['good'])
  })

  it('has a document that is no text moved aside with its flow, however many documents there are', async () => {
    const name = await filled()
    const { storage: before } = freshStorage({ name })
    for (let i = 0; i < 40; i++) await before.flows.create({ id: `flow-${i}`, document: `{"id":"flow-${i}"}` })
    before.close()
    await change(name, ['documents'], (transaction) => {
      transaction.objectStore('documents').put({ not: 'text' }, ['bad', 0])
    })
    const { storage } = freshStorage({ name })
    expect((await storage.check())?.lost).toEqual([
      'flow "bad": its document is gone',
      'document ["bad",0]: it is no text'
    ])
    expect((await storage.flows.list({ limit: 100 })).flows).toHaveLength(41)
    expect(await storage.check()).toBe(undefined)
    storage.close()
    const db = await open(name)
    const aside = await answer(db.transaction('damaged').objectStore('damaged').getAll())
    expect(aside).toContainEqual(expect.objectContaining({ store: 'documents', value: { not: 'text' } }))
    db.close()
  })

  it('is not touched when all of it is sound', async () => {
    const { storage } = freshStorage({ name: await filled() })
    expect(await storage.check()).toBe(undefined)
    expect(await storage.rescues()).toEqual({ reports: [], keptAside: [] })
  })
})
