// Databases that are damaged on the disk, or by a foreign page: the app starts, and says what was lost.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Site } from './site.ts'
import { openTab, storageSite } from './storage-site.ts'
import type { Vault } from './storage-harness.ts'

declare const vault: Vault

const CHROMIUM = '/usr/bin/chromium'

describe.skipIf(!existsSync(CHROMIUM))('a damaged database in Chromium', () => {
  let site: Site
  let profile: string
  let context: BrowserContext
  let page: Page

  /** A browser with its data on the disk. */
  async function start(): Promise<void> {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    })
    page = await openTab(context, site.url)
  }

  beforeAll(async () => {
    site = await storageSite()
  })
  afterAll(() => {
    site.close()
  })
  beforeEach(async () => {
    profile = mkdtempSync(join(tmpdir(), 'weir-profile-'))
    await start()
  })
  afterEach(async () => {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  })

  it('is kept aside when a store is missing, and the app goes on with the rest', async () => {
    const seen = await page.evaluate(async () => {
      const name = 'broken'
      const flow = { id: 'orders', name: 'Orders', description: '', tags: [], revision: 4, createdAt: 1, changedAt: 1 }
      const rest = { binned: 0, binnedAt: 0, bytes: 2, latestVersion: 0, publishedVersion: 0, folded: 'orders' }
      await new Promise((done, failed) => {
        const request = indexedDB.open(name, 2)
        request.onupgradeneeded = () => {
          request.result.createObjectStore('flows', { keyPath: 'id' }).put({ ...flow, ...rest })
          request.result.createObjectStore('documents').put('{}', ['orders', 0])
        }
        request.onsuccess = () => {
          request.result.close()
          done(undefined)
        }
        request.onerror = failed
      })
      const storage = vault.open({ name, onRescue: ({ from, to }) => vault.kept.said.push(`${from} -> ${to}`) })
      const { document, revision } = await storage.flows.read('orders')
      const next = await storage.flows.create({ id: 'new', document: '{}' })
      const { reports, keptAside } = await storage.rescues()
      return { document, revision, next: next.revision, lost: reports[0]?.lost, keptAside, said: vault.kept.said }
    })
    expect(seen).toMatchObject({
      document: '{}',
      revision: 4,
      next: 5,
      keptAside: ['broken'],
      said: ['broken -> broken~2']
    })
    expect(seen.lost).toContain("the store 'versions', which is missing")
  })

  it('lets the app start when its files on the disk are overwritten, and says that everything is gone', async () => {
    await page.evaluate(async () => {
      const storage = vault.open()
      for (let i = 0; i < 20; i++) await storage.flows.create({ id: `flow-${i}`, document: 'x'.repeat(50_000) })
    })
    await context.close()
    const folder = join(profile, 'Default', 'IndexedDB')
    const database = readdirSync(folder).find((name) => name.includes('127.0.0.1') && name.endsWith('.leveldb')) ?? ''
    const files = readdirSync(join(folder, database)).filter((name) => /\.(?:log|ldb)$|^MANIFEST/u.test(name))
    expect(files.length).toBeGreaterThan(0)
    for (const name of files) {
      const path = join(folder, database, name)
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0x5a, 0, bytes.length))
    }
    await start()
    const seen = await page.evaluate(async () => {
      const storage = vault.open({ onRescue: ({ lost }) => vault.kept.said.push(...lost) })
      const { flows } = await storage.flows.list()
      await storage.flows.create({ id: 'after', document: 'goes on' })
      const after = (await storage.flows.read('after')).document
      return { flows: flows.length, after, said: vault.kept.said }
    })
    // Chromium throws away what it cannot read. An export or a linked folder has it still.
    expect(seen).toMatchObject({ flows: 0, after: 'goes on' })
    expect(seen.said).toEqual([expect.stringContaining('threw away')])
  })
})
