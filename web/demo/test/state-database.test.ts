// R18: state in IndexedDB keeps the contract of stores, in Chromium; and what temporary files leave behind.
import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { brokenPromises } from '../../engine-client/test/state-contract.ts'
import { flowOf } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const TIMEOUT_MS = 120_000

describe.skipIf(!isBuilt)('What a run keeps in Chromium', { timeout: TIMEOUT_MS }, () => {
  let site: Site
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    site = await harnessSite()
    browser = await launch()
    page = await openHarness(browser, site.url)
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
  })

  it('R18: state in IndexedDB keeps the contract of stores', async () => {
    const broken = await page.evaluate(`(${brokenPromises.toString()})(new harness.StateDatabase('contract'), 'f')`)
    expect(broken).toEqual([])
  })

  it('gives the room of temporary files back, and removes those of workers that ended', async () => {
    const spilling = flowOf(
      [
        { id: 'count', typeId: 'generate/pattern', settings: { pattern: 'sequential', rows: 120_000 } },
        { id: 'sort', typeId: 'aggregate/sort', settings: { keys: [{ of: '-row.id' }], memoryBytes: '1MiB' } }
      ],
      [['count', 'sort']]
    )
    const seen = await page.evaluate(async (flow) => {
      async function sizes(): Promise<number[]> {
        const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('.weir-temporary')
        const found: number[] = []
        const { values } = all as unknown as { values: () => AsyncIterable<FileSystemDirectoryHandle> }
        for await (const worker of values.call(all)) {
          found.push((await (await worker.getFileHandle('blocks')).getFile()).size)
        }
        return found
      }
      const engine = await harness.engine({ warm: 1 })
      const run = await engine.run(flow, { outlets: [{ node: 'sort', port: 'rows' }] })
      let most = 0
      let last = Infinity
      let inOrder = true
      let rows = 0
      for await (const row of run.rows('sort', 'rows')) {
        const { id } = row as { id: number }
        inOrder &&= id < last
        last = id
        rows += 1
        if (rows % 40_000 === 1) most = Math.max(most, ...(await sizes()))
      }
      await run.result
      run.dispose()
      const after = await sizes()
      engine.close()
      const next = await harness.engine({ warm: 1 })
      await (
        await next.run(flow, {})
      ).result
      const left = (await sizes()).length
      next.close()
      return { rows, inOrder, most, after, left }
    }, spilling)
    expect(seen).toMatchObject({ rows: 120_000, inOrder: true, after: [0], left: 1 })
    expect(seen.most).toBeGreaterThan(1 << 20)
  })
})
