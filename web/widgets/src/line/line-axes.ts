// Axes of the line chart: where the plot lies, round numbers and times along its sides.
import { niceScale, tickText, ticks, timeStep, type Scale } from '../view/numbers.ts'
import type { Surface } from '../view/surface.ts'
import type { Theme } from '../view/theme.ts'

export interface Plot {
  left: number
  top: number
  width: number
  height: number
  /** Data units at the sides. */
  x: { low: number; high: number }
  y: Scale
  isTime: boolean
}

const FONT_PX = 11
const BOTTOM = 18
const TICK_HEIGHT = 34
const TICK_WIDTH = 84

/** Finds the room that the labels leave, and the scale of y. */
export function layOut(
  context: CanvasRenderingContext2D,
  surface: Surface,
  theme: Theme,
  x: { low: number; high: number; isTime: boolean },
  extent: { min: number; max: number }
): Plot {
  context.font = `${FONT_PX}px ${theme.mono}`
  const height = Math.max(10, surface.height - BOTTOM - 6)
  const y = niceScale(extent.min, extent.max, Math.max(1, Math.floor(height / TICK_HEIGHT)))
  const widest = Math.max(0, ...ticks(y).map((value) => context.measureText(tickText(value, y.step)).width))
  const left = Math.ceil(widest) + 8
  const width = Math.max(10, surface.width - left - 8)
  return { left, top: 6, width, height, x: { low: x.low, high: x.high }, y, isTime: x.isTime }
}

export function drawAxes(context: CanvasRenderingContext2D, plot: Plot, theme: Theme, timeZone?: string): void {
  context.font = `${FONT_PX}px ${theme.mono}`
  context.lineWidth = 1
  context.strokeStyle = theme.line
  context.fillStyle = theme.faint
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  context.beginPath()
  for (const value of ticks(plot.y)) {
    const at = Math.round(yOf(plot, value)) + 0.5
    context.moveTo(plot.left, at)
    context.lineTo(plot.left + plot.width, at)
    context.fillText(tickText(value, plot.y.step), plot.left - 6, at)
  }
  context.stroke()
  drawX(context, plot, timeZone)
}

function drawX(context: CanvasRenderingContext2D, plot: Plot, timeZone?: string): void {
  const span = plot.x.high - plot.x.low
  if (!(span > 0)) return
  const parts = Math.max(1, Math.floor(plot.width / TICK_WIDTH))
  const step = plot.isTime ? timeStep(span, parts) : niceScale(plot.x.low, plot.x.high, parts).step
  const shift = plot.isTime ? zoneShift(plot.x.low, timeZone) : 0
  context.textAlign = 'center'
  context.textBaseline = 'alphabetic'
  context.beginPath()
  const base = plot.top + plot.height
  for (const value of ticks({ low: plot.x.low + shift, high: plot.x.high + shift, step })) {
    const at = Math.round(xOf(plot, value - shift)) + 0.5
    context.moveTo(at, base)
    context.lineTo(at, base + 4)
    const text = plot.isTime ? clockText(value - shift, step, timeZone) : tickText(value, step)
    const half = context.measureText(text).width / 2
    if (at - half < 0 || at + half > plot.left + plot.width + 8) continue
    context.fillText(text, at, base + 15)
  }
  context.stroke()
}

export function xOf(plot: Plot, x: number): number {
  const span = plot.x.high - plot.x.low
  return span > 0 ? plot.left + ((x - plot.x.low) / span) * plot.width : plot.left + plot.width / 2
}

export function yOf(plot: Plot, y: number): number {
  return plot.top + plot.height - ((y - plot.y.low) / (plot.y.high - plot.y.low)) * plot.height
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const formats = new Map<string, Intl.DateTimeFormat>()

/** A time on the axis, as fine as the step asks. */
export function clockText(ms: number, step: number, timeZone?: string): string {
  if (!(Math.abs(ms) <= 8.64e15)) return ''
  const grade = step < 1000 ? 'ms' : step < 60_000 ? 's' : step < DAY_MS ? 'min' : 'day'
  const key = `${grade} ${timeZone ?? ''}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      ...(timeZone !== undefined && { timeZone }),
      ...(grade === 'day' ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit' }),
      ...((grade === 's' || grade === 'ms') && { second: '2-digit' }),
      ...(grade === 'ms' && { fractionalSecondDigits: 3 })
    })
    formats.set(key, format)
  }
  return format.format(ms)
}

/** Milliseconds by which the zone is ahead of UTC, so that ticks fall on its full hours and days. */
function zoneShift(ms: number, timeZone: string | undefined): number {
  if (!(Math.abs(ms) <= 8.64e15)) return 0
  if (timeZone === undefined) return -new Date(ms).getTimezoneOffset() * 60_000
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
  const found = /GMT([+-])(\d\d):(\d\d)/.exec(name)
  if (!found) return 0
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * HOUR_MS + Number(found[3]) * 60_000)
}
