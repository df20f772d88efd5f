// Two tabs on one flow: one edits, the other reads, sees who edits, and takes the flow over.
import { existsSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launch, type Site } from './site.ts'
import { crash, openTab, storageSite } from './storage-site.ts'
import type { Vault } from './storage-harness.ts'

declare const vault: Vault

const hasBrowser = existsSync('/usr/bin/chromium')

describe.skipIf(!hasBrowser)('R20: two tabs on one flow, in Chromium', () => {
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let first: Page
  let second: Page

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
    first = await openTab(context, site.url)
    second = await openTab(context, site.url)
    await first.evaluate(() => vault.open().flows.create({ id: 'a', document: 'start' }))
  })
  afterEach(async () => {
    await context.close()
  })

  /** Opens the flow as an editor would; `onAsked` saves, unless the tab keeps the flow. */
  function edit(page: Page, label: string, keeps = ''): Promise<boolean> {
    return page.evaluate(
      async ({ label, keeps }) => {
        const storage = vault.open()
        const locks = new vault.FlowLocks(() => label)
        vault.kept.locks = locks
        vault.kept.hold = await locks.open('a', {
          onAsked: async (by) => {
            vault.kept.said.push(`asked by ${by.label}`)
            if (keeps !== '') throw new Error(keeps)
            const { revision } = await storage.flows.read('a')
            await storage.flows.replace('a', revision, { document: `saved by ${label}` })
          },
          onLost: (why) => vault.kept.said.push(why)
        })
        return vault.kept.hold.isHeld
      },
      { label, keeps }
    )
  }

  const said = (page: Page): Promise<string[]> => page.evaluate(() => vault.kept.said)
  const isHeld = (page: Page): Promise<boolean> => page.evaluate(() => vault.kept.hold?.isHeld ?? false)

  it('lets one edit, and tells the other who does', async () => {
    expect(await edit(first, 'Orders, left window')).toBe(true)
    expect(await edit(second, 'Orders, right window')).toBe(false)
    const holder = await second.evaluate(() => vault.kept.hold?.holder())
    expect(holder).toMatchObject({ label: 'Orders, left window' })
    expect(holder?.since).toBeGreaterThan(0)
    expect(await second.evaluate(() => vault.kept.locks?.edited())).toEqual(['a'])
  })

  it('hands the flow over when asked, after what is not saved was saved', async () => {
    await edit(first, 'left')
    await edit(second, 'right')
    const document = await second.evaluate(async () => {
      await vault.kept.hold?.takeOver()
      return (await vault.open().flows.read('a')).document
    })
    expect(document).toBe('saved by left')
    expect(await isHeld(second)).toBe(true)
    await expect.poll(() => said(first)).toEqual(['asked by right', 'handed over'])
    expect(await isHeld(first)).toBe(false)
    // And back again.
    await first.evaluate(() => vault.kept.hold?.takeOver())
    expect([await isHeld(first), await isHeld(second)]).toEqual([true, false])
  })

  it('keeps the flow with a reason, which the other tab is told', async () => {
    await edit(first, 'left', 'the form of a node is open')
    await edit(second, 'right')
    const failure = await second.evaluate(() => vault.failureOf(vault.kept.hold?.takeOver() ?? Promise.resolve()))
    expect(failure.code).toBe('storage.locked')
    expect(failure.message).toContain('the form of a node is open')
    expect([await isHeld(first), await isHeld(second)]).toEqual([true, false])
  })

  it('is free when the tab that edits is closed, or killed', async () => {
    await edit(first, 'left')
    expect(await edit(second, 'right')).toBe(false)
    await crash(first)
    await expect.poll(() => second.evaluate(() => vault.kept.hold?.tryHold()), { timeout: 30_000 }).toBe(true)
    const third = await openTab(context, site.url)
    expect(await edit(third, 'third')).toBe(false)
    await second.close()
    await expect.poll(() => third.evaluate(() => vault.kept.hold?.tryHold()), { timeout: 30_000 }).toBe(true)
  })

  it('is taken by force from a tab that does not answer, which learns it and cannot overwrite', async () => {
    await edit(first, 'left')
    await edit(second, 'right')
    // The first tab hangs: it answers nothing until it is let go.
    await first.evaluate(() => {
      const { locks } = vault.kept
      if (locks) Object.assign(locks, { channel: { postMessage: () => undefined, close: () => undefined } })
      const hold = vault.kept.hold as unknown as { asked: () => Promise<void> }
      hold.asked = () => new Promise(() => undefined)
    })
    const seen = await second.evaluate(async () => {
      const { hold } = vault.kept
      if (!hold) throw new Error('the flow was not opened')
      const patient = await vault.failureOf(hold.takeOver({ timeoutMs: 300 }))
      await hold.takeOver({ timeoutMs: 300, byForce: true })
      const { revision } = await vault.open().flows.read('a')
      await vault.open().flows.replace('a', revision, { document: 'right goes on' })
      return { patient, isHeld: hold.isHeld, revision }
    })
    expect(seen.patient.code).toBe('storage.locked')
    expect(seen.patient.message).toContain('does not answer')
    expect(seen.isHeld).toBe(true)
    await expect.poll(() => said(first)).toEqual(['taken by force'])
    const late = await first.evaluate(
      (revision) => vault.failureOf(vault.open().flows.replace('a', revision, { document: 'left' })),
      seen.revision
    )
    expect(late.code).toBe('storage.changed')
    expect((await second.evaluate(() => vault.open().flows.read('a'))).document).toBe('right goes on')
  })

  it('lets the other tab follow what is stored', async () => {
    await second.evaluate(() => {
      vault.open().onChange(({ kind, id, revision }) => vault.kept.said.push(`${kind} ${id} ${revision}`))
    })
    await first.evaluate(() => vault.open().flows.replace('a', 1, { document: 'changed' }))
    await expect.poll(() => said(second)).toEqual(['flow a 2'])
  })

  it('asks a tab with an older page to let go of the database, and goes on with all that it holds', async () => {
    const said = await first.evaluate(async () => {
      const old = vault.open({ name: 'upgraded', version: 1, onOutdated: () => vault.kept.said.push('outdated') })
      await old.open()
      return vault.kept.said
    })
    expect(said).toEqual([])
    const created = await second.evaluate(async () => {
      const storage = vault.open({ name: 'upgraded' })
      const { revision } = await storage.flows.create({ id: 'b', document: 'new page' })
      await storage.edits.append('b', revision, 'edit')
      return storage.edits.unsaved()
    })
    expect(created).toEqual(['b'])
    expect(await first.evaluate(() => vault.kept.said)).toEqual(['outdated'])
    const late = await first.evaluate(() => vault.failureOf(vault.open({ name: 'upgraded' }).flows.find('b')))
    expect(late.code).toBe('storage.newer')
    expect(late.message).toContain('reload')
  })
})
