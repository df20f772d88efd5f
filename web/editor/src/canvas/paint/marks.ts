// The marks of states: shapes that can be told apart without their colour.
import type { Mark } from '../scene/node-state.ts'
import { kMarkColors } from '../scene/node-state.ts'
import type { CanvasTheme } from './theme.ts'

/** Draws a mark around a point; `r` is half of its size. */
export function paintMark(
  context: CanvasRenderingContext2D,
  theme: CanvasTheme,
  mark: Mark,
  x: number,
  y: number,
  r: number
): void {
  if (mark === 'none') return
  const color = theme.color(kMarkColors[mark])
  context.beginPath()
  if (mark === 'running') {
    context.moveTo(x - r * 0.8, y - r)
    context.lineTo(x + r, y)
    context.lineTo(x - r * 0.8, y + r)
    context.closePath()
  } else if (mark === 'warning') {
    context.moveTo(x, y - r)
    context.lineTo(x + r * 1.1, y + r * 0.9)
    context.lineTo(x - r * 1.1, y + r * 0.9)
    context.closePath()
  } else if (mark === 'held') {
    context.rect(x - r * 0.8, y - r, r * 0.55, 2 * r)
    context.rect(x + r * 0.25, y - r, r * 0.55, 2 * r)
  } else {
    if (mark === 'done') {
      context.moveTo(x - r, y)
      context.lineTo(x - r * 0.25, y + r * 0.8)
      context.lineTo(x + r, y - r * 0.8)
    } else {
      context.moveTo(x - r * 0.8, y - r * 0.8)
      context.lineTo(x + r * 0.8, y + r * 0.8)
      context.moveTo(x + r * 0.8, y - r * 0.8)
      context.lineTo(x - r * 0.8, y + r * 0.8)
    }
    context.strokeStyle = color
    context.lineWidth = r * 0.45
    context.stroke()
    return
  }
  context.fillStyle = color
  context.fill()
}

/** The mark of a breakpoint: a ring with a bar, so that it is no plain dot. */
export function paintStop(
  context: CanvasRenderingContext2D,
  theme: CanvasTheme,
  x: number,
  y: number,
  r: number
): void {
  context.beginPath()
  context.arc(x, y, r, 0, 2 * Math.PI)
  context.fillStyle = theme.color('error')
  context.fill()
  context.strokeStyle = theme.color('bg')
  context.lineWidth = r * 0.4
  context.stroke()
  context.fillStyle = theme.color('bg')
  context.fillRect(x - r * 0.5, y - r * 0.17, r, r * 0.34)
}
