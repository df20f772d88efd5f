// StorageSite: the page of the storage tests on a free port, and Chromium with its limits, tabs and crashes.
import { copyFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { bundle } from '../scripts/bundle.mjs'
import { opened, pathOf, type Site } from './site.ts'

/** The suite of stores, once it is built. */
const SUITE = pathOf('../../../build/wasm/weir-store.wasm')
export const hasSuite = existsSync(SUITE)

export async function storageSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-storage-'))
  await bundle({ harness: pathOf('storage-harness.ts') }, folder)
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,"><script type="module" src="/harness.js"></script>'
  )
  if (hasSuite) copyFileSync(SUITE, join(folder, 'weir-store.wasm'))
  return opened(folder, {}, true)
}

export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'vault' in globalThis)
  return page
}

/** The browser gives the site so many bytes in all, until the answer is called. */
export async function limitQuota(page: Page, quotaSize: number): Promise<() => Promise<void>> {
  // The limit goes with the session.
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize })
  return () => session.detach()
}

/** The renderer of the tab is killed, in the middle of what it does. */
export async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const gone = new Promise((resolve) => page.once('crash', resolve))
  // It never answers.
  void session.send('Page.crash').catch(() => undefined)
  await gone
}
