// The widgets that come with Weir, and the settings each of them takes.
import { BarChartView } from '../bar/bar-chart.ts'
import { GaugeView } from '../gauge/gauge.ts'
import { HeatMapView } from '../heat/heat-map.ts'
import { HistogramView } from '../histogram/histogram.ts'
import { ImageView } from '../image/image.ts'
import { LineChartView } from '../line/line-chart.ts'
import { LogView } from '../rows/log.ts'
import { TableView } from '../rows/table.ts'
import { TextView } from '../text/text.ts'
import type { ViewOptions, WidgetView } from '../view/widget-view.ts'
import { WidgetRegistry, type WidgetRequest } from './registry.ts'

/** text, number, a list of texts, or one of some words. */
export type SettingKind = 'text' | 'number' | 'texts' | readonly string[]

interface BuiltIn {
  name: string
  settings: Readonly<Record<string, SettingKind>>
  /** The settings have been checked against the declaration. */
  make: (options: ViewOptions) => WidgetView
}

const WIDGETS: readonly BuiltIn[] = [
  {
    name: 'line',
    settings: { x: 'text', y: 'texts', points: 'number', timeZone: 'text', webgl: ['auto', 'always', 'never'] },
    make: (options) => new LineChartView(options)
  },
  {
    name: 'bar',
    settings: {
      category: 'text',
      value: 'text',
      show: ['latest', 'sum', 'count'],
      bars: 'number',
      order: ['arrival', 'value']
    },
    make: (options) => new BarChartView(options)
  },
  {
    name: 'histogram',
    settings: { value: 'text', bins: 'number' },
    make: (options) => new HistogramView(options)
  },
  {
    name: 'heatmap',
    settings: { x: 'text', y: 'text', value: 'text', show: ['count', 'sum', 'mean', 'latest'], timeZone: 'text' },
    make: (options) => new HeatMapView(options)
  },
  {
    name: 'gauge',
    settings: { value: 'text', min: 'number', max: 'number', unit: 'text', warn: 'number', error: 'number' },
    make: (options) => new GaugeView(options)
  },
  {
    name: 'table',
    settings: { columns: 'texts', rows: 'number', timeZone: 'text' },
    make: (options) => new TableView(options)
  },
  { name: 'text', settings: { column: 'text', timeZone: 'text' }, make: (options) => new TextView(options) },
  { name: 'image', settings: { image: 'text', alt: 'text' }, make: (options) => new ImageView(options) },
  {
    name: 'log',
    settings: { time: 'text', level: 'text', message: 'text', lines: 'number', timeZone: 'text' },
    make: (options) => new LogView(options)
  }
]

/** The settings that a built-in widget takes, by name, in the order of a form; undefined: it is none of ours. */
export function widgetSettings(name: string): Readonly<Record<string, SettingKind>> | undefined {
  return WIDGETS.find((widget) => widget.name === name)?.settings
}

/** A registry of its own, with all built-in widgets; packages may add theirs. */
export function builtInWidgets(): WidgetRegistry {
  const registry = new WidgetRegistry()
  for (const widget of WIDGETS) {
    registry.register(widget.name, (request) => widget.make(checked(widget, request)))
  }
  return registry
}

function checked(widget: BuiltIn, request: WidgetRequest): ViewOptions {
  const settings = request.settings ?? {}
  for (const [name, value] of Object.entries(settings)) {
    const kind = Object.hasOwn(widget.settings, name) ? widget.settings[name] : undefined
    if (!kind) {
      const known = Object.keys(widget.settings).join(', ')
      throw new Error(`The widget '${widget.name}' has no setting '${name}'; it has ${known}.`)
    }
    const wanted = whyNot(kind, value)
    if (wanted !== undefined) {
      throw new Error(
        `Setting '${name}' of the widget '${widget.name}' is ${JSON.stringify(value)}; ${wanted} is expected.`
      )
    }
  }
  return { ...settings, title: request.title, ...(request.clock && { clock: request.clock }) }
}

/** What is expected instead; undefined if the value fits. */
function whyNot(kind: SettingKind, value: unknown): string | undefined {
  if (kind === 'text') return typeof value === 'string' ? undefined : 'a text'
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value) ? undefined : 'a number'
  if (kind === 'texts') {
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? undefined : 'a list of texts'
  }
  return typeof value === 'string' && kind.includes(value) ? undefined : `one of ${kind.join(', ')}`
}
