// R19: every node's cases give the same bytes in Chromium as in Node.js, which tests/wasm/run.mjs holds equal to native.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { launch, opened, pathOf } from './site.ts'

const MODULE = pathOf('../../../build/wasm/weir-cases.wasm')
const NODES = pathOf('../../../nodes')
const isBuilt = existsSync(MODULE) && existsSync('/usr/bin/chromium')

interface Cases {
  node: string
  text: string
}

function allCases(): Cases[] {
  return readdirSync(NODES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/cases.json'))
    .sort()
    .map((path) => ({
      node: path.split('/').slice(0, 2).join('/'),
      text: readFileSync(join(NODES, path), 'utf8')
    }))
}

/** Runs in Node.js and, as it stands, in the page. `module`: bytes, or where to fetch them. A report for each. */
async function runCases({ module, all }: { module: string | number[]; all: Cases[] }): Promise<string[]> {
  const refuse = (): never => {
    throw new Error('a node case called the host')
  }
  const compiled =
    typeof module === 'string'
      ? await WebAssembly.compileStreaming(fetch(module))
      : await WebAssembly.compile(new Uint8Array(module))
  const imports = Object.fromEntries(WebAssembly.Module.imports(compiled).map((one) => [one.name, refuse]))
  const exports = (await WebAssembly.instantiate(compiled, { weir: imports })).exports as unknown as {
    memory: WebAssembly.Memory
    _initialize?: () => void
    weir_alloc(bytes: number): number
    weir_release(at: number): void
    weir_run_cases(node: number, nodeBytes: number, text: number, textBytes: number, seed: number): number
  }
  exports._initialize?.()
  const encoder = new TextEncoder()
  const handIn = (bytes: Uint8Array): number => {
    const at = exports.weir_alloc(Math.max(bytes.length, 1))
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes)
    return at
  }
  return all.map(({ node, text }) => {
    const [name, cases] = [encoder.encode(node), encoder.encode(text)]
    const [nameAt, casesAt] = [handIn(name), handIn(cases)]
    const report = exports.weir_run_cases(nameAt, name.length, casesAt, cases.length, 1)
    const view = new DataView(exports.memory.buffer)
    const [from, bytes] = [view.getUint32(report, true), view.getUint32(report + 4, true)]
    const copy = new TextDecoder().decode(new Uint8Array(exports.memory.buffer.slice(from, from + bytes)))
    exports.weir_release(nameAt)
    exports.weir_release(casesAt)
    return copy
  })
}

it.skipIf(!isBuilt)('runs every node case in Chromium, byte by byte as in Node.js', { timeout: 300_000 }, async () => {
  const all = allCases()
  const here = await runCases({ module: Array.from(readFileSync(MODULE)), all })
  const folder = mkdtempSync(join(tmpdir(), 'weir-cases-'))
  copyFileSync(MODULE, join(folder, 'weir-cases.wasm'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><meta charset="utf-8"><title>cases</title>')
  const site = await opened(folder, {}, true)
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(site.url)
    const there = await page.evaluate(runCases, { module: '/weir-cases.wasm', all })
    expect(all.length).toBeGreaterThan(40)
    for (const [i, { node }] of all.entries()) expect(there[i], node).toBe(here[i])
    const outcomes = there
      .join('\n')
      .split('\n')
      .filter((line) => line !== '')
    expect(outcomes.filter((line) => (JSON.parse(line) as { outcome: string }).outcome === 'fail')).toEqual([])
    expect(outcomes.length).toBeGreaterThan(200)
  } finally {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
