// Scenes of how widgets behave over time: hidden tabs, slow readers, many runs, many draws.
import type { Execution } from '@weir/engine-client'
import {
  LineChartView,
  RunStreamer,
  TableView,
  type FrameClock,
  type HiddenPolicy,
  type WidgetView
} from '../../src/core.ts'
import { engineWorkers, oneNode, runOf } from './engine-run.ts'

interface Stage {
  clock: FrameClock
  clear: () => void
  put: <V extends WidgetView>(view: V, size: string) => V
  drawn: () => Promise<void>
}

export interface HiddenFigures {
  rows: number
  shed: number
  drawnFrames: number
  /** Rows that the source has given. */
  given: number
}

const ENDLESS = { pattern: 'sine', rows: 0, batchRows: 4096 }

async function rowsGiven(run: Execution): Promise<() => number> {
  let given = 0
  const watcher = run.watch()
  watcher.onMessage((message) => {
    if (message.type === 'metrics') given = (message.data as { nodes: { rowsOut: number }[] }).nodes[0]?.rowsOut ?? 0
  })
  await watcher.ask('subscribe', { kind: 'metrics' })
  return () => given
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export function behaviours(stage: Stage) {
  let running: { run: Execution; streamer: RunStreamer; view: LineChartView; given: () => number } | undefined
  return {
    /** An endless source as fast as it can be, into a chart. */
    async startEndless(hidden: HiddenPolicy): Promise<void> {
      stage.clear()
      const run = await runOf(oneNode('source', 'generate/pattern', ENDLESS), 'source')
      const streamer = new RunStreamer(run, { clock: stage.clock, hidden })
      const view = stage.put(new LineChartView({ title: 'Endless', clock: stage.clock, points: 50_000 }), 's12x5')
      const given = await rowsGiven(run)
      streamer.attach('source', view)
      running = { run, streamer, view, given }
    },

    figures(): HiddenFigures {
      if (!running) throw new Error('nothing runs')
      const { streamer, view, given } = running
      const { rows, shed } = streamer.counts('source')
      if (shed !== view.shedCount)
        throw new Error(`the port shed ${shed} rows, the widget was told of ${view.shedCount}`)
      return { rows, shed, drawnFrames: stage.clock.frames, given: given() }
    },

    async stopEndless(): Promise<string> {
      if (!running) throw new Error('nothing runs')
      const { run, streamer, view } = running
      run.cancel()
      const { outcome } = await run.result
      while (view.status.is !== 'ended') await pause(5)
      streamer.close()
      run.dispose()
      running = undefined
      return outcome
    },

    /** Reads a batch each `everyMs` of an endless source for a while: what was read, and what the source gave. */
    async slowReader(everyMs: number, forMs: number): Promise<{ read: number; given: number; batchRows: number }> {
      const run = await runOf(oneNode('source', 'generate/pattern', ENDLESS), 'source')
      const given = await rowsGiven(run)
      const streamer = new RunStreamer(run, { clock: stage.clock })
      const reader = streamer.createStream('source').getReader()
      let read = 0
      let batchRows = 0
      for (const from = performance.now(); performance.now() - from < forMs;) {
        const { value } = await reader.read()
        read += value?.rows ?? 0
        batchRows = Math.max(batchRows, value?.rows ?? 0)
        await pause(everyMs)
      }
      const figures = { read, given: given(), batchRows }
      await reader.cancel()
      streamer.close()
      run.dispose()
      await run.result
      return figures
    },

    /** Runs one after another, each with a chart and a table that are disposed at its end. */
    async manyRuns(count: number): Promise<{ canvases: number; elements: number; workers: number }> {
      stage.clear()
      for (let i = 0; i < count; i++) {
        const settings = { pattern: 'sine', rows: 4000, batchRows: 500 }
        const run = await runOf(oneNode('source', 'generate/pattern', settings), 'source')
        const streamer = new RunStreamer(run, { clock: stage.clock })
        const views = [
          new LineChartView({ title: 'Run', clock: stage.clock, webgl: i % 20 === 0 ? 'always' : 'auto' }),
          new TableView({ title: 'Rows', clock: stage.clock })
        ]
        for (const view of views) {
          stage.put(view, 's6x4')
          streamer.attach('source', view)
        }
        await run.result
        while (views.some((view) => view.status.is !== 'ended')) await pause(1)
        await stage.drawn()
        streamer.close()
        run.dispose()
        stage.clear()
      }
      return {
        canvases: document.querySelectorAll('canvas').length,
        elements: document.querySelectorAll('*').length,
        workers: await engineWorkers()
      }
    },

    /** How often widgets were drawn in so many frames, and how many batches came meanwhile. */
    async drawsPerFrame(frames: number): Promise<{ frames: number; draws: number; batches: number }> {
      stage.clear()
      const settings = { pattern: 'sine', rows: 0, rate: 100_000, batchRows: 100 }
      const run = await runOf(oneNode('source', 'generate/pattern', settings), 'source')
      const streamer = new RunStreamer(run, { clock: stage.clock })
      const view = stage.put(new LineChartView({ title: 'Often', clock: stage.clock }), 's12x5')
      let draws = 0
      const draw = view.draw.bind(view)
      view.draw = () => {
        draws++
        draw()
      }
      streamer.attach('source', view)
      while (streamer.counts('source').batches < 50) await pause(1)
      const before = { draws, batches: streamer.counts('source').batches }
      let seen = 0
      await new Promise<void>((resolve) => {
        const step = (): void => {
          if (++seen >= frames) resolve()
          else requestAnimationFrame(step)
        }
        requestAnimationFrame(step)
      })
      const { batches } = streamer.counts('source')
      const figures = { frames: seen, draws: draws - before.draws, batches: batches - before.batches }
      streamer.close()
      run.dispose()
      await run.result
      return figures
    }
  }
}
