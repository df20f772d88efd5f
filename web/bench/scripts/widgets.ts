// A million rows a second into a line chart and a table; and how long a message takes to a widget.
import type { CDPSession, Page } from 'playwright-core'
import type { Bench } from '../src/page.ts'
import type { Order } from './order.ts'
import { tracePage } from './page-thread.ts'
import { quantile, type Section } from './report.ts'

declare const bench: Bench

const ROWS_PER_SECOND = 1_000_000
const POINTS = 1_000_000
const LATE_MS = 20
const MESSAGES_PER_SECOND = 1000

/** Seconds of a processor that the page's thread has used so far; unlike the clock it does not count what others do. */
async function threadSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find((one) => one.name === 'TaskDuration')?.value ?? NaN
}

export async function widgets(page: Page, order: Order): Promise<Section> {
  const seconds = order.quick ? 2 : 12
  const flood = { rowsPerSecond: ROWS_PER_SECOND, seconds, points: POINTS }
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const { result, frames: own } = await tracePage(page, async () => {
    const [before, from] = [await threadSeconds(session), performance.now()]
    const seen = await page.evaluate((one) => bench.flood(one), flood)
    return { seen, busy: (await threadSeconds(session)) - before, took: (performance.now() - from) / 1000 }
  })
  const { seen, busy, took } = result
  await session.detach()
  if (!/\d/.test(seen.lastValue)) throw new Error('the table shows no number')
  const late = seen.frames.filter((ms) => ms > LATE_MS)
  const rate = seen.rows / seen.seconds / 1e6
  const frames = seen.frames.length / seen.seconds
  const works = own.map((frame) => frame.own)
  const heavy = works.filter((ms) => ms > LATE_MS)
  return {
    name: 'widgets',
    title: `${ROWS_PER_SECOND.toLocaleString('en')} rows/s into a line chart (${seen.renderer ?? 'canvas'}) and a table, ${seen.seconds.toFixed(1)} s`,
    unit: '',
    lines: [
      { label: 'M rows/s shown', value: rate },
      { label: 'frames a second', value: frames },
      { label: 'ms between frames, median', value: quantile(seen.frames, 0.5) },
      { label: 'ms between frames, p99', value: quantile(seen.frames, 0.99) },
      { label: 'ms between frames, longest', value: Math.max(...seen.frames) },
      { label: `frames later than ${LATE_MS} ms`, value: late.length, note: `of ${seen.frames.length}` },
      { label: 'ms of widgets in a frame, median', value: quantile(seen.work, 0.5) },
      { label: 'ms of widgets in a frame, most', value: Math.max(...seen.work) },
      { label: "ms of the page's own work in a frame, median", value: quantile(works, 0.5) },
      { label: "ms of the page's own work in a frame, p99", value: quantile(works, 0.99) },
      { label: "ms of the page's own work in a frame, most", value: Math.max(...works) },
      { label: 'ms of its own in a frame until painted, most', value: Math.max(...own.map((frame) => frame.drawing)) },
      { label: `frames with over ${LATE_MS} ms of own work`, value: heavy.length, note: `of ${works.length}` },
      { label: "% of a processor for the page's thread", value: (100 * busy) / took },
      { label: 'tasks over 50 ms, waiting included', value: seen.longTasks.length },
      { label: 'animation frames over 50 ms, waiting included', value: seen.longFrames.length }
    ],
    goals: [
      { goal: 'M rows/s', value: rate, wanted: 0.99, better: 'more' },
      { goal: 'frames a second', value: frames, wanted: 59, better: 'more' },
      { goal: `frames with over ${LATE_MS} ms of the page's own work`, value: heavy.length, wanted: 0, better: 'less' },
      { goal: `frames later than ${LATE_MS} ms, for whatever reason`, value: late.length, wanted: 0, better: 'less' }
    ]
  }
}

export async function latency(page: Page, order: Order): Promise<Section> {
  const messages = MESSAGES_PER_SECOND * (order.quick ? 2 : 10)
  const times = await page.evaluate(({ count, rate }) => bench.latency(count, rate), {
    count: messages,
    rate: MESSAGES_PER_SECOND
  })
  if (times.length !== messages) throw new Error(`${times.length} of ${messages} messages came`)
  const p99 = quantile(times, 0.99)
  return {
    name: 'latency',
    title: `write to widget callback, ${MESSAGES_PER_SECOND.toLocaleString('en')} messages/s, ${messages.toLocaleString('en')} messages`,
    unit: 'ms',
    lines: [
      { label: 'p50', value: quantile(times, 0.5) },
      { label: 'p99', value: p99 },
      { label: 'p99.9', value: quantile(times, 0.999) },
      { label: 'longest', value: quantile(times, 1) }
    ],
    goals: [{ goal: 'p99 in ms', value: p99, wanted: 16, better: 'less' }]
  }
}
