// Every page of the table of routes, the editor with its panels, and its dialogs: nothing serious for axe-core, in every theme.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { addressesOf, goTo } from './all-pages.ts'
import { complaints, findings, ordersFlow, openFlow, pageOf, SAVED, startSite, type Look, type Site } from './site.ts'
import { publish, sharesFlow, signIn, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`the pages of the table of routes are not looked at: ${reason}`)
const THEMES: readonly NonNullable<Look['theme']>[] = ['dark', 'light', 'contrast']
const PARTS = ['users', 'groups', 'grants', 'secrets', 'mounts', 'audit', 'storage']

/** What is found on each of them; those without are left out. */
async function foundOn(page: Page, url: string, addresses: readonly string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const address of addresses) {
    await goTo(page, url, address)
    const list = await findings(page)
    if (list.length > 0) found[address] = list
  }
  return found
}

/** Shows one part of the editor after the other and looks at each. */
async function editorFindings(page: Page): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  const look = async (name: string): Promise<void> => {
    const list = await findings(page)
    if (list.length > 0) found[name] = list
  }
  await look('at rest')
  await page.getByRole('button', { name: 'Outline', exact: true }).first().click()
  await page.getByRole('treeitem').filter({ hasText: 'Net price' }).first().click()
  await page.getByRole('complementary').or(page.getByRole('region')).getByText('Net price').first().waitFor()
  await look('a node and the outline')
  await page.getByRole('button', { name: /^Run/ }).first().click()
  await page.getByRole('tab', { name: 'Result', selected: true }).waitFor()
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click()
    await look(`the tab ${(await tab.textContent()) ?? ''}`)
  }
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await look('the commands')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '? keys' }).click()
  await page.getByRole('dialog').waitFor()
  await look('the keys')
  await page.keyboard.press('Escape')
  for (const item of ['About this flow…', 'History…', 'Delete…']) {
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: item }).click()
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).first().waitFor()
    await look(item)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).first().waitFor({ state: 'detached' })
  }
  await page.getByRole('button', { name: /^\+? ?Add a node/ }).click()
  await page.getByRole('combobox').first().waitFor()
  await look('the palette')
  return found
}

describe.skipIf(reason !== '')('without a server', () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(async () => {
    await site.end()
  })

  it.each(THEMES)('every page and the editor are clean for axe-core in %s', { timeout: 600_000 }, async (theme) => {
    const page = await site.page({ theme })
    const wrong = complaints(page)
    await openFlow(page, site.url, ordersFlow())
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme)
    expect(await editorFindings(page)).toEqual({})
    const addresses = addressesOf('local', { flow: ['orders-by-region', 'none'] })
    expect(addresses.length).toBeGreaterThan(4)
    expect(await foundOn(page, site.url, addresses)).toEqual({})
    expect(wrong).toEqual([])
    await page.context().close()
  })
})

describe.skipIf(reason !== '')('with a server', () => {
  let here: World
  let run = ''
  beforeAll(async () => {
    here = await world({ base: '/weir/' })
    await publish(here.api, sharesFlow())
    run = await here.api.ended('shares')
  })
  afterAll(async () => {
    await here.end()
  })

  it.each(THEMES)('every page is clean for axe-core in %s', { timeout: 600_000 }, async (theme) => {
    const page = await pageOf(here.browser, { theme })
    const wrong = complaints(page)
    expect(await foundOn(page, here.url, ['/sign-in', '/setup'])).toEqual({})
    await signIn(page, here.url, 'root')
    const addresses = addressesOf('server', { flow: ['shares', 'none'], run: [run, 'none'], part: PARTS })
    expect(addresses).toContain(`/runs/${run}`)
    expect(await foundOn(page, here.url, addresses)).toEqual({})
    await goTo(page, here.url, '/flows/shares/edit')
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await findings(page)).toEqual([])
    expect(wrong).toEqual([])
    await page.context().close()
  })
})
