// Five stages: ours in one worker of the page, in Node.js and natively; peers on the page's thread, in a worker, in Node.js.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { LocalEngine } from '@weir/engine-client'
import { fiveStagesSummed } from '../src/flows.ts'
import type { Bench } from '../src/page.ts'
import { PEERS, runPeer, type Peer, type Timed } from '../src/peers.ts'
import { hasNative, runNative } from './native.ts'
import type { Order } from './order.ts'
import { pathOf } from './places.ts'
import { median, type Goal, type Line, type Section } from './report.ts'

declare const bench: Bench

const FLOW = pathOf('bench/flows/five-stage.flow.json')
const NAMES: Record<Peer, string> = {
  closures: 'plain closures',
  handWritten: 'one loop written by hand',
  rxjs: 'RxJS operators',
  rxjsSubject: 'RxJS, one Subject.next a row',
  webStreams: 'Web Streams, a row a chunk',
  webStreamsOf1000: 'Web Streams, 1,000 rows a chunk'
}
/** Rows that take each about as long as the others. */
const ROWS: Record<Peer, number> = {
  closures: 20_000_000,
  handWritten: 100_000_000,
  rxjs: 8_000_000,
  rxjsSubject: 6_000_000,
  webStreams: 40_000,
  webStreamsOf1000: 4_000_000
}
const OURS = 100_000_000
const MILLION = 1e6
type Rates = Map<string, number[]>

/** What `rows` rows give in the end: 0.9 of them, each `2 * id`. */
function expected(rows: number): { rows: number; sum: number } {
  const tens = Math.ceil(rows / 10)
  return { rows: rows - tens, sum: rows * (rows - 1) - 10 * tens * (tens - 1) }
}

function check(label: string, rows: number, got: { rows: number; sum: number }): void {
  const wanted = expected(rows)
  // Doubles that were added one after another lose the last digits of a large sum.
  const near = Math.abs(got.sum - wanted.sum) <= wanted.sum * 1e-9
  if (got.rows === wanted.rows && near) return
  throw new Error(`${label}: ${got.rows} rows and sum ${got.sum}, expected ${wanted.rows} and ${wanted.sum}`)
}

class Rounds {
  readonly rates: Rates = new Map()

  constructor(
    private readonly page: Page,
    private readonly local: LocalEngine,
    private readonly summedFile: string,
    private readonly scale: number
  ) {}

  async all(warm: boolean): Promise<void> {
    const scale = warm ? this.scale / 10 : this.scale
    const rows = Math.round(OURS * scale)
    const flow = readFileSync(FLOW, 'utf8')
    const summed = JSON.stringify(fiveStagesSummed(rows))
    const keep = (label: string, rate: number): void => {
      if (!warm) this.rates.set(label, [...(this.rates.get(label) ?? []), rate])
    }
    keep('ours, one worker', (await this.inPage(flow, rows)) / MILLION)
    keep('ours, one worker, values summed too', (await this.inPage(summed, rows, true)) / MILLION)
    keep('ours in Node.js', (await this.inNode(flow, rows)) / MILLION)
    if (hasNative) {
      keep('ours, native, one worker', rows / runNative(FLOW, { rows }) / MILLION)
      writeFileSync(this.summedFile, summed)
      keep('ours, native, values summed too', rows / runNative(this.summedFile) / MILLION)
    }
    for (const peer of PEERS) await this.peer(peer, Math.round(ROWS[peer] * scale), keep)
  }

  private async peer(peer: Peer, rows: number, keep: (label: string, rate: number) => void): Promise<void> {
    const order = { peer, rows }
    const places: [string, Timed][] = [
      ['in a worker', await this.page.evaluate(({ peer, rows }) => bench.peerInWorker(peer, rows), order)],
      ["on the page's thread", await this.page.evaluate(({ peer, rows }) => bench.peer(peer, rows), order)],
      ['in Node.js', await runPeer(peer, rows)]
    ]
    for (const [place, timed] of places) {
      check(`${NAMES[peer]} ${place}`, rows, timed)
      keep(`${NAMES[peer]}, ${place}`, rows / timed.seconds / MILLION)
    }
  }

  private async inPage(flow: string, rows: number, summed = false): Promise<number> {
    const figures = await this.page.evaluate(
      ({ flow, rows, outlet }) => bench.runFlow(flow, outlet === '' ? { rows } : {}, outlet),
      { flow, rows, outlet: summed ? 'count' : '' }
    )
    if (figures.outcome !== 'done') throw new Error(`the run in the page ended with ${figures.outcome}`)
    if (summed) check('ours', rows, figures.rows[0] as { rows: number; sum: number })
    return rows / figures.seconds
  }

  private async inNode(flow: string, rows: number): Promise<number> {
    const from = performance.now()
    const run = await this.local.run(flow, { parameters: { rows } })
    const { outcome } = await run.result
    if (outcome !== 'done') throw new Error(`the run in Node.js ended with ${outcome}`)
    const seconds = (performance.now() - from) / 1000
    run.dispose()
    return rows / seconds
  }
}

export async function fiveStages(page: Page, folder: string, order: Order): Promise<Section> {
  const module = await WebAssembly.compile(readFileSync(pathOf('build/wasm/weir.wasm')))
  const local = await LocalEngine.make(module, { log: () => undefined })
  const rounds = new Rounds(page, local, join(folder, 'summed.flow.json'), order.quick ? 0.1 : 1)
  await rounds.all(true)
  for (let run = 0; run < order.runs; run++) await rounds.all(false)
  local.close()
  const rate = (label: string): number => median(rounds.rates.get(label) ?? [])
  const ours = rate('ours, one worker')
  const lines = [...rounds.rates.keys()].map((label): Line => {
    const base = label.endsWith('in Node.js') ? rate('ours in Node.js') : ours
    const line = { label, value: rate(label) }
    return label === 'ours, one worker' ? line : { ...line, ratio: base / line.value }
  })
  return {
    name: 'five-stages',
    title: `source, x*2+1, drop 1 in 10, x-1, count; medians of ${order.runs}`,
    unit: 'M rows/s',
    lines,
    goals: goalsOf(
      ours,
      (peer) => rate(`${NAMES[peer]}, in a worker`),
      hasNative ? rate('ours, native, one worker') : NaN
    )
  }
}

function goalsOf(ours: number, peer: (peer: Peer) => number, native: number): Goal[] {
  const more = { better: 'more' as const }
  const goals: Goal[] = [
    { goal: 'M rows/s in one worker', value: ours, wanted: 62, ...more },
    { goal: 'M rows/s reached for', value: ours, wanted: 100, ...more },
    { goal: 'times the closures', value: ours / peer('closures'), wanted: 2, ...more },
    { goal: 'times RxJS', value: ours / peer('rxjs'), wanted: 5, ...more },
    { goal: 'times Web Streams, a row a chunk', value: ours / peer('webStreams'), wanted: 1400, ...more }
  ]
  if (!Number.isNaN(native)) goals.push({ goal: '% of native', value: (100 * ours) / native, wanted: 40, ...more })
  return goals
}
