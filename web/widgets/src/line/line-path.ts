// Decimated paths in pixels, drawn as lines on a 2D canvas.
import type { Path } from '../data/decimate.ts'
import { xOf, yOf, type Plot } from './line-axes.ts'

/** Where a gap is, in a path of pixels. */
export const GAP = -1e9

/** Data units to CSS pixels; gaps become GAP. Returns how many numbers were written. */
export function toPixels(path: Path, plot: Plot, into: Float32Array): number {
  const zeroX = xOf(plot, plot.x.low)
  const perX = plot.x.high > plot.x.low ? plot.width / (plot.x.high - plot.x.low) : 0
  const zeroY = yOf(plot, plot.y.low)
  const perY = -plot.height / (plot.y.high - plot.y.low)
  const points = path.points
  for (let i = 0; i < path.length; i += 2) {
    const y = points[i + 1] ?? NaN
    const x = points[i] ?? NaN
    const gap = Number.isNaN(y) || Number.isNaN(x)
    into[i] = gap ? GAP : zeroX + (x - plot.x.low) * perX
    into[i + 1] = gap ? GAP : zeroY + (y - plot.y.low) * perY
  }
  return path.length
}

export function strokePath(context: CanvasRenderingContext2D, pixels: Float32Array, length: number): void {
  context.beginPath()
  let pen = false
  for (let i = 0; i < length; i += 2) {
    const x = pixels[i] ?? GAP
    const y = pixels[i + 1] ?? GAP
    if (x <= GAP / 2) pen = false
    else if (pen) context.lineTo(x, y)
    else {
      context.moveTo(x, y)
      // A point between two gaps is a line of no length: its round cap shows it.
      context.lineTo(x, y)
      pen = true
    }
  }
  context.stroke()
}

/**
 * Fills a column of pixels for all points that lie in it: what a stroke of so many points looks like, at a fraction of
 * its cost. `columnPx`: width of a device pixel. Points further apart than a column are joined by strokes.
 */
export function fillColumns(
  context: CanvasRenderingContext2D,
  pixels: Float32Array,
  length: number,
  columnPx: number,
  linePx: number
): void {
  context.beginPath()
  let column = -1
  let low = 0
  let high = 0
  let lastX = GAP
  let lastY = 0
  const flush = (): void => {
    // As wide as a line, so that steep parts are as smooth as a stroke.
    const wide = Math.max(columnPx, linePx)
    if (column >= 0) context.fillRect((column + 0.5) * columnPx - wide / 2, low - linePx / 2, wide, high - low + linePx)
    column = -1
  }
  for (let i = 0; i < length; i += 2) {
    const x = pixels[i] ?? GAP
    const y = pixels[i + 1] ?? GAP
    if (x <= GAP / 2) {
      flush()
      lastX = GAP
      continue
    }
    const at = Math.floor(x / columnPx)
    if (at === column) {
      if (y < low) low = y
      if (y > high) high = y
    } else {
      const next = column >= 0 && at === column + 1
      // Neighbours meet half way.
      const middle = (y + lastY) / 2
      if (next) {
        low = Math.min(low, middle)
        high = Math.max(high, middle)
      }
      flush()
      if (!next && lastX > GAP / 2) {
        context.moveTo(lastX, lastY)
        context.lineTo(x, y)
      }
      column = at
      low = next ? Math.min(y, middle) : y
      high = next ? Math.max(y, middle) : y
    }
    lastX = x
    lastY = y
  }
  flush()
  context.stroke()
}

/** Each series ends in a shape of its own, so that colour is not all that tells them apart. */
export function drawMarker(context: CanvasRenderingContext2D, series: number, x: number, y: number): void {
  const r = 3.5
  context.beginPath()
  switch (series % 4) {
    case 0:
      context.arc(x, y, r, 0, Math.PI * 2)
      break
    case 1:
      context.rect(x - r + 0.5, y - r + 0.5, 2 * r - 1, 2 * r - 1)
      break
    case 2:
      context.moveTo(x, y - r)
      context.lineTo(x + r, y + r * 0.8)
      context.lineTo(x - r, y + r * 0.8)
      break
    default:
      context.moveTo(x, y - r - 0.5)
      context.lineTo(x + r + 0.5, y)
      context.lineTo(x, y + r + 0.5)
      context.lineTo(x - r - 0.5, y)
  }
  context.closePath()
  context.fill()
}

/** The same shapes as characters, for legends. */
export const MARKERS = ['●', '■', '▲', '◆'] as const
