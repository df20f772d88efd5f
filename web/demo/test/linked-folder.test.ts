// A linked folder: files follow flows, and what somebody else does to them is offered, never overwritten.
import { existsSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launch, type Site } from './site.ts'
import { openTab, storageSite } from './storage-site.ts'
import type { Vault } from './storage-harness.ts'

declare const vault: Vault

const hasBrowser = existsSync('/usr/bin/chromium')

/** The tests use a folder of the private file system: its handles are those of picked folders, without the questions. */
describe.skipIf(!hasBrowser)('LinkedFolder in Chromium', () => {
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    site = await storageSite()
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    site.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await openTab(context, site.url)
    await prepare()
    await page.evaluate(async () => {
      const { folder, handle } = vault.kept
      if (!folder || !handle) throw new Error('nothing is prepared')
      await folder.link(handle)
      await vault.open().flows.create({ id: 'orders', document: '{"id":"orders","nodes":[]}' })
      await folder.save('orders')
    })
  })
  afterEach(async () => {
    await context.close()
  })

  /** Leaves the folder, and what a tidy document is, in `vault.kept`. */
  function prepare(): Promise<void> {
    return page.evaluate(async () => {
      const root = await navigator.storage.getDirectory()
      const handle = await root.getDirectoryHandle('orders-flows', { create: true })
      const tidy = (document: string): Promise<string> =>
        Promise.resolve(`${JSON.stringify(JSON.parse(document), null, 2)}\n`)
      Object.assign(vault.kept, { handle, folder: new vault.LinkedFolder(vault.open(), tidy) })
    })
  }

  /** Somebody else writes into the folder, or deletes with null. */
  function outside(file: string, text: string | null): Promise<void> {
    return page.evaluate(
      async ({ file, text }) => {
        const { handle } = vault.kept
        if (!handle) throw new Error('nothing is prepared')
        if (text === null) return handle.removeEntry(file)
        const writable = await (await handle.getFileHandle(file, { create: true })).createWritable()
        await writable.write(text)
        await writable.close()
      },
      { file, text }
    )
  }

  function files(): Promise<Record<string, string>> {
    return page.evaluate(async () => {
      const found: Record<string, string> = {}
      for await (const [name, file] of vault.kept.handle as unknown as AsyncIterable<[string, FileSystemFileHandle]>) {
        found[name] = await (await file.getFile()).text()
      }
      return found
    })
  }

  const look = (): Promise<{ kind: string; file: string; flow: string }[]> =>
    page.evaluate(async () => {
      const changes = (await vault.kept.folder?.look()) ?? []
      return changes.map(({ kind, file, flow }) => ({ kind, file, flow }))
    })

  function settle(choice: 'theirs' | 'mine' | 'both'): Promise<void> {
    return page.evaluate(async (choice) => {
      for (const change of (await vault.kept.folder?.look()) ?? []) await vault.kept.folder?.settle(change, choice)
    }, choice)
  }

  function replaceHere(document: string): Promise<string | undefined> {
    return page.evaluate(async (document) => {
      const { revision } = await vault.open().flows.read('orders')
      await vault.open().flows.replace('orders', revision, { document })
      return (await vault.kept.folder?.save('orders'))?.kind
    }, document)
  }

  const documentHere = (id: string): Promise<string> =>
    page.evaluate(async (id) => (await vault.open().flows.read(id)).document, id)

  const tidy = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

  it('has the canonical file of a flow after each save, and none once the flow is in the bin', async () => {
    expect(await files()).toEqual({ 'orders.flow.json': tidy({ id: 'orders', nodes: [] }) })
    expect(await replaceHere('{"id":"orders","nodes":[1]}')).toBe(undefined)
    expect(await files()).toEqual({ 'orders.flow.json': tidy({ id: 'orders', nodes: [1] }) })
    expect(await look()).toEqual([])
    await page.evaluate(async () => {
      await vault.open().flows.bin('orders')
      await vault.kept.folder?.save('orders')
    })
    expect(await files()).toEqual({})
    expect(await page.evaluate(() => vault.violations)).toEqual([])
  })

  it('is known again after a reload, with the change that was made meanwhile', async () => {
    await outside('orders.flow.json', tidy({ id: 'orders', nodes: ['pulled'] }))
    await page.reload()
    await page.waitForFunction(() => 'vault' in globalThis)
    await prepare()
    expect(await page.evaluate(() => vault.kept.folder?.state())).toMatchObject({
      state: 'ready',
      name: 'orders-flows'
    })
    expect(await look()).toEqual([{ kind: 'changed', file: 'orders.flow.json', flow: 'orders' }])
    await settle('theirs')
    expect(await documentHere('orders')).toBe(tidy({ id: 'orders', nodes: ['pulled'] }))
    expect(await look()).toEqual([])
  })

  it('does not overwrite what somebody else wrote, and keeps both on request', async () => {
    const theirs = tidy({ id: 'orders', nodes: ['theirs'] })
    await outside('orders.flow.json', theirs)
    expect(await replaceHere('{"id":"orders","nodes":["mine"]}')).toBe('both')
    expect(await files()).toEqual({ 'orders.flow.json': theirs })
    await settle('both')
    expect(await files()).toEqual({
      'orders.flow.json': tidy({ id: 'orders', nodes: ['mine'] }),
      'orders-2.flow.json': tidy({ id: 'orders-2', nodes: ['theirs'] })
    })
    expect(await documentHere('orders-2')).toBe(tidy({ id: 'orders-2', nodes: ['theirs'] }))
    expect(await look()).toEqual([])
  })

  it('writes mine over theirs only when told to', async () => {
    await outside('orders.flow.json', 'no JSON at all')
    await replaceHere('{"id":"orders","nodes":["mine"]}')
    await settle('mine')
    expect(await files()).toEqual({ 'orders.flow.json': tidy({ id: 'orders', nodes: ['mine'] }) })
  })

  it('offers files that are new, as flows, or leaves them alone', async () => {
    await outside('weather.flow.json', tidy({ id: 'weather', nodes: [] }))
    await outside('notes.txt', 'no flow')
    expect(await look()).toEqual([{ kind: 'new', file: 'weather.flow.json', flow: '' }])
    await settle('mine')
    expect(await look()).toEqual([])
    await outside('weather.flow.json', tidy({ id: 'weather', nodes: [1] }))
    await settle('theirs')
    expect(await documentHere('weather')).toBe(tidy({ id: 'weather', nodes: [1] }))
    expect(await look()).toEqual([])
  })

  it('puts a flow whose file was deleted into the bin, or writes the file again, as told', async () => {
    await outside('orders.flow.json', null)
    expect(await look()).toEqual([{ kind: 'deleted', file: 'orders.flow.json', flow: 'orders' }])
    expect(await replaceHere('{"id":"orders","nodes":[2]}')).toBe('deleted')
    expect(await files()).toEqual({})
    await settle('mine')
    expect(await files()).toEqual({ 'orders.flow.json': tidy({ id: 'orders', nodes: [2] }) })
    await outside('orders.flow.json', null)
    await settle('theirs')
    const binned = await page.evaluate(async () => (await vault.open().flows.list({ bin: true })).flows)
    expect(binned.map(({ id }) => id)).toEqual(['orders'])
    expect(await look()).toEqual([])
  })

  it('refuses a choice about what has changed once more', async () => {
    await outside('orders.flow.json', tidy({ id: 'orders', nodes: ['first'] }))
    const [change] = await page.evaluate(async () => (await vault.kept.folder?.look()) ?? [])
    await outside('orders.flow.json', tidy({ id: 'orders', nodes: ['second'] }))
    const late = await page.evaluate(
      (change) =>
        vault.failureOf(vault.kept.folder && change ? vault.kept.folder.settle(change, 'mine') : Promise.resolve()),
      change
    )
    expect(late.code).toBe('storage.folder_changed')
    expect(await files()).toEqual({ 'orders.flow.json': tidy({ id: 'orders', nodes: ['second'] }) })
  })

  it('tells of changes while the page is in front', async () => {
    await page.evaluate(() => {
      vault.kept.folder?.watch((changes) => {
        for (const { kind, file } of changes) vault.kept.said.push(`${kind} ${file}`)
      }, 50)
    })
    await outside('orders.flow.json', tidy({ id: 'orders', nodes: ['pulled'] }))
    await expect.poll(() => page.evaluate(() => vault.kept.said[0])).toBe('changed orders.flow.json')
  })

  it('says in words that a browser has no such folders', async () => {
    const seen = await page.evaluate(async () => {
      await vault.kept.folder?.unlink()
      Object.assign(globalThis, { showDirectoryPicker: undefined })
      const failure = await vault.failureOf(vault.kept.folder?.pick() ?? Promise.resolve())
      return { state: await vault.kept.folder?.state(), failure }
    })
    expect(seen.state?.state).toBe('unsupported')
    expect(seen.failure.code).toBe('storage.folder_unavailable')
    expect(seen.failure.message).toContain('download an export')
  })
})
