// @vitest-environment happy-dom
// What widgets put into the page: rows in sight only, names, states, settings.
import { beforeEach, describe, expect, it } from 'vitest'
import {
  BarChartView,
  builtInWidgets,
  FrameClock,
  FrameWidgetView,
  GaugeView,
  LineChartView,
  LogView,
  TableView,
  TextView,
  type WidgetView
} from '../src/core.ts'
import { niceScale, ticks } from '../src/view/numbers.ts'
import { batchOf } from './batches.ts'
import { HandFrames } from './fakes.ts'

const HEIGHT = 240
let frames: HandFrames
let clock: FrameClock

beforeEach(() => {
  document.body.replaceChildren()
  frames = new HandFrames()
  clock = new FrameClock(frames)
})

/** In the page, with a height, which happy-dom does not lay out. */
function placed<V extends WidgetView>(view: V): V {
  document.body.append(view.element)
  const scroll = view.element.querySelector('.weir-scroll')
  if (scroll) Object.defineProperty(scroll, 'clientHeight', { value: HEIGHT })
  return view
}

const textOf = (view: WidgetView, selector: string): string[] =>
  [...view.element.querySelectorAll<HTMLElement>(selector)].filter((one) => !one.hidden).map((one) => one.textContent)

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)

describe('TableView', () => {
  it('has only the rows in sight in the page, and says how many there are', () => {
    const view = placed(new TableView({ title: 'Orders', clock }))
    view.take(batchOf({ id: numbers(5000) }))
    frames.step()
    const rows = view.element.querySelectorAll('tbody tr:not(.weir-spacer)')
    expect(rows.length).toBeGreaterThanOrEqual(HEIGHT / 24)
    expect(rows.length).toBeLessThan(30)
    expect(view.element.querySelector('table')?.getAttribute('aria-rowcount')).toBe('5001')
    expect(textOf(view, '.weir-foot')).toEqual(['5,000 rows'])
  })

  it('follows the newest row, and stays where one has scrolled to while older rows go', () => {
    const view = placed(new TableView({ title: 'Orders', clock, rows: 1000 }))
    view.take(batchOf({ id: numbers(1000) }))
    frames.step()
    expect(textOf(view, 'td').at(-1)).toBe('999')
    const scroll = view.element.querySelector<HTMLElement>('.weir-scroll')
    if (!scroll) throw new Error('no scroll')
    Object.defineProperty(scroll, 'scrollHeight', { value: 1000 * 24, configurable: true })
    scroll.scrollTop = 500 * 24
    scroll.dispatchEvent(new Event('scroll'))
    frames.step()
    expect(textOf(view, 'td')).toContain('500')
    view.take(batchOf({ id: numbers(100, 1000) }))
    frames.step()
    expect(textOf(view, 'td')).toContain('500')
    expect(scroll.scrollTop).toBe(400 * 24)
    expect(textOf(view, '.weir-foot')).toEqual(['the newest 1,000 of 1,100 rows'])
  })

  it('shows a finished table from its beginning', () => {
    const view = placed(new TableView({ title: 'Orders', clock }))
    view.take(batchOf({ id: numbers(500) }))
    frames.step()
    view.end()
    frames.step()
    frames.step()
    expect(textOf(view, 'td')[0]).toBe('0')
    expect(textOf(view, '.weir-note')).toEqual(['✓ ended'])
  })

  it('tells an empty text from no value, and text from markup', () => {
    const view = placed(new TableView({ title: 'Notes', clock }))
    view.take(batchOf({ note: ['', null, '<b>bold</b>'] }))
    frames.step()
    expect(textOf(view, 'td')).toEqual(['', 'empty', '<b>bold</b>'])
    expect(view.element.querySelector('td.weir-null')?.textContent).toBe('empty')
    expect(view.element.querySelector('td b')).toBeNull()
  })

  it('names the columns there are when one is missing', () => {
    const view = placed(new TableView({ title: 'Orders', clock, columns: ['region'] }))
    expect(() => {
      view.take(batchOf({ id: [1] }))
    }).toThrow("Column 'region' is needed; the rows have id (double).")
  })

  it('waits for the columns that it is to show, and takes batches without rows and columns', () => {
    const view = placed(new TableView({ title: 'Found', clock, columns: ['file'] }))
    frames.step()
    view.take(batchOf({}))
    frames.step()
    expect(textOf(view, 'th')).toEqual([])
    view.take(batchOf({ file: ['a.log'], line: ['no'] }))
    frames.step()
    expect(textOf(view, 'td')).toEqual(['a.log'])
  })

  it('takes times of the zone it is told', () => {
    const view = placed(new TableView({ title: 'Times', clock, timeZone: 'Asia/Kolkata' }))
    view.take(batchOf({ at: [1_772_626_807_120_000n, 1_772_626_807_120_001n] }, { at: 'timestamp' }))
    frames.step()
    expect(textOf(view, 'td')).toEqual(['2026-03-04 17:50:07.120', '2026-03-04 17:50:07.120001'])
    expect(textOf(view, 'th small')).toEqual(['time, Asia/Kolkata'])
  })
})

