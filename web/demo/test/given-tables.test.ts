// The demo page and a person's own files: packed and empty ones, files cut short, and what each run wrote.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildDemo } from '../scripts/build.mjs'
import { launch, opened, pathOf, type Site } from './site.ts'

const TIMEOUT_MS = 180_000
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const TABLE = 'city,amount\nUlm,2\nBonn,3\n'
/** The same, by zstd. */
const TABLE_ZST = 'KLUv/QRYyQAAY2l0eSxhbW91bnQKVWxtLDIKQm9ubiwzCty8nWs='

describe.skipIf(!isBuilt)("The demo page and a person's own files", { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let given: string
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-demo-'))
    await buildDemo(folder)
    site = await opened(folder, {}, false)
    browser = await launch()
  }, TIMEOUT_MS)
  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    given = mkdtempSync(join(tmpdir(), 'weir-own-'))
    context = await browser.newContext({ viewport: { width: 1280, height: 500 } })
    context.setDefaultTimeout(120_000)
    complaints = []
  })
  afterEach(async () => {
    await context.close()
    rmSync(given, { recursive: true, force: true })
    expect(complaints).toEqual([])
  })

  async function open(): Promise<Page> {
    const page = await context.newPage()
    page.on('dialog', (dialog) => void dialog.accept())
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(site.url)
    await page.waitForSelector('[data-fact=engine].good')
    return page
  }

  function put(files: Record<string, string | Uint8Array>): void {
    rmSync(given, { recursive: true, force: true })
    mkdirSync(given)
    for (const [name, content] of Object.entries(files)) writeFileSync(join(given, name), content)
  }

  async function choose(page: Page, files: Record<string, string | Uint8Array>): Promise<void> {
    put(files)
    await page.evaluate(() => {
      document.querySelector('#stage')?.replaceChildren()
    })
    await page.setInputFiles('#folder', given)
    await page.waitForSelector('text=Run over the files')
  }

  async function run(page: Page): Promise<string> {
    await page.click('text=Run over the files')
    await page.waitForSelector('#state:is(.good, .warn, .bad)')
    return (await page.textContent('#state')) ?? ''
  }

  const columns = (page: Page): Promise<string[]> =>
    page.$$eval('.choices select', (all) => all.map((one) => (one as HTMLSelectElement).value))

  it('are grouped also when they are packed, and when the first of them is empty', async () => {
    const page = await open()
    const packed = { gz: gzipSync(TABLE), zst: Buffer.from(TABLE_ZST, 'base64') }
    for (const [ending, bytes] of Object.entries(packed)) {
      await choose(page, { 'a.csv': '', [`b.csv.${ending}`]: bytes })
      expect(await columns(page), ending).toEqual(['city', 'amount'])
      await run(page)
      expect(await page.textContent('#stage')).toContain('city,rows,sum\nBonn,1,3\nUlm,1,2\n')
    }
    await choose(page, { 'a.csv.gz': gzipSync(TABLE).subarray(0, 12) })
    expect(await page.textContent('#stage')).toContain('No columns were found')
    expect(await run(page)).toContain('Done, incomplete')
  })

  it('have incomplete sums said to be incomplete, with the file that was cut short', async () => {
    const page = await open()
    await choose(page, { 'a.csv': TABLE, 'b.csv': TABLE })
    writeFileSync(join(given, 'b.csv'), 'city,amount\nU')
    expect(await run(page)).toMatch(/^Done, incomplete, .*b\.csv/)
    expect(await page.textContent('.reason')).toContain('lacks a part of its input')
  })

  it('have the lines of logs shown, with their files, without an error of a widget', async () => {
    const page = await open()
    await choose(page, { 'a.log': 'ok\nERROR x\n', 'b.log': '' })
    expect(await run(page)).toMatch(/^Done/)
    await page.waitForFunction(() => document.querySelector('[data-widget=table] td')?.textContent.endsWith('a.log'))
    await choose(page, { 'a.log': 'all is well\n' })
    expect(await run(page)).toMatch(/^Done/)
  })

  it('have what a run wrote kept apart from that of other runs and tabs', async () => {
    const page = await open()
    await choose(page, { 'a.csv': TABLE })
    await run(page)
    const other = await open()
    await choose(other, { 'a.csv': 'city,amount\nKiel,9\n' })
    await run(other)
    await page.bringToFront()
    await page.click('#tab-files')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#panel-files >> text=Download')])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('city,rows,sum\nBonn,1,3\nUlm,1,2\n')

    await other.bringToFront()
    await choose(other, { 'a.csv': TABLE })
    rmSync(join(given, 'a.csv'))
    expect(await run(other)).not.toMatch(/nothing lost/)
    expect(await other.textContent('#panel-files')).not.toContain('Kiel')
  })

  it('have what older runs wrote deleted, by count and by age, except what a tab shows', async () => {
    const page = await open()
    await choose(page, { 'a.csv': TABLE })
    await run(page)
    const other = await open()
    const kept = await other.evaluate(async () => {
      const demo = await (await navigator.storage.getDirectory()).getDirectoryHandle('demo')
      const runs = await demo.getDirectoryHandle('your-files')
      const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
      const made = Array.from({ length: 14 }, (_, i) => `${day(1)}-0000${i + 10}-abcdef`)
      for (const name of ['out', `${day(9)}-000000-abcdef`, ...made]) {
        await (await runs.getDirectoryHandle(name, { create: true })).getDirectoryHandle('out', { create: true })
      }
      return made.slice(-10)
    })
    await choose(other, { 'a.csv': TABLE })
    await run(other)
    const names = (): Promise<string[]> =>
      other.evaluate(async () => {
        const demo = await (await navigator.storage.getDirectory()).getDirectoryHandle('demo')
        const runs = (await demo.getDirectoryHandle('your-files')) as unknown as { keys(): AsyncIterable<string> }
        const found: string[] = []
        for await (const name of runs.keys()) found.push(name)
        return found.sort()
      })
    await expect.poll(names, { timeout: 60_000 }).toHaveLength(12)
    expect((await names()).slice(0, 10)).toEqual(kept)
  })

  it('leave the head of a run in sight when a lower example is chosen in a low window', async () => {
    const page = await open()
    const choice = page.locator('[data-example]').last()
    await choice.scrollIntoViewIfNeeded()
    await choice.click()
    await page.waitForSelector('#state:is(.good, .warn, .bad)')
    const top = await page.$eval('.run-head', (head) => head.getBoundingClientRect().top)
    expect(top).toBeGreaterThanOrEqual(0)
    expect(top).toBeLessThan(500)
  })
})
