// Databases of former versions, newer ones, and ones that another tab holds open.
import { readFileSync } from 'node:fs'
import { BrowserStorage } from '@weir/engine-client/storage'
import { describe, expect, it } from 'vitest'
import { CURRENT_VERSION, migrate, MIGRATIONS } from '../../src/browser/storage/schema.ts'
import { failureOf, freshName, freshStorage } from './stores.ts'

/** The records of a database as a released version of the page wrote them: store -> [key or null, value]. */
type Fixture = Record<string, [IDBValidKey | null, unknown][]>

function fixtureOf(version: number): Fixture {
  const path = new URL(`fixtures/database-v${version}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as Fixture
}

function open(name: string, version: number, upgrade?: (request: IDBOpenDBRequest) => void): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => upgrade?.(request)
    request.onsuccess = () => {
      done(request.result)
    }
    request.onerror = () => {
      failed(request.error ?? new Error('not opened'))
    }
  })
}

async function databaseOf(version: number): Promise<string> {
  const name = freshName()
  const db = await open(name, version, (request) => {
    if (request.transaction) migrate(request.result, request.transaction, 0, version)
  })
  const fixture = fixtureOf(version)
  const transaction = db.transaction(Object.keys(fixture), 'readwrite')
  for (const [store, records] of Object.entries(fixture)) {
    for (const [key, value] of records) {
      if (key === null) transaction.objectStore(store).put(value)
      else transaction.objectStore(store).put(value, key)
    }
  }
  await new Promise((done) => (transaction.oncomplete = done))
  db.close()
  return name
}

describe('migrations', () => {
  it('are numbered without gaps', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1))
  })

  for (let version = 1; version <= CURRENT_VERSION; version++) {
    it(`bring a database of version ${version} up to date, with all that it holds`, async () => {
      const name = await databaseOf(version)
      const { storage } = freshStorage({ name })
      const { flows } = await storage.flows.list()
      expect(flows.map(({ id, name: title, tags, latestVersion }) => [id, title, tags, latestVersion])).toEqual([
        ['orders', 'Orders by region', ['demo'], 1]
      ])
      expect((await storage.flows.list({ bin: true })).flows.map(({ id }) => id)).toEqual(['old'])
      const { document, revision } = await storage.flows.read('orders')
      expect(JSON.parse(document)).toMatchObject({ id: 'orders' })
      expect((await storage.flows.getVersion('orders', 1)).message).toBe('first')
      // It goes on where it was: revisions are never given twice.
      const next = await storage.flows.replace('orders', revision, { description: 'goes on' })
      expect(next.revision).toBe(5)
      // What came later is there and empty, or as the fixture has it.
      const { edits } = await storage.edits.pending('orders')
      expect(edits).toHaveLength(version >= 2 ? 1 : 0)
      expect((await storage.runs.list()).runs).toHaveLength(version >= 2 ? 1 : 0)
      expect(await storage.settings.all()).toEqual(version >= 2 ? { theme: 'dark' } : {})
      expect(await storage.recordings.list()).toHaveLength(version >= 2 ? 1 : 0)
    })
  }
})

describe('a database that several versions of the page use', () => {
  it('is refused in words by a page that is older than it, and left as it is', async () => {
    const name = await databaseOf(CURRENT_VERSION)
    const newer = await open(name, CURRENT_VERSION + 1)
    newer.close()
    const { storage } = freshStorage({ name })
    const failure = await failureOf(storage.flows.list())
    expect(failure.code).toBe('storage.newer')
    expect(failure.message).toContain('reload')
    const again = await open(name, CURRENT_VERSION + 1)
    expect(again.transaction('flows').objectStore('flows').name).toBe('flows')
    again.close()
  })

  it('is let go by the older tab when a newer one needs it, which then goes on', async () => {
    const name = freshName()
    let outdated = 0
    const old = new BrowserStorage({ name, version: 1, onOutdated: () => outdated++ })
    await old.flows.find('orders').catch(() => undefined)
    const newer = freshStorage({ name }).storage
    await newer.flows.create({ id: 'a', document: '' })
    expect(outdated).toBe(1)
    expect((await failureOf(old.flows.find('a'))).code).toBe('storage.newer')
  })

  it('says that another tab holds it, and opens once that tab has let go', async () => {
    const name = freshName()
    const holder = await open(name, 1, (request) => {
      if (request.transaction) migrate(request.result, request.transaction, 0, 1)
    })
    let blocked = 0
    const impatient = new BrowserStorage({ name, blockedMs: 20, onBlocked: () => blocked++ })
    const failure = await failureOf(impatient.flows.find('x'))
    expect(failure.code).toBe('storage.blocked')
    expect(blocked).toBe(1)
    const patient = freshStorage({ name }).storage
    const found = patient.flows.find('x')
    holder.close()
    expect(await found).toBe(undefined)
  })
})
