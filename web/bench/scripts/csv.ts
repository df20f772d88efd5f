// One CSV, types inferred, grouped and summed: in the tab, as a File in place and from its private files, and natively.
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { OUT_FILE } from '../src/csv.ts'
import { csvSums } from '../src/flows.ts'
import type { Bench } from '../src/page.ts'
import { hasNative, runNative } from './native.ts'
import type { Order } from './order.ts'
import { median, type Line, type Section } from './report.ts'

declare const bench: Bench

const FULL_MB = 200
const QUICK_MB = 20
const REGIONS = ['north', 'south', 'east', 'west', 'coast', 'islands', 'capital', 'border']
const NOTES = ['', 'call before nine', '"rings twice, then waits"', 'gift', 'leave with a neighbour']
const BLOCK_ROWS = 20_000

/** A generator of numbers that is the same on every machine. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function block(from: number, random: (below: number) => number): string {
  let text = ''
  for (let id = from; id < from + BLOCK_ROWS; id++) {
    const time = new Date(1_772_600_000_000 + id * 250).toISOString().slice(0, 19)
    const price = `${random(999)}.${String(random(100)).padStart(2, '0')}`
    const product = `product-${String(random(1000)).padStart(4, '0')}`
    text += `${id},${time}Z,${REGIONS[random(8)] ?? ''},${product},${1 + random(100)},${price},${NOTES[random(5)] ?? ''}\n`
  }
  return text
}

function makeCsv(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  const random = makeRandom(7)
  writeSync(file, 'id,timestamp,region,product,quantity,price,note\n')
  for (let written = 0, id = 0; written < bytes; id += BLOCK_ROWS) written += writeSync(file, block(id, random))
  closeSync(file)
}

export async function csv(page: Page, folder: string, order: Order): Promise<Section> {
  const path = join(folder, 'sales.csv')
  makeCsv(path, (order.quick ? QUICK_MB : FULL_MB) * 1e6)
  const bytes = statSync(path).size
  const flow = JSON.stringify(csvSums('sales.csv', OUT_FILE))
  const nativeFlow = join(folder, 'csv.flow.json')
  const nativeOut = join(folder, OUT_FILE)
  writeFileSync(nativeFlow, JSON.stringify(csvSums(path, nativeOut)))
  await page.setInputFiles('#file', path)
  const rates = new Map<string, number[]>()
  for (let run = -1; run < order.runs; run++) {
    const texts: [string, number, string][] = []
    for (const where of ['file', 'private'] as const) {
      const seen = await page.evaluate(({ flow, where }) => bench.readCsv(flow, where), { flow, where })
      texts.push([where, seen.seconds, seen.text])
    }
    if (hasNative) texts.push(['native', runNative(nativeFlow), readFileSync(nativeOut, 'utf8')])
    for (const [where, seconds, text] of texts) {
      if (text !== texts[0]?.[2] || text.split('\n').length !== REGIONS.length + 2) {
        throw new Error(`the sums of '${where}' differ: ${text.slice(0, 300)}`)
      }
      if (run >= 0) rates.set(where, [...(rates.get(where) ?? []), bytes / 1e6 / seconds])
    }
  }
  return sectionOf(bytes, rates, order)
}

function sectionOf(bytes: number, rates: Map<string, number[]>, order: Order): Section {
  const rate = (where: string): number => median(rates.get(where) ?? [])
  const lines: Line[] = [
    { label: 'a File, in place', value: rate('file') },
    { label: 'a file of the private file system', value: rate('private') }
  ]
  if (hasNative)
    lines.push({ label: 'native, one worker', value: rate('native'), ratio: rate('file') / rate('native') })
  return {
    name: 'csv',
    title: `${(bytes / 1e6).toFixed(0)} MB of CSV in one tab, grouped and summed; medians of ${order.runs}`,
    unit: 'MB/s',
    lines,
    goals: !hasNative
      ? []
      : (['file', 'private'] as const).map((where) => ({
          goal: where === 'file' ? 'share of native, in place' : 'share of native, private files',
          value: rate(where) / rate('native'),
          wanted: 1 / 3,
          better: 'more' as const
        }))
  }
}
