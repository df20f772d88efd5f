// Runs in workers of a page of Chromium.
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../../demo/scripts/bundle.mjs'
import { serve } from '../../../demo/scripts/server.mjs'
import { packZones } from '../../../engine-client/scripts/pack-zones.mjs'
import type { Harness } from './browser-harness.ts'
import { parseSeal } from '../../src/seal/seal.ts'
import { flowText, hasModule, make, ordersFlow } from './flows.ts'

declare const harness: Harness
const CHROMIUM = '/usr/bin/chromium'
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

describe.skipIf(!hasModule || !existsSync(CHROMIUM))('a browser as a place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-places-'))
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let url = ''
  let close: () => void = () => undefined

  async function opened(): Promise<Page> {
    const made = await context.newPage()
    await made.goto(url)
    await made.waitForFunction(() => 'harness' in globalThis)
    return made
  }

  beforeAll(async () => {
    const worker = pathOf('../../../engine-client/src/browser/worker/engine-worker.ts')
    await bundle({ harness: pathOf('browser-harness.ts'), 'engine-worker': worker }, folder)
    copyFileSync(pathOf('../../../../build/wasm/weir.wasm'), join(folder, 'weir.wasm'))
    writeFileSync(join(folder, 'zones.bin'), packZones())
    const head = '<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,">'
    writeFileSync(join(folder, 'index.html'), `${head}<script type="module" src="/harness.js"></script>`)
    const served = await serve(folder, { routes: {} })
    url = served.url
    close = () => {
      served.server.closeAllConnections()
      served.server.close()
    }
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic']
    })
    context = await browser.newContext()
    page = await opened()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('a sample has its rows and no effects; a run writes', async () => {
    const sample = await page.evaluate(
      ([text]) => harness.ran(text ?? '', { kind: 'sample', sampleRows: 80 }, [['big', 'match']]),
      [ordersFlow(1_000_000)]
    )
    expect(sample).toMatchObject({ status: 'done', failures: [], counts: { big: 30 }, written: [] })
    expect((sample as { held: { rows: unknown[] }[] }).held[0]?.rows).toHaveLength(30)
    const live = await page.evaluate(
      ([text]) => harness.ran(text ?? '', { kind: 'live' }, [['big', 'match']]),
      [ordersFlow()]
    )
    expect(live).toMatchObject({ status: 'done', rows: 100, counts: { big: 50 }, written: ['out.csv'] })
  }, 120_000)

  it('a run is sealed with what its worker read and wrote', async () => {
    const write = (path: string): { id: string; typeId: string; settings: object } => ({
      id: 'out',
      typeId: 'files/csv-write',
      settings: { path }
    })
    const first = flowText([make(5, { startTime: '2026-01-01T00:00:00Z' }), write('first.csv')], ['make>out'])
    const made = parseSeal(await page.evaluate(([text]) => harness.sealed(text ?? ''), [first]))
    expect(made).toMatchObject({ inputs: [], outputs: [{ name: 'first.csv', rows: 5 }] })
    const read = { id: 'read', typeId: 'files/csv-read', settings: { path: './fir*.csv' } }
    const second = flowText([read, write('second.csv')], ['read>out'])
    const seals = await page.evaluate(
      async ([text]) => [await harness.sealed(text ?? ''), await harness.sealed(text ?? '')],
      [second]
    )
    const [one, again] = seals.map(parseSeal)
    expect(one?.inputs).toEqual([{ name: 'first.csv', bytes: made.outputs[0]?.bytes, sha256: made.outputs[0]?.sha256 }])
    expect(one?.outputs).toMatchObject([{ name: 'second.csv', rows: 5 }])
    expect(again).toEqual(one)
  }, 120_000)

  it('lines of nodes come to their run, and a run that is cancelled frees its worker', async () => {
    const say = { id: 'say', typeId: 'debug/log', settings: { rows: 2 } }
    const logged = await page.evaluate(
      ([text]) => harness.ran(text ?? '', { kind: 'test' }, []),
      [flowText([make(3), say], ['make>say'])]
    )
    expect((logged as { log: string[] }).log).toContain('say')
    const endless = flowText([make(0, { rate: 1000 })], [])
    const before = await page.evaluate(() => harness.workers())
    const ended = await page.evaluate(([text]) => harness.cancelled(text ?? ''), [endless])
    expect(ended).toEqual({ status: 'cancelled', workers: before })
  }, 120_000)

  it('formulas are checked in a worker, with time zones', async () => {
    const text = "row.at.getHours('Europe/Paris')"
    const fields = [{ name: 'at', type: 'timestamp' }]
    const checked = await page.evaluate(([asked, seen]) => harness.place.checkFormula(asked, seen), [
      text,
      fields
    ] as const)
    expect(checked).toEqual({ type: 'int', problems: [] })
    const rows = [{ at: '2026-07-01T00:00:00Z' }]
    const results = await page.evaluate(([asked, given, seen]) => harness.place.evaluate(asked, [...given], seen), [
      text,
      rows,
      fields
    ] as const)
    expect(results).toEqual([{ value: 2 }])
  }, 120_000)
})
