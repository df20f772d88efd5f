// A paced source into a line chart and a table: what arrives, how the frames come, and what the page's thread does.
import { LineChartView, RunStreamer, TableView, type Sink, type WidgetView } from '@weir/widgets/core'
import type { Batch } from '@weir/engine-client'
import type { BrowserEngine } from '@weir/engine-client/browser'
import { oneNode } from './flows.ts'

export interface FloodOrder {
  rowsPerSecond: number
  seconds: number
  /** Points that the chart keeps. */
  points: number
}

export interface FloodFigures {
  rows: number
  seconds: number
  /** Milliseconds between frames. */
  frames: number[]
  /** Milliseconds that taking and drawing took in each frame. */
  work: number[]
  /** Tasks of the page's thread over 50 ms, as the browser reports them: by the clock on the wall. */
  longTasks: number[]
  /** Frames over 50 ms that the browser reports, with the work for them: by the clock on the wall. */
  longFrames: number[]
  renderer: string | undefined
  lastValue: string
}

const WARM_FRAMES = 60
const START_MS = 30_000

export async function flood(engine: BrowserEngine, order: FloodOrder): Promise<FloodFigures> {
  const settings = { pattern: 'sine', period: 300_000, rows: 0, rate: order.rowsPerSecond, batchRows: 8192 }
  const run = await engine.run(oneNode('source', 'generate/pattern', settings), {
    outlets: [{ node: 'source', port: 'rows' }]
  })
  const streamer = new RunStreamer(run)
  const { clock } = streamer
  const chart = new LineChartView({ title: 'Flood', clock, points: order.points })
  const table = new TableView({ title: 'Newest rows', clock })
  document.getElementById('board')?.append(chart.element, table.element)
  const work = new WorkClock()
  for (const view of [chart, table]) streamer.attach('source', work.around(view))
  for (const until = performance.now() + START_MS; streamer.counts('source').rows === 0;) {
    if (performance.now() > until) throw new Error('no row came within 30 s')
    await clock.nextFrame()
  }
  for (let i = 0; i < WARM_FRAMES; i++) await clock.nextFrame()
  const [longTasks, longFrames] = [watchLong('longtask'), watchLong('long-animation-frame')]
  work.begin()
  const before = streamer.counts('source').rows
  const from = performance.now()
  const frames = await frameTimes(order.seconds * 1000, work)
  const seconds = (performance.now() - from) / 1000
  const rows = streamer.counts('source').rows - before
  const figures = {
    rows,
    seconds,
    frames,
    work: work.frames,
    longTasks: longTasks(),
    longFrames: longFrames(),
    renderer: chart.element.dataset.renderer
  }
  const lastValue = table.element.textContent
  streamer.close()
  run.dispose()
  chart.dispose()
  table.dispose()
  document.getElementById('board')?.replaceChildren()
  return { ...figures, lastValue: lastValue.slice(-200) }
}

/** Durations of what the browser reports from now on; the call that is given ends it. */
function watchLong(type: 'longtask' | 'long-animation-frame'): () => number[] {
  const durations: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) durations.push(entry.duration)
  })
  observer.observe({ type })
  return () => {
    observer.disconnect()
    return durations
  }
}

/** Sums up what views cost in each frame. */
class WorkClock {
  frames: number[] = []
  private ms = 0

  around(view: WidgetView): Sink {
    const draw = view.draw.bind(view)
    view.draw = () => {
      this.measure(draw)
    }
    return {
      take: (batch: Batch) => {
        this.measure(() => {
          view.take(batch)
        })
      },
      end: (failure) => {
        view.end(failure)
      }
    }
  }

  begin(): void {
    this.frames = []
    this.ms = 0
  }

  frame(): void {
    this.frames.push(this.ms)
    this.ms = 0
  }

  private measure(work: () => void): void {
    const from = performance.now()
    work()
    this.ms += performance.now() - from
  }
}

/** Frames as requestAnimationFrame tells them: their times are those of the browser's own clock of frames. */
function frameTimes(forMs: number, work: WorkClock): Promise<number[]> {
  return new Promise((resolve) => {
    const times: number[] = []
    const from = performance.now()
    let last: number | undefined
    const step = (): void => {
      const now = performance.now()
      if (last !== undefined) times.push(now - last)
      last = now
      work.frame()
      if (now - from >= forMs) resolve(times)
      else requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  })
}
