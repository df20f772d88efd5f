// Runs in workers of a page: rows within credits, traps, warm workers, files, under a strict policy.
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { counting, flowOf, regionSums } from './flows.ts'
import type { Harness } from './harness.ts'
import { trappingAt } from './trapping-module.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

describe.skipIf(!isBuilt)('BrowserEngine in Chromium', () => {
  let site: Site
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    site = await harnessSite({}, (folder) => {
      const module = readFileSync(join(folder, 'weir.wasm'))
      writeFileSync(join(folder, 'trapping.wasm'), trappingAt(module, 'weir_run_drain'))
    })
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    site.close()
  })
  beforeEach(async () => {
    page = await openHarness(browser, site.url)
  })
  afterEach(async () => {
    expect(await page.evaluate(() => harness.violations)).toEqual([])
    await page.close()
  })

  it('runs a flow in a worker and gives the rows of a port as columns', async () => {
    const flow = flowOf(
      [counting(100_000), { id: 'double', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }],
      [['count', 'double']]
    )
    const seen = await page.evaluate(async (document) => {
      const engine = await harness.engine()
      const run = await engine.run(document, { outlets: [{ node: 'double', port: 'rows' }] })
      let rows = 0
      let wrong = 0
      for await (const batch of run.outlet('double', 'rows')) {
        const ids = batch.columns.find((column) => column.name === 'id')?.values as BigInt64Array
        const twice = batch.columns.find((column) => column.name === 'twice')?.values as BigInt64Array
        for (let i = 0; i < batch.rows; i++) if (twice[i] !== 2n * (ids[i] ?? 0n)) wrong++
        rows += batch.rows
        run.giveBack(batch)
      }
      return { rows, wrong, result: await run.result, isolated: crossOriginIsolated }
    }, flow)
    expect(seen).toMatchObject({ rows: 100_000, wrong: 0, result: { outcome: 'done' }, isolated: true })
  })

  it('stops the source while the page does not read, in bounded memory', async () => {
    const seen = await page.evaluate(
      async (document) => {
        const engine = await harness.engine()
        const run = await engine.run(document, { outlets: [{ node: 'count', port: 'rows' }] })
        const reader = run.outlet('count', 'rows').getReader()
        await reader.read()
        const watcher = run.watch()
        const produced: number[] = []
        watcher.onMessage((message) => {
          if (message.type !== 'metrics') return
          const { nodes } = message.data as { nodes: { id: string; rowsOut: number }[] }
          produced.push(nodes.find((node) => node.id === 'count')?.rowsOut ?? 0)
        })
        await watcher.ask('subscribe', { kind: 'metrics' })
        while (produced.length < 12) await new Promise((resolve) => setTimeout(resolve, 50))
        run.cancel()
        return { produced, result: await run.result }
      },
      flowOf([counting(2_000_000_000)], [])
    )
    const last = seen.produced.at(-1) ?? 0
    expect(last).toBeGreaterThan(0)
    expect(last).toBeLessThan(2_000_000)
    expect(last).toBe(seen.produced.at(-5))
    expect(seen.result.outcome).toBe('cancelled')
  })

  it('takes rows that the page writes, and gives them as objects', async () => {
    const flow = flowOf(
      [
        { id: 'in', typeId: 'page/inlet' },
        { id: 'big', typeId: 'logic/filter', settings: { condition: 'row.value > 10' } }
      ],
      [['in', 'big']]
    )
    const rows = await page.evaluate(async (document) => {
      const engine = await harness.engine()
      const run = await engine.run(document, { outlets: [{ node: 'big', port: 'match' }] })
      const found: unknown[] = []
      const read = (async () => {
        for await (const row of run.rows('big', 'match')) found.push(row)
      })()
      const writer = run.inlet('in').getWriter()
      for (let value = 0; value < 50; value++) await writer.write([{ value }])
      await writer.close()
      await read
      return found
    }, flow)
    expect(rows).toEqual(Array.from({ length: 39 }, (_, i) => ({ value: i + 11 })))
  })

  it('gives each run a worker, keeps some warm, and lets runs past the bound wait', async () => {
    const seen = await page.evaluate(
      async ({ slow, quick }) => {
        const engine = await harness.engine({ warm: 1, mostRuns: 2 })
        const [first, second] = await Promise.all([engine.run(slow), engine.run(slow)])
        const during = engine.workers
        let began = false
        const third = engine.run(quick).then(async (run) => {
          began = true
          return (await run.result).outcome
        })
        await new Promise((resolve) => setTimeout(resolve, 200))
        const early = began
        first.cancel()
        const outcome = await third
        second.cancel()
        await second.result
        while (engine.workers > 1) await new Promise((resolve) => setTimeout(resolve, 20))
        return { during, early, outcome, after: engine.workers }
      },
      { slow: flowOf([counting(1_000_000, { rate: 10 })], []), quick: flowOf([counting(10)], []) }
    )
    expect(seen).toEqual({ during: 2, early: false, outcome: 'done', after: 1 })
  })

  it('says all that is wrong with a document, and which nodes cannot run in a page', async () => {
    const bad = flowOf([{ id: 'x', typeId: 'logic/flter' }, counting(1)], [['count', 'nobody']])
    const hook = flowOf([{ id: 'hook', typeId: 'http/webhook', settings: { path: '/x' } }], [])
    const seen = await page.evaluate(
      async ({ bad, hook }) => {
        const engine = await harness.engine()
        const failure = (await engine.run(bad).catch((reason: unknown) => reason)) as {
          name: string
          problems: { code: string }[]
        }
        return {
          problems: failure.problems.map((one) => one.code),
          elsewhere: (await engine.validate(hook)).elsewhere,
          nodes: (await engine.nodes()).length
        }
      },
      { bad, hook }
    )
    expect(seen.problems).toContain('flow.unknown_type')
    expect(seen.elsewhere).toEqual([{ node: 'hook', typeId: 'http/webhook', hosts: ['native', 'server'] }])
    expect(seen.nodes).toBeGreaterThan(40)
  })

  it('compares and merges versions of a flow in a worker', async () => {
    const version = (rows: number, condition: string): object =>
      flowOf([counting(rows), { id: 'few', typeId: 'logic/filter', settings: { condition } }], [['count', 'few']])
    const seen = await page.evaluate(
      async ({ base, ours, theirs }) => {
        const engine = await harness.engine()
        const { summary } = await engine.diff(base, ours)
        const { text, conflicts } = await engine.merge({ base, ours, theirs })
        const failure = (await engine.merge({ ours, theirs: '{' }).catch((reason: unknown) => reason)) as {
          name: string
          document?: string
        }
        return { summary, rest: (await engine.diff(theirs, text)).summary, conflicts, document: failure.document }
      },
      {
        base: JSON.stringify(version(5, 'row.id > 1')),
        ours: JSON.stringify(version(6, 'row.id > 1')),
        theirs: JSON.stringify(version(5, 'row.id > 2'))
      }
    )
    expect(seen).toEqual({ summary: '1 node changed', rest: '1 node changed', conflicts: [], document: 'theirs' })
  })

  it('reads files that were given, in place, and publishes what it writes to the private file system', async () => {
    const text = await page.evaluate(async (document) => {
      const engine = await harness.engine()
      const given = new File(['region,amount\nnorth,2\nsouth,3\nnorth,4\n'], 'in.csv')
      const run = await engine.run(document, {
        folders: {
          project: { kind: 'layers', layers: [{ kind: 'private', path: 'demo' }, harness.filesSource([given])] }
        }
      })
      const result = await run.result
      if (result.outcome !== 'done') return JSON.stringify(result)
      const demo = await (await navigator.storage.getDirectory()).getDirectoryHandle('demo')
      const out = await demo.getDirectoryHandle('out')
      return (await (await out.getFileHandle('sums.csv')).getFile()).text()
    }, regionSums('in.csv'))
    expect(text).toBe('region,sum\nnorth,6\nsouth,3\n')
  })

  it('says that a file was changed after it was chosen', async () => {
    const path = join(site.folder, 'chosen.csv')
    writeFileSync(path, 'region,amount\nnorth,2\n')
    await page.evaluate(() => {
      const input = document.createElement('input')
      input.type = 'file'
      document.body.append(input)
    })
    await page.setInputFiles('input', path)
    // Chromium looks at a chosen file when it is first asked for, and tells times apart by the second.
    await page.evaluate(() => document.querySelector('input')?.files?.[0]?.text())
    writeFileSync(path, 'region,amount\nnorth,2\nsouth,3\nand,4\n')
    const later = Date.now() / 1000 + 5
    utimesSync(path, later, later)
    const result = await page.evaluate(async (document_) => {
      const engine = await harness.engine()
      const files = document.querySelector('input')?.files ?? []
      const layers = [{ kind: 'memory' as const }, harness.filesSource(files)]
      const run = await engine.run(document_, { folders: { project: { kind: 'layers', layers } } })
      return run.result
    }, regionSums('chosen.csv'))
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'files.changed' } })
    expect(result.error?.message).toContain('changed')
  })

  it('reports a run whose engine traps as failed, starts a new worker, and loses nothing else', async () => {
    const seen = await page.evaluate(
      async ({ steady, quick }) => {
        const engine = await harness.engine({ module: '/trapping.wasm' })
        const outlets = [{ node: 'count', port: 'rows' }]
        const [other, victim] = await Promise.all([engine.run(steady, { outlets }), engine.run(steady, { outlets })])
        const read = (async () => {
          let rows = 0
          for await (const batch of other.outlet('count', 'rows')) rows += batch.rows
          return rows
        })()
        const reader = victim.outlet('count', 'rows').getReader()
        await reader.read()
        victim.drain()
        const why = (await victim.result.catch((reason: unknown) => reason)) as { code: string; message: string }
        const drained = async (): Promise<unknown> => {
          while (!(await reader.read()).done);
          return undefined
        }
        const cut = (await drained().catch((reason: unknown) => reason)) as { code?: string } | undefined
        const next = await (await engine.run(quick)).result
        return { code: why.code, message: why.message, cut: cut?.code, next: next.outcome, rows: await read }
      },
      { steady: flowOf([counting(300, { rate: 200, batchRows: 10 })], []), quick: flowOf([counting(10)], []) }
    )
    expect(seen).toMatchObject({ code: 'bug.trap', cut: 'bug.trap', next: 'done', rows: 300 })
    expect(seen.message).toContain('unreachable')
  })
})
