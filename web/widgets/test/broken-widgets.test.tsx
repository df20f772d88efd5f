// @vitest-environment happy-dom
// What code of the page or of another package throws ends only its own widget, in words, and holds no run up.
import { WidgetView, batchOf, StreamBuffer, TextView, type Batch, type Sink, type ViewOptions } from '../src/core.ts'
import { FrameClock, RunStreamer, WidgetRegistry, type StreamingWidget } from '../src/core.ts'
import { act, type ReactElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { config } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BarChart, Gauge, RegisteredWidget, StreamsProvider, TextValue, useStreamData } from '../src/index.ts'
import { observableOf } from '../src/rxjs.ts'
import { HandFrames, HandOutlet, HandVisibility, settle } from './fakes.ts'

/** No test is proof by being quick: by itself it gives up after a second. */
const waitFor = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 60_000 })

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

let outlet: HandOutlet
let frames: HandFrames
let visibility: HandVisibility
let streamer: RunStreamer
const told = vi.fn()

beforeEach(() => {
  told.mockReset()
  vi.stubGlobal('reportError', told)
  outlet = new HandOutlet()
  frames = new HandFrames()
  visibility = new HandVisibility()
  streamer = new RunStreamer({ outlet: () => outlet.stream }, { clock: new FrameClock(frames), visibility })
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

type Part = 'paint' | 'isEmpty' | 'summarise' | 'release' | 'consume'

/** A widget that throws in one of its parts. */
class BadView extends WidgetView {
  paints = 0

  constructor(
    options: ViewOptions,
    private readonly part: Part
  ) {
    super('bad', options)
  }

  protected consume(): void {
    this.boom('consume')
  }

  protected isEmpty(): boolean {
    this.boom('isEmpty')
    return false
  }

  protected paint(): void {
    this.paints++
    this.boom('paint')
  }

  protected override summarise(): void {
    this.boom('summarise')
  }

  protected override release(): void {
    this.boom('release')
  }

  private boom(part: Part): void {
    if (part === this.part) throw new Error(`${part} threw`)
  }
}

const rows = (count: number): Batch => batchOf({ id: Array.from({ length: count }, (_, i) => i) })
const options = (): ViewOptions => ({ title: 'T', clock: streamer.clock })
const textOf = (view: WidgetView, selector: string): string | null | undefined =>
  view.element.querySelector(selector)?.textContent

class Collector implements Sink {
  rows = 0
  lost = 0
  ends: unknown[] = []
  take(batch: Batch): void {
    this.rows += batch.rows
  }
  shed(rows: number): void {
    this.lost += rows
  }
  end(failure?: unknown): void {
    this.ends.push(failure)
  }
}

const fail = (words: string) => (): never => {
  throw new Error(words)
}

function widget(id: string, over: Partial<StreamingWidget<Batch>> = {}): StreamingWidget<Batch> {
  const none = { stream: new ReadableStream<Batch>(), render: () => ({}), dispose: () => undefined }
  return { id, nodeId: 'n', ...none, ...over }
}

describe('a widget whose drawing throws', () => {
  it.each(['paint', 'isEmpty', 'summarise'] as const)(
    'in %s ends with words, once, and the others go on',
    async (part) => {
      const bad = new BadView(options(), part)
      const good = new TextView(options())
      streamer.attach('n', bad)
      streamer.attach('n', good)
      outlet.push(rows(3))
      await settle()
      frames.step()
      expect(bad.status).toEqual({ is: 'failed', why: `This widget could not draw: ${part} threw` })
      expect(textOf(bad, '.weir-empty')).toBe(`This widget could not draw: ${part} threw`)
      expect(textOf(bad, '.weir-note')).toBe('✕ failed')
      expect(textOf(good, '.weir-text-value')).toBe('2')
      const painted = bad.paints
      outlet.push(rows(5))
      outlet.end()
      await settle()
      frames.step()
      expect(bad.paints).toBe(painted)
      expect(bad.status.is).toBe('failed')
      expect(textOf(good, '.weir-text-value')).toBe('4')
      expect(good.status).toEqual({ is: 'ended' })
      expect(told).not.toHaveBeenCalled()
    }
  )

  it('lets those go on who wait for the frame', async () => {
    new BadView(options(), 'paint')
    const waited = vi.fn()
    void streamer.clock.nextFrame().then(waited)
    frames.step()
    await settle()
    expect(waited).toHaveBeenCalledOnce()
  })

  it('is told to the page if it cannot say so itself', () => {
    const drawn = vi.fn()
    streamer.clock.request({ draw: fail('no words') })
    streamer.clock.request({ draw: fail('no words'), failed: fail('none at all') })
    streamer.clock.request({ draw: drawn })
    frames.step()
    expect(drawn).toHaveBeenCalledOnce()
    expect(told.mock.calls.map(String)).toEqual(['Error: no words', 'Error: none at all'])
  })

  it('in the summary of later ends with words too', () => {
    vi.useFakeTimers()
    const view = new BadView(options(), 'consume')
    frames.step()
    Object.assign(view, { summarise: fail('later') })
    view.shed(1)
    frames.step()
    expect(view.status.is).not.toBe('failed')
    vi.runAllTimers()
    expect(view.status).toEqual({ is: 'failed', why: 'This widget could not draw: later' })
  })

  it('in release leaves the page all the same', () => {
    const view = new BadView(options(), 'release')
    document.body.append(view.element)
    view.dispose()
    expect(view.element.isConnected).toBe(false)
    expect(String(told.mock.calls[0])).toContain('release threw')
  })

  it('keeps its last picture when its rows end it, with the words below', async () => {
    const view = new TextView({ ...options(), column: 'id' })
    streamer.attach('n', view)
    outlet.push(rows(3))
    outlet.push(batchOf({ other: [1] }))
    await settle()
    frames.step()
    expect(textOf(view, '.weir-text-value')).toBe('2')
    expect(textOf(view, '.weir-lost')).toContain("Column 'id' is needed")
  })
})

describe('a sink', () => {
  it.each(['take', 'room', 'end'] as const)('that throws in %s ends alone', async (part) => {
    const bad = Object.assign(new Collector(), { [part]: fail(`${part} threw`) })
    const good = new Collector()
    streamer.attach('n', bad)
    streamer.attach('n', good)
    outlet.push(rows(2))
    outlet.push(rows(2))
    outlet.end()
    await settle()
    expect(good).toMatchObject({ rows: 4, ends: [undefined] })
    if (part === 'end') expect(String(told.mock.calls[0])).toContain('end threw')
    else expect(bad.ends.map(String)).toEqual([`Error: ${part} threw`])
  })

  it('that throws in shed ends alone', async () => {
    const shedding = new RunStreamer(
      { outlet: () => outlet.stream },
      { clock: new FrameClock(frames), visibility, hidden: 'shed' }
    )
    const bad = Object.assign(new Collector(), { shed: fail('shed threw') })
    const good = new Collector()
    shedding.attach('n', bad)
    shedding.attach('n', good)
    visibility.set(true)
    outlet.push(rows(2))
    outlet.push(rows(2))
    await settle()
    expect(good.lost).toBe(4)
    expect(bad.ends.map(String)).toEqual(['Error: shed threw'])
  })

  it('that throws everywhere does not keep the others from their end', async () => {
    streamer.attach('n', { take: fail('take'), end: fail('end') })
    streamer.attach('n', { take: () => undefined, end: fail('end') })
    const good = new Collector()
    streamer.attach('n', good)
    outlet.push(rows(2))
    outlet.fail(new Error('the engine failed'))
    await settle()
    expect(good.ends.map(String)).toEqual(['Error: the engine failed'])
    expect(() => streamer.attach('n', { take: () => undefined, end: fail('late end') })).not.toThrow()
  })

  it('that throws nothing at all has failed, not ended', async () => {
    const bad = new Collector()
    bad.take = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw undefined
    }
    streamer.attach('n', bad)
    outlet.push(rows(1))
    await settle()
    expect(String(bad.ends[0])).toContain('did not say why')
  })

  it('whose take or room rejects later ends alone', async () => {
    const late = Object.assign(new Collector(), { take: () => Promise.reject(new Error('late take')) })
    const slow = Object.assign(new Collector(), { room: () => Promise.reject(new Error('late room')) })
    const good = new Collector()
    for (const sink of [late, slow, good]) streamer.attach('n', sink)
    outlet.push(rows(2))
    outlet.push(rows(2))
    await settle()
    expect(good.rows).toBe(4)
    expect([late.ends, slow.ends].map(String)).toEqual(['Error: late take', 'Error: late room'])
  })

  it('that leaves while its room never comes holds the port up no longer', async () => {
    const stuck = Object.assign(new Collector(), { room: () => new Promise<void>(() => undefined) })
    const good = new Collector()
    const leave = streamer.attach('n', stuck)
    streamer.attach('n', good)
    outlet.push(rows(1))
    outlet.push(rows(1))
    await settle()
    expect(good.rows).toBe(1)
    leave()
    await settle()
    expect(good.rows).toBe(2)
  })

  it('whose patience ends has rows go by, counted, until there is room again', async () => {
    let makeRoom: () => void = () => undefined
    const slow = Object.assign(new Collector(), {
      patienceMs: 1,
      room: () => new Promise<void>((resolve) => (makeRoom = resolve))
    })
    const good = new Collector()
    streamer.attach('n', slow)
    streamer.attach('n', good)
    for (let i = 0; i < 3; i++) outlet.push(rows(1))
    await waitFor(() => {
      expect(good.rows).toBe(3)
    })
    expect([slow.rows, slow.lost]).toEqual([1, 2])
    makeRoom()
    await settle()
    outlet.push(rows(5))
    await settle()
    expect([slow.rows, slow.lost]).toEqual([6, 2])
    expect(new TextView(options()).patienceMs).toBeGreaterThan(0)
  })

  it('goes on if nobody can take batches back', async () => {
    const giveBack = vi.fn(fail('give back threw'))
    const other = new RunStreamer(
      { outlet: () => outlet.stream },
      { clock: new FrameClock(frames), visibility, giveBack }
    )
    const good = new Collector()
    other.attach('n', good)
    for (let i = 0; i < 3; i++) outlet.push(rows(1))
    await settle()
    expect(good.rows).toBe(3)
    expect(giveBack).toHaveBeenCalledOnce()
    expect(told).toHaveBeenCalledOnce()
  })
})

describe("a widget of the specification's shape", () => {
  it('is disposed whatever its parts throw, and the others are fed', async () => {
    const dispose = vi.fn(fail('dispose threw'))
    streamer.subscribeToNode('n', widget('a', { render: fail('render threw'), failed: fail('failed threw'), dispose }))
    const seen: unknown[] = []
    const failed = vi.fn()
    streamer.subscribeToNode('n', widget('b', { render: () => Promise.reject(new Error('late')), failed }))
    streamer.subscribeToNode('n', widget('c', { render: (batch) => seen.push(batch.rows) }))
    outlet.push(rows(2))
    outlet.push(rows(3))
    await settle()
    expect(seen).toEqual([2, 3])
    expect(dispose).toHaveBeenCalledOnce()
    expect(failed.mock.calls.map(String)).toEqual(['Error: late'])
    expect(told.mock.calls.map(String)).toEqual(['Error: failed threw', 'Error: dispose threw'])
  })

  it('whose listener throws goes on, the listener does not', async () => {
    streamer.subscribeToNode('n', widget('a'))
    const bad = vi.fn(fail('listener threw'))
    const good = vi.fn()
    streamer.onRender('a', bad)
    streamer.onRender('a', good)
    for (let i = 0; i < 2; i++) {
      outlet.push(rows(1))
      await settle()
      frames.step()
    }
    expect(good).toHaveBeenCalledTimes(2)
    expect(bad).toHaveBeenCalledOnce()
    expect(told).toHaveBeenCalledOnce()
  })
})

describe('StreamBuffer', () => {
  it('whose onUpdate throws lets the port go, told once', async () => {
    const good = new Collector()
    streamer.attach('n', good)
    const onUpdate = vi.fn(fail('update threw'))
    new StreamBuffer(streamer.createStream('n'), { bufferSize: 1, updateInterval: 1 }, onUpdate)
    for (let i = 0; i < 4; i++) outlet.push(rows(2))
    await waitFor(() => {
      expect(good.rows).toBe(8)
    })
    expect(onUpdate).toHaveBeenCalledOnce()
    expect(told).toHaveBeenCalledOnce()
  })

  it('says what it cannot read, and cancels the stream', async () => {
    for (const chunk of [{ rows: 2, columns: [null] }, new Proxy({}, { get: fail('unreadable') })]) {
      const cancelled = vi.fn()
      const stream = new ReadableStream({
        start: (controller) => {
          controller.enqueue(chunk)
        },
        cancel: cancelled
      })
      const buffer = new StreamBuffer(stream, { updateInterval: 1 }, () => undefined)
      await waitFor(() => {
        expect(buffer.snapshot).toMatchObject({ isConnected: false, error: expect.any(Error) as Error })
      })
      expect(cancelled).toHaveBeenCalledOnce()
    }
  })
})

describe('in React', () => {
  let root: Root | undefined
  afterEach(async () => {
    await act(async () => {
      root?.unmount()
      await settle()
    })
  })

  async function show(element: ReactElement): Promise<HTMLElement> {
    const place = document.createElement('div')
    document.body.append(place)
    await act(async () => {
      root = createRoot(place)
      root.render(element)
      await settle()
      frames.step()
    })
    return place
  }

  it('a widget that cannot be made says so in its place, and the page stays', async () => {
    const registry = new WidgetRegistry()
    registry.register('throws', fail('the factory threw'))
    registry.register('empty', (() => undefined) as never)
    const place = await show(
      <StreamsProvider streams={streamer}>
        <Gauge nodeId="n" title="Range" min={5} max={5} />
        <RegisteredWidget registry={registry} widget="throws" nodeId="n" title="Throws" />
        <RegisteredWidget registry={registry} widget="empty" nodeId="n" title="Empty" />
        <RegisteredWidget registry={registry} widget="radar" nodeId="n" title="Radar" />
        <TextValue nodeId="n" title="Newest" status={{ is: 'live' }} />
      </StreamsProvider>
    )
    const words = [...place.querySelectorAll('.weir-widget')].map((one) => one.textContent)
    expect(words).toHaveLength(5)
    expect(words[0]).toContain('Range✕ failed')
    expect(words[0]).toContain('found min 5 and max 5')
    expect(words[1]).toContain('Throws✕ failedthe factory threw')
    expect(words[2]).toContain("The widget 'empty' gives nothing instead of a view")
    expect(words[3]).toContain("There is no widget 'radar'")
    await act(async () => {
      outlet.push(rows(3))
      await settle()
      frames.step()
    })
    expect(place.querySelector('.weir-text-value')?.textContent).toBe('2')
  })

  function Newest(): ReactElement {
    const { error, isConnected } = useStreamData('n')
    return <p id="said">{isConnected ? 'live' : String(error)}</p>
  }

  it('streams that cannot be made, or feed no widgets, are said in words', async () => {
    const place = await show(
      <StreamsProvider streams={{ createStream: fail('no such port') }}>
        <Newest />
        <BarChart nodeId="n" title="Bars" />
      </StreamsProvider>
    )
    expect(place.querySelector('#said')?.textContent).toBe('Error: no such port')
    expect(place.querySelector('.weir-widget')?.textContent).toContain('These streams cannot feed widgets')
  })

  it('a view whose dispose throws leaves, and the page stays', async () => {
    class Stuck extends TextView {
      override dispose(): void {
        super.dispose()
        throw new Error('dispose threw')
      }
    }
    const registry = new WidgetRegistry()
    registry.register('stuck', ({ title }) => new Stuck({ title, clock: streamer.clock }))
    const page = (shown: boolean): ReactElement => (
      <StreamsProvider streams={streamer}>
        <b>the page</b>
        {shown && <RegisteredWidget registry={registry} widget="stuck" nodeId="n" title="Stuck" />}
      </StreamsProvider>
    )
    const place = await show(page(true))
    expect(place.querySelector('.weir-widget')).not.toBeNull()
    await act(async () => {
      root?.render(page(false))
      await settle()
    })
    expect(place.querySelector('b')?.textContent).toBe('the page')
    expect(place.querySelector('.weir-widget')).toBeNull()
    expect(String(told.mock.calls[0])).toContain('dispose threw')
  })
})

describe('the registry', () => {
  it('gives a view that says why where a widget cannot be made', async () => {
    const registry = new WidgetRegistry()
    registry.register('throws', fail('the factory threw'))
    const view = registry.createOrFailed('throws', { title: 'Throws', clock: streamer.clock })
    const good = new Collector()
    streamer.attach('n', view)
    streamer.attach('n', good)
    outlet.push(rows(1))
    outlet.push(rows(1))
    outlet.end()
    await settle()
    frames.step()
    expect(good.rows).toBe(2)
    expect(view.status).toEqual({ is: 'failed', why: 'the factory threw' })
    expect(textOf(view, '.weir-empty')).toBe('the factory threw')
  })
})

describe('observableOf', () => {
  it('with a subscriber that throws gives the others all there is', async () => {
    const unhandled = vi.fn()
    config.onUnhandledError = unhandled
    const good = new Collector()
    streamer.attach('n', good)
    observableOf(() => streamer.createStream('n')).subscribe(fail('next threw'))
    const failed = vi.fn()
    observableOf(fail('no such port')).subscribe({ error: failed })
    for (let i = 0; i < 3; i++) outlet.push(rows(1))
    await waitFor(() => {
      expect(unhandled).toHaveBeenCalled()
      expect(good.rows).toBe(3)
    })
    config.onUnhandledError = null
    expect(String(failed.mock.calls[0])).toContain('no such port')
  })
})