describe('A widget that cannot be drawn', () => {
  class BrokenView extends TableView {
    protected override paint(): void {
      throw new Error('the picture is torn')
    }
  }

  it('says why in its place, and the others of the page are drawn', () => {
    const broken = placed(new BrokenView({ title: 'Broken', clock }))
    const sound = placed(new TableView({ title: 'Sound', clock }))
    for (const view of [broken, sound]) view.take(batchOf({ id: [7] }))
    frames.step()
    frames.step()
    expect(textOf(broken, '.weir-empty')).toEqual(['This widget could not draw: the picture is torn'])
    expect(textOf(broken, '.weir-note')).toEqual(['✕ failed'])
    expect(textOf(sound, 'td')).toEqual(['7'])
  })
})

describe('LogView', () => {
  it('gives levels a shape, whatever they are called', () => {
    const view = placed(new LogView({ title: 'Log', clock }))
    view.take(batchOf({ level: ['ERROR', 'warning', 'info', 'fatal', null], message: ['a', 'b', 'c', 'd', 'e'] }))
    frames.step()
    expect(textOf(view, '.weir-line-level')).toEqual(['✕ ERROR', '▲ warning', '· info', '✕ fatal', ''])
    expect(textOf(view, '.weir-line-text')).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('does not speak every line', () => {
    const view = placed(new LogView({ title: 'Log', clock }))
    expect(view.element.querySelector('[role=log]')?.getAttribute('aria-live')).toBe('off')
  })
})

describe('BarChartView', () => {
  const orders = (): ReturnType<typeof batchOf> =>
    batchOf({ region: ['north', 'south', 'north', 'west', 'east'], amount: [1, 2, 3, 4, null] })
  const shown = (view: WidgetView): string[][] => [textOf(view, '.weir-bar-name'), textOf(view, '.weir-bar-value')]

  it('shows the latest value of each name', () => {
    const view = placed(new BarChartView({ title: 'Bars', clock }))
    view.take(orders())
    frames.step()
    expect(shown(view)).toEqual([
      ['north', 'south', 'west', 'east'],
      ['3', '2', '4', 'empty']
    ])
  })

  it('sums, counts and orders', () => {
    const sums = placed(new BarChartView({ title: 'Bars', clock, show: 'sum', order: 'value' }))
    const counts = placed(new BarChartView({ title: 'Bars', clock, show: 'count' }))
    for (const view of [sums, counts]) {
      view.take(orders())
      view.take(orders())
    }
    frames.step()
    expect(shown(sums)).toEqual([
      ['north', 'west', 'south', 'east'],
      ['8', '8', '4', '0']
    ])
    expect(shown(counts)).toEqual([
      ['north', 'south', 'west', 'east'],
      ['4', '2', '2', '2']
    ])
  })

  it('puts names over the limit into one bar', () => {
    const view = placed(new BarChartView({ title: 'Bars', clock, show: 'sum', bars: 2 }))
    view.take(orders())
    frames.step()
    expect(shown(view)).toEqual([
      ['north', 'south', 'other'],
      ['4', '2', '4']
    ])
  })
})

describe('GaugeView', () => {
  it('is a meter with words, and warns with a shape', () => {
    const view = placed(new GaugeView({ title: 'Memory', clock, max: 300, warn: 200, error: 280, unit: 'MB' }))
    view.take(batchOf({ used: [12, 290, null] }))
    frames.step()
    const meter = view.element.querySelector('[role=meter]')
    expect(meter?.getAttribute('aria-valuetext')).toBe('290 MB, error')
    expect(textOf(view, '.weir-figure')).toEqual(['✕ 290'])
  })

  it('refuses ends that do not make a range', () => {
    expect(() => new GaugeView({ title: 'G', clock, min: 5, max: 5 })).toThrow('found min 5 and max 5')
  })
})

describe('all widgets', () => {
  it('are drawn once a frame, however many batches came', () => {
    let draws = 0
    const view = placed(new TextView({ title: 'Newest', clock }))
    const draw = view.draw.bind(view)
    view.draw = () => {
      draws++
      draw()
    }
    for (let i = 0; i < 1000; i++) view.take(batchOf({ n: [i] }))
    frames.step()
    expect(draws).toBe(1)
    expect(textOf(view, '.weir-text-value')).toEqual(['999'])
    frames.step()
    expect(draws).toBe(1)
  })

  it('say why they are empty, and what was shed', () => {
    const view = placed(new TextView({ title: 'Newest', clock }))
    frames.step()
    expect(textOf(view, '.weir-empty')).toEqual(['Waiting for rows'])
    view.status = { is: 'waiting', for: 'Read CSV' }
    view.shed(1234)
    view.shed(1)
    frames.step()
    expect(textOf(view, '.weir-empty')).toEqual(['Waiting for Read CSV'])
    expect(textOf(view, '.weir-lost')).toEqual(['1,235 rows went by without being shown'])
    view.end(new Error('The engine stopped.'))
    frames.step()
    expect(textOf(view, '.weir-empty')).toEqual(['The engine stopped.'])
  })

  it('leave the page and ask for no frame once disposed', () => {
    const view = placed(new LineChartView({ title: 'Line', clock }))
    view.take(batchOf({ v: [1, 2, 3] }))
    frames.step()
    view.dispose()
    view.dispose()
    view.take(batchOf({ v: [4] }))
    expect(frames.pending).toBe(0)
    expect(document.body.childElementCount).toBe(0)
  })
})

describe('the line chart', () => {
  it('names its series and its x, and says in words what it draws', () => {
    const view = placed(new LineChartView({ title: 'Load', clock, timeZone: 'Europe/Berlin' }))
    view.take(
      batchOf({ id: [1n, 2n, 3n], at: [1n, 2n, 3n], load: [0.5, 4, null], rest: [1, 2, 3] }, { at: 'timestamp' })
    )
    frames.step()
    expect(textOf(view, '.weir-legend li')).toEqual(['●load', '■rest', 'at, Europe/Berlin'])
    expect(view.element.querySelector('canvas')?.getAttribute('aria-label')).toBe(
      'Load, 3 points: load now empty, from 0.5 to 4; rest now 3, from 1 to 3'
    )
  })
})

describe('infinite values', () => {
  it('are gaps in a line, and have no bar', () => {
    const line = placed(new LineChartView({ title: 'Load', clock }))
    line.take(batchOf({ load: [1, Infinity, -Infinity, 3] }))
    const bars = placed(new BarChartView({ title: 'Bars', clock }))
    bars.take(batchOf({ name: ['a', 'b', 'c'], value: [Infinity, 2, -2] }))
    frames.step()
    expect(line.element.querySelector('canvas')?.getAttribute('aria-label')).toBe(
      'Load, 4 points: load now 3, from 1 to 3'
    )
    expect([...bars.element.querySelectorAll<HTMLElement>('.weir-bar')].map((one) => one.style.width)).toEqual([
      '0.00%',
      '50.00%',
      '50.00%'
    ])
    expect(textOf(bars, '.weir-bar-value')).toEqual(['Infinity', '2', '-2'])
  })
})

describe('the registry', () => {
  it('knows the built-in widgets by name', () => {
    const registry = builtInWidgets()
    expect(registry.names()).toEqual(['bar', 'gauge', 'heatmap', 'histogram', 'image', 'line', 'log', 'table', 'text'])
    const view = registry.create('table', { title: 'Rows', clock, settings: { rows: 10 } })
    expect(view).toBeInstanceOf(TableView)
  })

  it('finds the widget that a schema names', () => {
    const registry = builtInWidgets()
    expect(registry.nameFor({ ui: { color: '#fff', widget: 'gauge' } })).toBe('gauge')
    expect(registry.nameFor({ ui: { widget: 'radar' } })).toBeUndefined()
    expect(registry.nameFor({ ui: { widget: null } })).toBeUndefined()
    expect(registry.nameFor({})).toBeUndefined()
  })

  it('says what is wrong with a name or a setting', () => {
    const registry = builtInWidgets()
    const create = (name: string, settings: Record<string, unknown>): (() => unknown) => {
      return () => registry.create(name, { title: 'T', clock, settings })
    }
    expect(create('radar', {})).toThrow("There is no widget 'radar'. Known are bar, gauge")
    expect(create('gauge', { colour: 'red' })).toThrow("The widget 'gauge' has no setting 'colour'; it has value, min")
    expect(create('gauge', { toString: 1 })).toThrow("no setting 'toString'")
    expect(create('gauge', { min: '3' })).toThrow("Setting 'min' of the widget 'gauge' is \"3\"; a number is expected.")
    expect(create('line', { webgl: 'maybe' })).toThrow('one of auto, always, never is expected')
    expect(create('table', { columns: ['a', 2] })).toThrow('a list of texts is expected')
    expect(() => {
      registry.register('line', () => new TextView({ title: 'x', clock }))
    }).toThrow('registered already')
  })
})

describe('unusual data', () => {
  it('a log shows a message of several lines in one', () => {
    const view = placed(new LogView({ title: 'Log', clock }))
    view.take(batchOf({ message: ['one\ntwo\r\n  three\n', 'plain'] }))
    frames.step()
    const texts = [...view.element.querySelectorAll('.weir-line-text')].map((line) => line.textContent)
    expect(texts).toContain('one ⏎ two ⏎   three')
  })

  it('a table of a thousand columns shows 200 and says so', () => {
    const view = placed(new TableView({ title: 'Wide', clock }))
    view.take(batchOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`c${i}`, [i]]))))
    frames.step()
    expect(view.element.querySelectorAll('th')).toHaveLength(200)
    expect(view.element.querySelector('.weir-foot')?.textContent).toBe('1 row, 200 of 1,000 columns')
  })

  it('a line chart says how many columns it does not draw', () => {
    const view = placed(new LineChartView({ title: 'Many', clock }))
    view.take(batchOf(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`c${i}`, [1, 2]]))))
    frames.step()
    expect(view.element.querySelector('.weir-left-out')?.textContent).toBe('and 4 more that are not drawn')
  })

  it('integers beyond 2^53 keep all their digits in a table', () => {
    const view = placed(new TableView({ title: 'Big', clock }))
    view.take(batchOf({ id: [9_223_372_036_854_775_807n], big: [18_446_744_073_709_551_615n] }, { big: 'uint' }))
    frames.step()
    expect(view.element.querySelector('tbody')?.textContent).toContain('9223372036854775807')
    expect(view.element.querySelector('tbody')?.textContent).toContain('18446744073709551615')
  })

  it('values at both ends of what a number can be have a scale', () => {
    const scale = niceScale(-1.7e308, 1.7e308, 5)
    expect([scale.low, scale.high, scale.step].every(Number.isFinite)).toBe(true)
    expect(ticks(scale).length).toBeGreaterThan(2)
  })
})

describe('a widget of another package', () => {
  it('whose settings cannot be handed over says so', () => {
    const view = new FrameWidgetView({ title: 'T', clock, url: 'about:blank', settings: { call: () => 1 } })
    const frame = view.element.querySelector('iframe')
    const contentWindow = { postMessage: (hello: unknown) => structuredClone(hello) }
    Object.defineProperty(frame, 'contentWindow', { value: contentWindow })
    frame?.dispatchEvent(new Event('load'))
    expect(view.status).toMatchObject({ is: 'failed' })
    expect((view.status as { why: string }).why).toContain('could not be given its settings')
    view.dispose()
  })
})
