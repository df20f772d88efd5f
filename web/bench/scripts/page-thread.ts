// What the page's thread did in each frame, by its own clock: time that other programs took from it does not count.
import type { CDPSession, Page } from 'playwright-core'

/** The page's own work from one frame's callbacks to those of the next, in milliseconds. */
export interface PageFrame {
  /** Time on a processor: callbacks, layout, painting, and the tasks until the next frame. */
  own: number
  /** Of these the task that draws: from the callbacks to the end of painting. */
  drawing: number
  /** The longest of the tasks. */
  longest: number
}

/** An event of the trace as far as it is read; times in microseconds. */
interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  /** What the thread used of it; absent where the trace has not taken it. */
  tdur?: number
}

const CATEGORIES = ['toplevel', 'devtools.timeline']

/** Traces the page's thread while `work` goes on. */
export async function tracePage<T>(page: Page, work: () => Promise<T>): Promise<{ result: T; frames: PageFrame[] }> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] }
  })
  const result = await work()
  await stopTracing(session)
  await session.detach()
  return { result, frames: framesOf(events) }
}

async function stopTracing(session: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => {
    session.once('Tracing.tracingComplete', () => {
      resolve()
    })
  })
  await session.send('Tracing.end')
  await complete
}

/** The thread that draws most frames is the page's. Before the first frame and after the last nothing counts. */
export function framesOf(events: readonly TraceEvent[]): PageFrame[] {
  const drawn = new Map<string, TraceEvent[]>()
  const threadOf = (event: TraceEvent): string => `${event.pid} ${event.tid}`
  for (const event of events) {
    if (event.name !== 'FireAnimationFrame') continue
    const thread = threadOf(event)
    drawn.set(thread, [...(drawn.get(thread) ?? []), event])
  }
  const [thread, marks] = [...drawn].sort((a, b) => b[1].length - a[1].length)[0] ?? ['', []]
  const tasks = events
    .filter((event) => event.name.endsWith('RunTask') && event.ph === 'X' && threadOf(event) === thread)
    .sort((a, b) => a.ts - b.ts)
  const fired = marks.map((mark) => mark.ts).sort((a, b) => a - b)
  if (tasks.length === 0) throw new Error('the trace has no task of a thread that draws frames')
  const frames: PageFrame[] = []
  let next = 0
  for (const task of tasks) {
    const own = (task.tdur ?? task.dur ?? 0) / 1000
    const end = task.ts + (task.dur ?? 0)
    const draws = (fired[next] ?? Infinity) < end
    while ((fired[next] ?? Infinity) < end) next++
    if (draws) frames.push({ own: 0, drawing: own, longest: 0 })
    const frame = frames.at(-1)
    if (!frame) continue
    frame.own += own
    frame.longest = Math.max(frame.longest, own)
  }
  return frames.slice(0, -1)
}
