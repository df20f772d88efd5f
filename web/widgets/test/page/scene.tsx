// What the test page draws, and what tests call in it.
import type { Batch } from '@weir/engine-client'
import {
  BarChartView,
  builtInWidgets,
  FrameClock,
  FrameWidgetView,
  GaugeView,
  ImageView,
  LineChartView,
  LogView,
  RunStreamer,
  TableView,
  TextView,
  type Sink,
  type WidgetView
} from '../../src/core.ts'
import { batchOf } from '../batches.ts'
import { oneNode, runOf } from './engine-run.ts'
import { patternBatch } from './pattern.ts'
import { behaviours } from './behaviour-scenes.ts'
import { showReact } from './react-scene.tsx'

const board = document.getElementById('board') ?? document.body
const clock = new FrameClock()
const views: WidgetView[] = []

function put<V extends WidgetView>(view: V, size: string): V {
  const place = document.createElement('div')
  place.className = size
  place.append(view.element)
  board.append(place)
  views.push(view)
  return view
}

function clear(): void {
  for (const view of views.splice(0)) view.dispose()
  board.replaceChildren()
}

/** Two frames later all is drawn. */
async function drawn(): Promise<void> {
  for (let i = 0; i < 3; i++) await clock.nextFrame()
}

async function png(): Promise<Uint8Array> {
  const canvas = document.createElement('canvas')
  canvas.width = 240
  canvas.height = 150
  const context = canvas.getContext('2d')
  if (!context) return new Uint8Array()
  for (let i = 0; i < 12; i++) {
    context.fillStyle = ['#0a7870', '#78b7f6', '#dcbf95'][i % 3] ?? ''
    context.fillRect(i * 20, 150 - i * 12, 18, i * 12)
  }
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve)
  })
  return new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))
}

function orders(count: number): Batch {
  const from = 1_772_626_800_000_000n
  const rows = Array.from({ length: count }, (_, i) => i)
  return batchOf(
    {
      id: rows.map((i) => BigInt(5_239_000 + i * 15)),
      timestamp: rows.map((i) => from + BigInt(i) * 259_000n),
      region: rows.map((i) => ['north', 'coast', 'south', 'east', 'west'][(i * 7) % 5] ?? ''),
      quantity: rows.map((i) => BigInt((i * 13) % 12)),
      price: rows.map((i) => Math.round(((i * 7919) % 100_000) + 50) / 100),
      paid: rows.map((i) => i % 3 !== 0),
      note: rows.map((i) =>
        i % 4 === 0 ? 'call before 9, the bell does not ring' : i % 3 === 0 ? null : 'gift, wrapped'
      )
    },
    { timestamp: 'timestamp' }
  )
}

function logLines(count: number): Batch {
  const from = 1_772_626_800_000_000n
  const rows = Array.from({ length: count }, (_, i) => i)
  return batchOf(
    {
      time: rows.map((i) => from + BigInt(i * 137_000)),
      level: rows.map((i) => (i % 17 === 3 ? 'ERROR' : i % 7 === 2 ? 'WARN' : i % 5 === 0 ? 'DEBUG' : 'INFO')),
      message: rows.map((i) =>
        i % 17 === 3
          ? `orders/2026-03/part-${i}.csv: row 812 has 9 columns, 7 were expected`
          : `read orders/2026-03/part-${i}.csv`
      )
    },
    { time: 'timestamp' }
  )
}

