// Files that a person gives to a page: dropped folders, many small files, odd names, a picked folder, changes meanwhile.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowOf, type Flow } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness
declare global {
  interface Window {
    dropped?: ReturnType<Harness['droppedFiles']>
  }
}

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const TIMEOUT_MS = 180_000

/** Counts the rows of each file. */
const perFile = (path: string, out = 'out/files.csv'): Flow =>
  flowOf(
    [
      { id: 'read', typeId: 'files/text-read', settings: { path, skipEmpty: true } },
      { id: 'count', typeId: 'aggregate/group', settings: { keys: ['file'] } },
      { id: 'write', typeId: 'files/csv-write', settings: { path: out } }
    ],
    [
      ['read', 'count'],
      ['count', 'write']
    ]
  )

describe.skipIf(!isBuilt)('Files that were given to a page in Chromium', { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let site: Site
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-given-'))
    site = await harnessSite()
    browser = await launch()
  }, TIMEOUT_MS)

  beforeEach(async () => {
    page = await openHarness(browser, site.url)
    return () => page.close()
  })

  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function put(path: string, text: string): void {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  /** As a person drags them from the desktop. */
  async function drop(...names: string[]): Promise<void> {
    await page.evaluate(() => {
      addEventListener('dragover', (event) => {
        event.preventDefault()
      })
      addEventListener('drop', (event: DragEvent) => {
        event.preventDefault()
        if (event.dataTransfer) window.dropped = harness.droppedFiles(event.dataTransfer)
      })
    })
    const session = await page.context().newCDPSession(page)
    const data = { items: [], files: names.map((name) => join(folder, name)), dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data })
    }
    await page.waitForFunction(() => window.dropped !== undefined)
  }

  /** Runs over what was dropped; gives the paths and the file that was written. */
  async function overDropped(flow: Flow): Promise<{ paths: string[]; handles: number; text: string; why?: string }> {
    return page.evaluate(async (document) => {
      const dropped = await window.dropped
      const files = dropped?.files ?? []
      const paths = files.map((one) => one.path)
      const handles = files.filter((one) => one.handle !== undefined).length
      const engine = await harness.engine()
      const out = { kind: 'private' as const, path: 'given' }
      const project = { kind: 'layers' as const, layers: [out, { kind: 'files' as const, files }] }
      const run = await engine.run(document, { folders: { project } })
      const { error } = await run.result
      engine.close()
      if (error) return { paths, handles, text: '', why: `${error.code}: ${error.message}` }
      const own = await (await navigator.storage.getDirectory()).getDirectoryHandle('given')
      const made = await (await own.getDirectoryHandle('out')).getFileHandle('files.csv')
      return { paths, handles, text: await (await made.getFile()).text() }
    }, flow)
  }

  it('keeps files of the same name in several dropped folders apart', async () => {
    put('june/day.log', 'a\nb\n')
    put('july/day.log', 'c\n')
    put('july/deep/er/still/day.log', 'd\ne\nf\n')
    put('july/.hidden/secret.log', 'x\n')
    put('day.log', 'g\n')
    await drop('june', 'july', 'day.log')
    const { paths, text, why } = await overDropped(perFile('**/*.log'))
    expect(why).toBeUndefined()
    expect(paths).toEqual(['day.log', 'july/day.log', 'july/deep/er/still/day.log', 'june/day.log'])
    expect(text).toBe('file,count\nday.log,1\njuly/day.log,1\njuly/deep/er/still/day.log,3\njune/day.log,2\n')
  })

  it('drops the name of the only folder that was dropped', async () => {
    put('only/a.log', '1\n')
    put('only/b/c.log', '2\n')
    await drop('only')
    expect((await overDropped(perFile('**/*.log'))).text).toBe('file,count\na.log,1\nb/c.log,1\n')
  })

  it('reads files whatever their names are', async () => {
    const names = [
      "it's 100% #1 & more?.log",
      'tab\there.log',
      'z:colon.log',
      'Zoë 日本 🙂.log',
      'e\u0301.log',
      '[a]{b}.log'
    ]
    for (const name of names) put(`odd/${name}`, 'line\n')
    await drop('odd')
    const { text, why } = await overDropped(perFile('*.log'))
    expect(why).toBeUndefined()
    for (const name of names) expect(text).toContain(name)
    expect(text.trim().split('\n')).toHaveLength(names.length + 1)
  })

  it('runs over 10,000 small files, and tells how far it is', async () => {
    const seen = await page.evaluate(async (document) => {
      const files = Array.from({ length: 10_000 }, (_, i) => ({
        path: `many/${i % 100}/${i}.log`,
        file: new File([`one ${i}\ntwo\n`], `${i}.log`)
      }))
      const engine = await harness.engine()
      const out = { kind: 'private' as const, path: 'many' }
      const project = { kind: 'layers' as const, layers: [out, { kind: 'files' as const, files }] }
      const began = performance.now()
      const run = await engine.run(document, { folders: { project } })
      const watcher = run.watch()
      let told = 0
      watcher.onMessage(() => {
        told += 1
      })
      await watcher.ask('subscribe', { kind: 'metrics' })
      const { outcome, error } = await run.result
      const ms = performance.now() - began
      engine.close()
      const own = await (await navigator.storage.getDirectory()).getDirectoryHandle('many')
      const made = await (await own.getDirectoryHandle('out')).getFileHandle('files.csv')
      const lines = (await (await made.getFile()).text()).trim().split('\n')
      return { outcome, error, ms, told, lines: lines.length, last: lines.at(-1) }
    }, perFile('many/**/*.log'))
    console.log(`10,000 files: ${seen.ms.toFixed(0)} ms`)
    expect(seen).toMatchObject({ outcome: 'done', lines: 10_001 })
    expect(seen.last).toMatch(/,2$/)
    expect(seen.told).toBeGreaterThan(2)
  })

  it('reads and writes a picked folder', async () => {
    // The private file system gives the same handles as a picker, without asking.
    const text = await page.evaluate(async (document) => {
      const root = await navigator.storage.getDirectory()
      const picked = await root.getDirectoryHandle('picked', { create: true })
      const logs = await picked.getDirectoryHandle('logs', { create: true })
      for (const name of ['a.log', 'b.log']) {
        const writable = await (await logs.getFileHandle(name, { create: true })).createWritable()
        await writable.write(`${name}\nmore\n`)
        await writable.close()
      }
      const engine = await harness.engine()
      const run = await engine.run(document, { folders: { project: { kind: 'picked', handle: picked } } })
      const { error } = await run.result
      engine.close()
      if (error) return `${error.code}: ${error.message}`
      const made = await (await picked.getDirectoryHandle('out')).getFileHandle('files.csv')
      return (await made.getFile()).text()
    }, perFile('logs/*.log'))
    expect(text).toBe('file,count\nlogs/a.log,2\nlogs/b.log,2\n')
  })

  it('names the file that was changed while it was read', async () => {
    put('grows/big.log', 'some line of a log file\n'.repeat(400_000))
    await drop('grows')
    const flow = flowOf([{ id: 'read', typeId: 'files/text-read', settings: { path: '*.log' } }], [])
    await page.evaluate(async (document) => {
      const files = (await window.dropped)?.files ?? []
      const engine = await harness.engine()
      const project = { kind: 'files' as const, files }
      const run = await engine.run(document, { folders: { project }, outlets: [{ node: 'read', port: 'rows' }] })
      const reader = run.outlet('read', 'rows').getReader()
      await reader.read()
      const rest = async (): Promise<void> => {
        while (!(await reader.read()).done);
      }
      Object.assign(globalThis, { going: { run, rest } })
    }, flow)
    put('grows/big.log', 'cut\n')
    const result = await page.evaluate(async () => {
      const { run, rest } = (globalThis as unknown as { going: Going }).going
      await rest().catch(() => undefined)
      return { ...(await run.result), letters: await run.deadLetters() }
    })
    // Of many files the others are still read: what became of this one is a dead letter.
    expect(result).toMatchObject({ outcome: 'done', exitCode: 3, errorsByCode: { 'files.changed': 1 } })
    expect(JSON.stringify(result.letters)).toContain("'big.log' cannot be read any more: it was changed or removed")
  })
})

interface Going {
  run: Awaited<ReturnType<Awaited<ReturnType<Harness['engine']>>['run']>>
  rest: () => Promise<void>
}
