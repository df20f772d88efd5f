// The benchmarks of the engine in a browser: ours and peers in one page of Chromium, in one run.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canvas } from './canvas.ts'
import { csv } from './csv.ts'
import { fiveStages } from './five-stages.ts'
import { hasNative } from './native.ts'
import { readOrder, type Order } from './order.ts'
import { pathOf } from './places.ts'
import { isMet, print, type Section } from './report.ts'
import { CHROMIUM, buildSite, openBrowser, openPage, serveSite } from './site.ts'
import { start } from './start.ts'
import { studio } from './studio.ts'
import { latency, widgets } from './widgets.ts'

/** Runs what was asked for, prints it, and writes it as JSON. */
async function measure(order: Order): Promise<Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-web-'))
  await buildSite(join(folder, 'site'))
  const site = await serveSite(join(folder, 'site'))
  const context = await openBrowser(join(folder, 'profile'))
  const sections: Section[] = []
  try {
    const page = await openPage(context, site.url)
    await page.waitForFunction(() => 'bench' in globalThis)
    const parts: [string, () => Promise<Section | Section[]>][] = [
      ['five-stages', () => fiveStages(page, folder, order)],
      ['csv', () => csv(page, folder, order)],
      ['latency', () => latency(page, order)],
      ['widgets', () => widgets(page, order)],
      ['start', () => start(context, site.url, folder, order)],
      ['canvas', () => canvas(folder, order)],
      ['studio', () => studio(folder, order)]
    ]
    if (order.only !== '' && !parts.some(([name]) => name === order.only)) {
      throw new Error(`there is no part '${order.only}'; there are ${parts.map(([name]) => name).join(', ')}`)
    }
    for (const [name, part] of parts) {
      if (order.only !== '' && order.only !== name) continue
      await page.bringToFront()
      const made = [await part()].flat()
      made.forEach(print)
      sections.push(...made)
    }
  } finally {
    await context.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return sections
}

/** Gives the exit code: figures that miss a goal are told, and are no failure. */
export async function main(words: readonly string[]): Promise<number> {
  const order = readOrder(words, pathOf('build/bench-web.json'))
  for (const [file, what] of [
    [CHROMIUM, 'Chromium is not installed'],
    [pathOf('build/wasm/weir.wasm'), 'the engine for WebAssembly is not built: make wasm']
  ] as const) {
    if (existsSync(file)) continue
    console.error(`bench-web: ${file} is missing: ${what}`)
    return 1
  }
  if (!hasNative) console.log('bench-web: build/bin/weir is missing, so nothing is compared with the native engine')
  const sections = await measure(order)
  const told = sections.map((section) => ({
    ...section,
    goals: section.goals.map((goal) => ({ ...goal, met: isMet(goal) }))
  }))
  mkdirSync(pathOf('build'), { recursive: true })
  writeFileSync(order.json, `${JSON.stringify({ quick: order.quick, runs: order.runs, sections: told }, null, 2)}\n`)
  console.log(`\nbench-web: written to ${order.json}`)
  return 0
}
