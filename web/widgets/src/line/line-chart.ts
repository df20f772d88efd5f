// LineChartView: series over time or over row numbers, the newest points, any number of rows a second.
import type { Batch } from '@weir/engine-client'
import { timeText, zoneName } from '../data/cell-text.ts'
import { decimate, makePath, type Path } from '../data/decimate.ts'
import { exact, short } from '../view/numbers.ts'
import { Surface } from '../view/surface.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'
import { drawAxes, layOut, xOf, yOf, type Plot } from './line-axes.ts'
import { LineData } from './line-data.ts'
import { colorParts, LineGl } from './line-gl.ts'
import { fillLegend } from './line-legend.ts'
import { drawMarker, fillColumns, GAP, strokePath, toPixels } from './line-path.ts'

export interface LineChartOptions extends ViewOptions {
  /** Column of x; absent: the first of times, else the number of the row. */
  x?: string
  /** Columns to draw, six at most; absent: all doubles, else the first number. */
  y?: readonly string[]
  /** The newest points that are shown; at most 4,000,000. */
  points?: number
  /** IANA zone of the axis; absent: the person's. */
  timeZone?: string
  /** `auto`: over 100,000 points, where the graphics hardware helps. */
  webgl?: 'auto' | 'always' | 'never'
}

const POINTS = 100_000
const MOST_POINTS = 4_000_000
const WEBGL_OVER = 100_000
const LINE_PX = 1.5

export class LineChartView extends WidgetView {
  private readonly surface: Surface
  private readonly glSurface: Surface
  private readonly legend: HTMLElement
  private readonly readout: HTMLElement
  private readonly points: number
  private data: LineData | undefined
  private gl: LineGl | undefined
  private glFailed: boolean
  private paths: Path[] = []
  private pixels = new Float32Array(0)
  private plot: Plot | undefined
  private pointer: number | undefined
  private cursor: number | undefined

  constructor(
    private readonly options: LineChartOptions,
    page: Document = document
  ) {
    super('line', options, page)
    this.points = Math.max(2, Math.min(options.points ?? POINTS, MOST_POINTS))
    this.glFailed = options.webgl === 'never'
    this.legend = make(page, 'ul', 'weir-legend')
    this.readout = make(page, 'output', 'weir-readout')
    this.readout.setAttribute('aria-live', 'polite')
    this.glSurface = new Surface(page)
    this.glSurface.canvas.setAttribute('aria-hidden', 'true')
    this.glSurface.canvas.classList.add('weir-gl')
    this.glSurface.canvas.addEventListener('webglcontextlost', () => {
      this.dropGl()
    })
    this.surface = new Surface(page)
    const { canvas } = this.surface
    canvas.tabIndex = 0
    canvas.setAttribute('role', 'img')
    canvas.setAttribute('aria-roledescription', 'line chart')
    this.body.before(this.legend)
    this.body.prepend(canvas, this.glSurface.canvas)
    this.body.append(this.readout)
    this.listen(canvas)
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    if (!this.data) {
      this.data = new LineData(batch.columns, this.options, this.points)
      const { names, xName, isTime, leftOut } = this.data
      const axis = isTime ? `${xName ?? ''}, ${zoneName(this.options.timeZone)}` : (xName ?? 'row number')
      fillLegend(this.legend, names, axis, leftOut)
    }
    this.data.add(batch)
  }

  protected isEmpty(): boolean {
    return (this.data?.end ?? 0) === 0
  }

  protected paint(): void {
    const context = this.surface.begin()
    const { data } = this
    if (!context || !data || this.isEmpty()) return
    const extent = { min: Infinity, max: -Infinity }
    const columns = Math.max(10, this.surface.canvas.width)
    this.makeRoom(data.names.length, columns)
    this.paths.forEach((path, series) => {
      decimate(data.ring, series, data.first, data.end, columns, path, extent)
    })
    this.plot = layOut(context, this.surface, this.theme, { ...data.xExtent(), isTime: data.isTime }, extent)
    drawAxes(context, this.plot, this.theme, this.options.timeZone)
    this.drawLines(context, this.plot, data.end - data.first)
    this.drawCursor(context, this.plot, data)
  }

  protected override summarise(): void {
    this.surface.canvas.setAttribute('aria-label', this.inWords())
  }

  protected override release(): void {
    this.gl?.dispose()
    this.gl = undefined
  }

  private makeRoom(series: number, columns: number): void {
    const wanted = makePath(columns).points.length
    if (this.paths.length === series && this.pixels.length >= wanted) return
    this.paths = Array.from({ length: series }, () => makePath(columns * 2))
    this.pixels = new Float32Array(wanted * 2)
  }

