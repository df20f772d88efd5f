// R19: every golden flow writes the same bytes natively, in wasm in Node.js, and in a tab of Chromium.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Harness } from '../harness.ts'
import { harnessSite, launch, openHarness, type Site } from '../site.ts'
import { goldenFlows, type GoldenFlow } from './golden-flows.ts'
import { MODULE, put, runInNode, runNatively, WEIR, type Made } from './golden-runs.ts'

declare const harness: Harness

const isBuilt = existsSync(MODULE) && existsSync(WEIR)
const TIMEOUT_MS = 300_000

/** The inputs are fetched from the site, the files are read out of the private file system. */
async function runInPage(page: Page, golden: GoldenFlow): Promise<Made> {
  const { name, flow, parameters } = golden
  const seen = await page.evaluate(
    async ({ name, flow, parameters, paths }) => {
      const files = await Promise.all(
        paths.map(async (path) => {
          const answer = await fetch(`/golden/${name}/${path}`)
          return { path, file: new File([await answer.blob()], path.split('/').pop() ?? '') }
        })
      )
      const out = `golden/${name}`
      const project = {
        kind: 'layers' as const,
        layers: [
          { kind: 'private' as const, path: out },
          { kind: 'files' as const, files }
        ]
      }
      const engine = await harness.engine()
      const run = await engine.run(flow as unknown as Record<string, unknown>, {
        parameters,
        seed: 1,
        folders: { project }
      })
      const { exitCode, error } = await run.result
      run.dispose()
      engine.close()
      const made: Record<string, string> = {}
      async function read(folder: FileSystemDirectoryHandle, prefix: string): Promise<void> {
        for await (const [entry, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
          if (handle.kind === 'directory') await read(handle as FileSystemDirectoryHandle, `${prefix}${entry}/`)
          else {
            const bytes = new Uint8Array(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer())
            const parts = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, i) =>
              String.fromCharCode(...bytes.subarray(i * 8192, (i + 1) * 8192))
            )
            made[prefix + entry] = btoa(parts.join(''))
          }
        }
      }
      let folder = await navigator.storage.getDirectory()
      for (const part of out.split('/')) folder = await folder.getDirectoryHandle(part)
      await read(folder, '')
      return { exitCode, error, made }
    },
    { name, flow, parameters, paths: Object.keys(golden.inputs) }
  )
  if (seen.error) throw new Error(`${name}: ${seen.error.code}: ${seen.error.message}`)
  const made = Object.entries(seen.made).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    exitCode: seen.exitCode,
    files: Object.fromEntries(made.map(([path, text]) => [path, Buffer.from(text, 'base64')]))
  }
}

function expectSame(made: Made, native: Made): void {
  expect(made.exitCode).toBe(native.exitCode)
  expect(Object.keys(made.files).sort()).toEqual(Object.keys(native.files).sort())
  for (const [path, bytes] of Object.entries(native.files)) {
    const other = made.files[path] ?? Buffer.alloc(0)
    // Where they differ is worth more than megabytes of text.
    const at = other.equals(bytes) ? -1 : [...bytes].findIndex((byte, i) => byte !== other[i])
    expect({ path, at, size: other.length }).toEqual({ path, at: -1, size: bytes.length })
  }
}

describe.skipIf(!isBuilt)('R19: a golden flow writes the bytes that it writes natively', () => {
  const all = isBuilt ? goldenFlows() : []
  const native = new Map<string, Made>()
  let site: Site | undefined
  let browser: Browser | undefined
  let page: Page

  beforeAll(async () => {
    for (const golden of all) native.set(golden.name, runNatively(golden))
    if (!existsSync('/usr/bin/chromium')) return
    site = await harnessSite({}, (folder) => {
      for (const golden of all) {
        const own = join(folder, 'golden', golden.name)
        mkdirSync(own, { recursive: true })
        put(own, golden)
      }
    })
    browser = await launch()
    page = await openHarness(browser, site.url)
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  it('has something to compare', () => {
    expect(all.length).toBeGreaterThan(10)
    for (const { name } of all) expect(Object.keys(native.get(name)?.files ?? {}), name).not.toEqual([])
  })

  for (const golden of all) {
    const expected = (): Made => native.get(golden.name) ?? { exitCode: -1, files: {} }
    it(`${golden.name}, in Node.js`, { timeout: TIMEOUT_MS }, async () => {
      expectSame(await runInNode(golden), expected())
    })
    it.skipIf(!existsSync('/usr/bin/chromium'))(`${golden.name}, in Chromium`, { timeout: TIMEOUT_MS }, async () => {
      expectSame(await runInPage(page, golden), expected())
    })
  }
})
