// A large CSV is read in the tab in constant memory: as a File in place, and in the private file system.
// WEIR_LARGE_MB=1024 makes it a gigabyte.
import { existsSync, readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { regionSums } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const LARGE_MB = Number(process.env.WEIR_LARGE_MB ?? 200)
const MOST_MB = 300
const TIMEOUT_MS = 600_000

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

/** The most that a renderer of the browser has held, in MiB. */
async function peakMb(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const peaks = processInfo
    .filter((one) => one.type === 'renderer' && existsSync(`/proc/${one.id}/status`))
    .map((one) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${one.id}/status`, 'utf8'))?.[1] ?? 0) / 1024)
  return Math.max(...peaks)
}

describe.skipIf(!isBuilt)(`A CSV of ${LARGE_MB} MB in Chromium`, () => {
  let site: Site
  let browser: Browser
  let page: Page
  let rows = 0

  beforeAll(async () => {
    site = await harnessSite()
    browser = await launch()
    page = await openHarness(browser, site.url)
    rows = await page.evaluate(async (megabytes) => {
      const lines = Array.from({ length: 100_000 }, (_, i) => `region-${i % 7},${i % 100},some text ${i}\n`).join('')
      const part = new TextEncoder().encode(lines)
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('large', { create: true })
      const writable = await (await folder.getFileHandle('in.csv', { create: true })).createWritable()
      await writable.write('region,amount,note\n')
      let size = 0
      let count = 0
      for (; size < megabytes * 1e6; size += part.length, count += 100_000) await writable.write(part)
      await writable.close()
      return count
    }, LARGE_MB)
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
  })

  async function sums(as: 'file' | 'private'): Promise<{ total: number; outcome: string; elapsedMs: number }> {
    return page.evaluate(
      async ({ flow, as }) => {
        const engine = await harness.engine()
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('large')
        const file = await (await folder.getFileHandle('in.csv')).getFile()
        const source = as === 'file' ? harness.filesSource([file]) : { kind: 'private' as const, path: 'large' }
        const project = { kind: 'layers' as const, layers: [{ kind: 'private' as const, path: 'out' }, source] }
        const run = await engine.run(flow, { folders: { project }, outlets: [{ node: 'sum', port: 'rows' }] })
        let total = 0
        for await (const row of run.rows('sum', 'rows')) total += (row as { sum: number }).sum
        const result = await run.result
        engine.close()
        return { total, outcome: result.outcome, elapsedMs: result.elapsedMicros / 1000 }
      },
      { flow: regionSums('in.csv'), as }
    )
  }

  for (const as of ['file', 'private'] as const) {
    it(
      as === 'file' ? 'is read in place from the file that was given' : 'is read from the private file system',
      async () => {
        const seen = await sums(as)
        const peak = await peakMb(browser)
        console.log(`${as}: ${LARGE_MB} MB in ${seen.elapsedMs.toFixed(0)} ms, renderer peak ${peak.toFixed(0)} MiB`)
        expect(seen.outcome).toBe('done')
        expect(seen.total).toBe(rows * 49.5)
        expect(peak).toBeLessThan(MOST_MB)
      },
      TIMEOUT_MS
    )
  }
})