  private drawLines(context: CanvasRenderingContext2D, plot: Plot, count: number): void {
    const dashed = this.status.is === 'soFar'
    const gl = !dashed && (count > WEBGL_OVER || this.options.webgl === 'always') ? this.startGl() : undefined
    // What WebGL drew before must not stand under what is drawn now.
    ;(gl ?? this.gl)?.begin(this.surface.width, this.surface.height)
    this.element.dataset.renderer = gl ? 'webgl' : 'canvas'
    context.lineWidth = LINE_PX
    const dense = !dashed && count > this.surface.canvas.width
    context.lineJoin = dense ? 'bevel' : 'round'
    context.lineCap = dense || dashed ? 'butt' : 'round'
    this.paths.forEach((path, series) => {
      const color = this.theme.series[series] ?? this.theme.accent
      const length = toPixels(path, plot, this.pixels)
      context.strokeStyle = context.fillStyle = color
      context.setLineDash(dashed ? [5, 4] : [])
      if (gl) gl.draw(this.pixels, length, colorParts(context, color), LINE_PX)
      else if (dense) fillColumns(context, this.pixels, length, 1 / this.surface.scale, LINE_PX)
      else strokePath(context, this.pixels, length)
      const x = this.pixels[length - 2] ?? GAP
      context.fillStyle = color
      if (x > GAP / 2 && (this.paths.length > 1 || count === 1))
        drawMarker(context, series, x, this.pixels[length - 1] ?? 0)
    })
    context.setLineDash([])
  }

  private startGl(): LineGl | undefined {
    if (this.gl?.lost) this.dropGl()
    if (this.glFailed) return undefined
    this.glSurface.fit()
    this.gl ??= LineGl.on(this.glSurface.canvas, { evenIfSlow: this.options.webgl === 'always' })
    this.glFailed = this.gl === undefined
    return this.gl
  }

  private dropGl(): void {
    this.gl = undefined
    this.glFailed = true
    this.changed()
  }

  private drawCursor(context: CanvasRenderingContext2D, plot: Plot, data: LineData): void {
    const point = this.pointAtCursor(plot, data)
    if (point === undefined) {
      setText(this.readout, '')
      return
    }
    const at = Math.round(xOf(plot, data.ring.xAt(point))) + 0.5
    context.strokeStyle = this.theme.mute
    context.lineWidth = 1
    context.beginPath()
    context.moveTo(at, plot.top)
    context.lineTo(at, plot.top + plot.height)
    context.stroke()
    for (let series = 0; series < data.names.length; series++) {
      const value = data.ring.yAt(series, point)
      if (Number.isNaN(value)) continue
      context.fillStyle = this.theme.series[series] ?? this.theme.accent
      drawMarker(context, series, at, yOf(plot, value))
    }
    setText(this.readout, this.pointInWords(data, point))
  }

  private pointAtCursor(plot: Plot, data: LineData): number | undefined {
    if (this.pointer === undefined) return this.cursor === undefined ? undefined : data.clamp(this.cursor)
    const share = (this.pointer - plot.left) / plot.width
    return data.nearest(plot.x.low + share * (plot.x.high - plot.x.low), share)
  }

  private listen(canvas: HTMLCanvasElement): void {
    canvas.addEventListener('pointermove', (event) => {
      this.pointer = event.offsetX
      this.changed()
    })
    canvas.addEventListener('pointerleave', () => {
      this.pointer = undefined
      this.changed()
    })
    canvas.addEventListener('keydown', (event) => {
      if (this.data && this.moveCursor(this.data, event.key, event.shiftKey)) event.preventDefault()
    })
  }

  /** Arrows walk along the line a pixel at a time, with Shift ten; Home and End; Esc leaves. */
  private moveCursor(data: LineData, key: string, far: boolean): boolean {
    const step = Math.max(1, Math.round((data.end - data.first) / (this.plot?.width ?? 100))) * (far ? 10 : 1)
    const now = data.clamp(this.cursor ?? data.end - 1)
    const targets = new Map([
      ['ArrowLeft', now - step],
      ['ArrowRight', now + step],
      ['Home', data.first],
      ['End', data.end - 1]
    ])
    const target = targets.get(key)
    if (target !== undefined) this.cursor = data.clamp(target)
    else if (key === 'Escape' && this.cursor !== undefined) this.cursor = undefined
    else return false
    this.pointer = undefined
    this.changed()
    return true
  }

  private pointInWords(data: LineData, point: number): string {
    const x = data.ring.xAt(point)
    const place = data.isTime ? timeText(BigInt(Math.round(x * 1000)), this.options.timeZone) : exact(x)
    const values = data.names.map((name, series) => {
      const value = data.ring.yAt(series, point)
      return `${name} ${Number.isNaN(value) ? 'empty' : short(value)}`
    })
    return `${place}: ${values.join(', ')}`
  }

  private inWords(): string {
    const { data } = this
    if (!data || this.isEmpty()) return `${this.options.title}: nothing drawn`
    const parts = data.names.map((name, series) => {
      const range = { min: Infinity, max: -Infinity }
      data.ring.extremes(series, data.first, data.end, range)
      if (range.min > range.max) return `${name} without values`
      const last = data.ring.yAt(series, data.end - 1)
      const now = Number.isNaN(last) ? 'empty' : short(last)
      return `${name} now ${now}, from ${short(range.min)} to ${short(range.max)}`
    })
    return `${this.options.title}, ${exact(data.end - data.first)} points: ${parts.join('; ')}`
  }
}
