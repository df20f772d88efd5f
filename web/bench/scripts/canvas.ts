// The canvas of the editor against React Flow by itself: the same flows in one page of one browser.
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { buildPage, startSite } from '../../editor/test/canvas/page/site.ts'
import type { CanvasBench, ContestantName } from '../src/canvas/page.ts'
import { hasNodeRed, nodeRed } from './node-red.ts'
import type { Order } from './order.ts'
import { tracePage } from './page-thread.ts'
import { pathOf } from './places.ts'
import { median, quantile } from './report.ts'
import type { Line, Section } from './report.ts'

declare const canvasBench: CanvasBench

const kLiveEdges = 1000

/** Of one contestant at one size. */
interface Figures {
  /** Milliseconds until it is seen. */
  first: number
  moves: Record<Move, MoveFigures>
  /** Megabytes, with live edges. */
  heap: number
  /** Milliseconds of the page's thread for a second of live figures, nothing else going on. */
  live: number
}

const kMoves = ['pan at zoom 0.5', 'pan, all in view', 'zoom', 'drag'] as const
type Move = (typeof kMoves)[number]

interface MoveFigures {
  perSecond: number
  /** Of the page's thread in a frame, by its own clock. */
  own: number
}

export async function canvas(folder: string, order: Order): Promise<Section[]> {
  await buildPage(join(folder, 'canvas'), pathOf('web/bench/src/canvas'))
  const site = await startSite(join(folder, 'canvas'))
  const sizes = order.quick ? [100] : [100, 1000, 5000]
  const sections: Section[] = []
  try {
    for (const nodes of sizes) {
      const page = await site.open({ width: 1200, height: 760 })
      page.setDefaultTimeout(300_000)
      const section = await compare(page, nodes, order)
      await page.close()
      if (hasNodeRed) section.lines.push(...(await beside(site.browser, folder, nodes, section.lines, order)))
      else if (!order.quick) console.log('bench-web: Node-RED is not installed: bench/peers/build installs it')
      sections.push(section)
    }
  } finally {
    await site.close()
  }
  return sections
}

async function compare(page: Page, nodes: number, order: Order): Promise<Section> {
  const ms = order.quick ? 400 : 2500
  const own = await measure(page, 'ours', nodes, ms, order.runs)
  const peer = await measure(page, 'reactFlow', nodes, ms, Math.min(order.runs, nodes > 1000 ? 1 : order.runs))
  const lines: Line[] = []
  const both = (label: string, unit: string, of: (figures: Figures) => number, less: boolean): void => {
    const [a, b] = [of(own), of(peer)]
    lines.push({ label: `${label}, ${unit}`, value: a })
    lines.push({ label: `${label}, React Flow`, value: b, ratio: less ? b / a : a / b })
  }
  both('first render', 'ms', (figures) => figures.first, true)
  for (const move of kMoves) {
    both(move, 'frames/s', (figures) => figures.moves[move].perSecond, false)
    both(`${move}, the page's thread`, 'ms a frame', (figures) => figures.moves[move].own, true)
  }
  both(
    `${kLiveEdges.toLocaleString('en')} live edges, the page's thread`,
    'ms a second',
    (figures) => figures.live,
    true
  )
  both('heap with them', 'MB', (figures) => figures.heap, true)
  return {
    name: `canvas-${nodes}`,
    title: `the canvas with ${nodes.toLocaleString('en')} nodes, beside React Flow by itself`,
    unit: '',
    lines,
    goals: nodes < 5000 ? [] : goalsOf(own)
  }
}

/** What the editor of Node-RED makes of as many nodes. */
async function beside(
  browser: Browser,
  folder: string,
  nodes: number,
  lines: readonly Line[],
  order: Order
): Promise<Line[]> {
  const theirs = await nodeRed(browser, folder, nodes, order.quick ? 400 : 2500, nodes > 1000 ? 1 : order.runs)
  const ours = (label: string): number => lines.find((line) => line.label.startsWith(label))?.value ?? NaN
  const line = (label: string, value: number, ratio: number): Line => ({ label: `${label}, Node-RED`, value, ratio })
  return [
    line('first render', theirs.first, theirs.first / ours('first render')),
    line('pan at zoom 0.5', theirs.pan, ours('pan at zoom 0.5') / theirs.pan),
    line('pan as far out as it goes (0.3)', theirs.panFar, ours('pan, all in view') / theirs.panFar),
    line('heap, MB', theirs.heap, theirs.heap / ours('heap with them'))
  ]
}

function goalsOf(own: Figures): Section['goals'] {
  const frames = (move: Move): Section['goals'][number] => ({
    goal: `${move}, frames a second`,
    value: own.moves[move].perSecond,
    wanted: 58,
    better: 'more'
  })
  return [
    { goal: 'first render in ms', value: own.first, wanted: 600, better: 'less' },
    ...kMoves.map(frames),
    { goal: 'heap with 1,000 live edges in MB', value: own.heap, wanted: 60, better: 'less' },
    { goal: '1,000 live edges in % of the frames', value: own.live / 10, wanted: 10, better: 'less' }
  ]
}

async function measure(page: Page, name: ContestantName, nodes: number, ms: number, runs: number): Promise<Figures> {
  const open = async (): Promise<number> => {
    await page.evaluate((one) => {
      canvasBench.close(one)
    }, name)
    return page.evaluate(([one, count]) => canvasBench.open(one, count), [name, nodes] as const)
  }
  // The first one also compiles.
  await open()
  const firsts: number[] = []
  for (let run = 0; run < runs; ++run) firsts.push(await open())
  const moves = {
    'pan at zoom 0.5': await moved(page, () =>
      page.evaluate(([one, time]) => canvasBench.pan(one, 0.5, time), [name, ms] as const)
    ),
    'pan, all in view': await moved(page, () =>
      page.evaluate(([one, time]) => canvasBench.pan(one, 0, time), [name, ms] as const)
    ),
    zoom: await moved(page, () => page.evaluate(([one, time]) => canvasBench.zoom(one, time), [name, ms] as const)),
    drag: await moved(page, () => page.evaluate(([one, time]) => canvasBench.drag(one, time), [name, ms] as const))
  }
  const { heap, live } = await liveFigures(page, name, ms)
  await page.evaluate((one) => {
    canvasBench.close(one)
  }, name)
  return { first: median(firsts), moves, heap, live }
}

async function moved(page: Page, work: () => Promise<number[]>): Promise<MoveFigures> {
  const { result, frames } = await tracePage(page, work)
  return {
    perSecond: (1000 * result.length) / result.reduce((sum, gap) => sum + gap, 0),
    own: quantile(
      frames.map((frame) => frame.own),
      0.5
    )
  }
}

/** What live edges cost is what the page's thread does with them, less what it does without. */
async function liveFigures(page: Page, name: ContestantName, ms: number): Promise<{ heap: number; live: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const used = async (edges: number): Promise<number> => {
    const [before, from] = [await threadSeconds(session), performance.now()]
    await page.evaluate(([one, count, time]) => canvasBench.live(one, count, time), [name, edges, ms] as const)
    return (1e6 * ((await threadSeconds(session)) - before)) / (performance.now() - from)
  }
  const idle = await used(0)
  const live = await used(kLiveEdges)
  await session.detach()
  return { heap: await page.evaluate(() => canvasBench.heap()), live: Math.max(0, live - idle) }
}

/** Seconds of a processor that the page's thread has used so far. */
async function threadSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find((one) => one.name === 'TaskDuration')?.value ?? NaN
}