const scenes = {
  ...behaviours({ clock, clear, put, drawn }),

  async gallery(): Promise<void> {
    clear()
    const line = put(new LineChartView({ title: 'Load', clock, timeZone: 'Europe/Berlin', points: 2000 }), 's6x4')
    line.take(patternBatch(0, 2000, 3, 100))
    const soFar = put(new LineChartView({ title: 'Revenue', clock, y: ['revenue'] }), 's6x4')
    soFar.take(
      batchOf({ revenue: Array.from({ length: 60 }, (_, i) => (i % 17 === 5 ? null : i * i * 0.4 + 20 * Math.sin(i))) })
    )
    soFar.status = { is: 'soFar', note: '6,214 of 10,000 files' }
    const bars = put(new BarChartView({ title: 'Revenue by region', clock, order: 'value' }), 's4x3')
    bars.take(
      batchOf({ region: ['north', 'south', 'coast', 'east', 'refunds'], sum: [81234.5, 40120, 65300.25, 9100, -12000] })
    )
    const quiet = put(new GaugeView({ title: 'Queue', clock, unit: '% full', warn: 80, error: 95 }), 's4x3')
    quiet.take(batchOf({ fill: [41.5] }))
    const loud = put(new GaugeView({ title: 'Memory', clock, unit: 'MB', max: 300, warn: 200, error: 280 }), 's4x3')
    loud.take(batchOf({ used: [231.25] }))
    const table = put(new TableView({ title: 'Orders', clock, timeZone: 'Europe/Berlin' }), 's12x5')
    table.take(orders(500))
    const log = put(new LogView({ title: 'Log', clock, timeZone: 'Europe/Berlin' }), 's6x4')
    log.take(logLines(200))
    const image = put(new ImageView({ title: 'Camera', clock, alt: 'Bars that rise' }), 's3x3')
    image.take(batchOf({ picture: [await png()] }))
    const text = put(new TextView({ title: 'Last file', clock }), 's3x3')
    text.take(batchOf({ total: [52_431_870n] }))
    const wordy = put(new TextView({ title: 'Newest answer', clock }), 's3x3')
    wordy.take(batchOf({ body: ['{"region":"north","paid":true,"note":"call before 9, the bell does not ring"}'] }))
    await drawn()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await drawn()
  },

  async states(): Promise<void> {
    clear()
    put(new LineChartView({ title: 'Not run', clock }), 's4x3').status = { is: 'notRun' }
    put(new TableView({ title: 'Waiting', clock }), 's4x3').status = { is: 'waiting', for: 'Read CSV' }
    put(new BarChartView({ title: 'At the end', clock }), 's4x3').status = { is: 'soFar' }
    put(new LogView({ title: 'Ended', clock }), 's4x3').end()
    put(new GaugeView({ title: 'Disconnected', clock }), 's4x3').status = { is: 'disconnected' }
    put(new TextView({ title: 'Failed', clock }), 's4x3').end(new Error('The engine stopped: out of memory.'))
    const shed = put(new LineChartView({ title: 'Hidden for a while', clock }), 's4x3')
    shed.take(patternBatch(0, 300, 1, 10))
    shed.shed(1_241_774)
    const bad = put(new ImageView({ title: 'Not an image', clock }), 's4x3')
    bad.take(batchOf({ picture: [new Uint8Array([1, 2, 3, 4])] }))
    const one = put(new LineChartView({ title: 'One point', clock }), 's4x3')
    one.take(batchOf({ v: [42] }))
    const flat = put(new LineChartView({ title: 'Flat, with infinity', clock }), 's4x3')
    flat.take(batchOf({ v: [3, 3, Infinity, 3, 3] }))
    const few = put(new TableView({ title: 'Few rows', clock, columns: ['region', 'price'] }), 's4x3')
    few.take(orders(3))
    few.end()
    const ended = put(new TableView({ title: 'Ended, many rows', clock, columns: ['id', 'region'] }), 's4x3')
    ended.take(orders(900))
    await drawn()
    ended.end()
    await drawn()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await drawn()
  },

  /** A widget of another package; gives its view's words after `batches` batches of 100 rows. */
  async foreign(
    mode: 'good' | 'refuses' | 'silent' | 'floods' | 'reloads',
    batches: number
  ): Promise<{ text: string; shed: number; status: string }> {
    clear()
    const registry = builtInWidgets()
    registry.registerFrame('other', '/foreign.html')
    const view = put(registry.create('other', { title: 'Depth', clock, settings: { mode } }), 's6x4')
    if (view instanceof FrameWidgetView) Object.assign(view, { patienceMs: 300 })
    let left = batches
    const stream = new ReadableStream<Batch>({
      pull: (controller) => {
        if (left-- > 0) controller.enqueue(patternBatch(left * 100, 100, 2, 100))
        else controller.close()
      }
    })
    const streamer = new RunStreamer({ outlet: () => stream }, { clock })
    await new Promise<void>((resolve) => {
      const end = view.end.bind(view)
      view.end = (failure) => {
        end(failure)
        resolve()
      }
      streamer.attach('n', view)
    })
    while (['refuses', 'reloads', 'floods'].includes(mode) && view.status.is !== 'failed') await clock.nextFrame()
    await drawn()
    return { text: view.element.textContent, shed: view.shedCount, status: view.status.is }
  },

  /** Milliseconds from writing each message in the page, through the engine's worker, to a widget's callback. */
  async latency(messages: number, perSecond: number): Promise<number[]> {
    clear()
    const run = await runOf(oneNode('in', 'page/inlet', {}), 'in')
    const streamer = new RunStreamer(run, { clock })
    const times: number[] = []
    const all = new Promise<void>((resolve) => {
      streamer.attach('in', {
        take: (batch) => {
          const now = performance.now()
          const sent = batch.columns[0]?.values ?? []
          for (let i = 0; i < batch.rows; i++) times.push(now - Number(sent[i]))
        },
        end: () => {
          resolve()
        }
      })
    })
    const writer = run.inlet('in').getWriter()
    const from = performance.now()
    for (let sent = 0; sent < messages;) {
      const due = Math.min(messages, ((performance.now() - from) / 1000) * perSecond)
      for (; sent < due; sent++) void writer.write([{ sent: performance.now() }])
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await writer.close()
    await all
    run.dispose()
    return times
  },

  async react(): Promise<string> {
    clear()
    const run = await showReact(board)
    return (await run.result).outcome
  },

  async manyPoints(webgl: 'auto' | 'always' | 'never'): Promise<string | undefined> {
    clear()
    const view = put(new LineChartView({ title: 'Many points', clock, points: 1_000_000, webgl }), 's12x5')
    for (let i = 0; i < 50; i++) view.take(patternBatch(i * 16_384, 16_384, 3, 100_000))
    await drawn()
    return view.element.dataset.renderer
  },

  /** Takes the graphics context away from the chart that is shown. */
  async loseContext(): Promise<string | undefined> {
    const view = views[0]
    const canvas = view?.element.querySelector<HTMLCanvasElement>('.weir-gl')
    canvas?.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
    for (let i = 0; i < 600 && view?.element.dataset.renderer === 'webgl'; i++) await clock.nextFrame()
    return view?.element.dataset.renderer
  },

  /** Streams rows into a line chart; gives the times of frames and of the work in them, in milliseconds. */
  async flood(order: {
    rowsPerSecond: number
    seconds: number
    webgl: 'auto' | 'always' | 'never'
    points: number
  }): Promise<{
    rows: number
    seconds: number
    frames: number[]
    work: number[]
    renderer: string | undefined
  }> {
    clear()
    const settings = { pattern: 'sine', period: 300_000, rows: 0, rate: order.rowsPerSecond, batchRows: 8192 }
    const run = await runOf(oneNode('source', 'generate/pattern', settings), 'source')
    const streamer = new RunStreamer(run, { clock })
    const view = put(new LineChartView({ title: 'Flood', clock, points: order.points, webgl: order.webgl }), 's12x5')
    const work = new WorkClock(view)
    const stop = streamer.attach('source', work)
    const warm = await frameTimes(30)
    work.begin()
    const before = streamer.counts('source').rows
    const from = performance.now()
    const frames = await frameTimes(order.seconds * 60, work)
    const seconds = (performance.now() - from) / 1000
    const rows = streamer.counts('source').rows - before
    stop()
    streamer.close()
    run.dispose()
    return { rows, seconds, frames, work: work.frames, renderer: warm.length > 0 ? view.element.dataset.renderer : '' }
  }
}

/** Passes on to a view, and sums up what it costs in each frame. */
class WorkClock implements Sink {
  frames: number[] = []
  private ms = 0

  constructor(private readonly view: WidgetView) {
    const draw = view.draw.bind(view)
    view.draw = () => {
      const from = performance.now()
      draw()
      this.ms += performance.now() - from
    }
  }

  take(batch: Batch): void {
    const from = performance.now()
    this.view.take(batch)
    this.ms += performance.now() - from
  }

  end(): void {
    this.view.end()
  }

  begin(): void {
    this.frames = []
    this.ms = 0
  }

  frame(): void {
    this.frames.push(this.ms)
    this.ms = 0
  }
}

function frameTimes(count: number, work?: WorkClock): Promise<number[]> {
  return new Promise((resolve) => {
    const times: number[] = []
    let last: number | undefined
    const step = (now: number): void => {
      if (last !== undefined) times.push(now - last)
      last = now
      work?.frame()
      if (times.length >= count) resolve(times)
      else requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  })
}

export type Scenes = typeof scenes
Object.assign(window, { scenes })
