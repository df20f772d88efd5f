// GaugeView: the latest number on an arc between two ends, with levels that warn.
import type { Batch } from '@weir/engine-client'
import { isNumeric, readNumbers } from '../data/column-read.ts'
import { latestOf } from '../data/latest.ts'
import { exact, short } from '../view/numbers.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'

export interface GaugeOptions extends ViewOptions {
  /** Absent: the first double, else the first number. */
  value?: string
  min?: number
  max?: number
  unit?: string
  /** From here on it warns; under `error`, if both are given. */
  warn?: number
  error?: number
}

const SVG = 'http://www.w3.org/2000/svg'
/** An arc of 240 degrees with radius 52 about (60, 60). */
const ARC = 'M 14.97 86 A 52 52 0 1 1 105.03 86'

export class GaugeView extends WidgetView {
  private readonly meter: HTMLElement
  private readonly arc: SVGPathElement
  private readonly figure: HTMLElement
  private readonly unit: HTMLElement
  private readonly scratch = new Float64Array(1)
  private value = NaN

  constructor(
    private readonly options: GaugeOptions,
    page: Document = document
  ) {
    super('gauge', options, page)
    const { min, max } = this
    if (!(min < max)) {
      throw new Error(`A gauge goes from min to a greater max; found min ${min} and max ${max}.`)
    }
    this.meter = make(page, 'div', 'weir-meter')
    this.meter.setAttribute('role', 'meter')
    this.meter.setAttribute('aria-label', options.title)
    this.meter.setAttribute('aria-valuemin', String(min))
    this.meter.setAttribute('aria-valuemax', String(max))
    const svg = page.createElementNS(SVG, 'svg')
    svg.setAttribute('viewBox', '0 0 120 98')
    svg.setAttribute('aria-hidden', 'true')
    this.arc = arcIn(page, svg, 'weir-arc-value')
    this.figure = make(page, 'div', 'weir-figure')
    this.unit = make(page, 'div', 'weir-unit')
    this.unit.textContent = options.unit ?? ''
    addEnd(page, svg, 15, short(min))
    addEnd(page, svg, 105, short(max))
    this.meter.append(svg, this.figure, this.unit)
    this.body.prepend(this.meter)
  }

  private get min(): number {
    return this.options.min ?? 0
  }

  private get max(): number {
    return this.options.max ?? 100
  }

  protected consume(batch: Batch): void {
    const { value: name } = this.options
    const double = batch.columns.find((column) => column.kind === 'double')
    const fits = double ? (column: unknown): boolean => column === double : isNumeric
    const latest = latestOf(batch, name, fits, 'a column of numbers')
    if (!latest) return
    readNumbers(latest.column, latest.row, latest.row + 1, this.scratch, 0)
    this.value = this.scratch[0] ?? NaN
  }

  protected isEmpty(): boolean {
    return Number.isNaN(this.value)
  }

  protected paint(): void {
    this.meter.hidden = this.isEmpty()
    if (this.isEmpty()) return
    const share = Math.max(0, Math.min(1, (this.value - this.min) / (this.max - this.min)))
    this.arc.setAttribute('stroke-dasharray', `${(share * 100).toFixed(2)} 200`)
    const level = this.level()
    this.meter.dataset.level = level
    setText(this.figure, `${level === 'error' ? '✕ ' : level === 'warn' ? '▲ ' : ''}${short(this.value)}`)
    this.figure.title = exact(this.value)
    this.meter.classList.toggle('weir-so-far', this.status.is === 'soFar')
    // What is seen has a value for screen readers, too; further ones wait for the summary.
    if (!this.meter.hasAttribute('aria-valuenow')) this.summarise()
  }

  protected override summarise(): void {
    if (this.isEmpty()) return
    const { unit = '' } = this.options
    this.meter.setAttribute('aria-valuenow', String(this.value))
    const words = { ok: '', warn: ', warning', error: ', error' }[this.level()]
    this.meter.setAttribute('aria-valuetext', `${short(this.value)} ${unit}${words}`.trim())
  }

  private level(): 'ok' | 'warn' | 'error' {
    const { warn = Infinity, error = Infinity } = this.options
    return this.value >= error ? 'error' : this.value >= warn ? 'warn' : 'ok'
  }
}

function addEnd(page: Document, svg: SVGElement, x: number, text: string): void {
  const end = page.createElementNS(SVG, 'text')
  end.setAttribute('class', 'weir-arc-end')
  end.setAttribute('x', String(x))
  end.setAttribute('y', '97')
  end.setAttribute('text-anchor', 'middle')
  end.textContent = text
  svg.append(end)
}

function arcIn(page: Document, svg: SVGElement, valueClass: string): SVGPathElement {
  const parts = ['weir-arc-ground', valueClass].map((name) => {
    const path = page.createElementNS(SVG, 'path')
    path.setAttribute('class', name)
    path.setAttribute('d', ARC)
    path.setAttribute('pathLength', '100')
    svg.append(path)
    return path
  })
  return parts[1] as SVGPathElement
}
