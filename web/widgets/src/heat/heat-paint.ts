// Draws the cells of a heat map with the words of their lines and columns.
import { short } from '../view/numbers.ts'
import type { Surface } from '../view/surface.ts'
import type { Theme } from '../view/theme.ts'

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

export interface Cells {
  columns: readonly string[]
  lines: readonly string[]
  /** By line, then column; NaN: nothing fell there. */
  values: readonly (readonly number[])[]
  box: Box
}

const FONT_PX = 11
const BOTTOM = 18
const MOST_NAME_PX = 110
/** A cell without a value differs from one with the least. */
const LEAST = 0.16

/** The room that the words of the lines leave. */
export function layOutCells(
  context: CanvasRenderingContext2D,
  surface: Surface,
  theme: Theme,
  lines: readonly string[]
): Box {
  context.font = `${FONT_PX}px ${theme.mono}`
  const widest = lines.reduce((most, words) => Math.max(most, context.measureText(words).width), 0)
  const left = Math.ceil(Math.min(MOST_NAME_PX, widest, surface.width * 0.35)) + 8
  const height = Math.max(10, surface.height - BOTTOM - 4)
  return { left, top: 4, width: Math.max(10, surface.width - left - 4), height }
}

interface Looks {
  cursor: { x: number; y: number } | undefined
  isSoFar: boolean
}

export function drawCells(context: CanvasRenderingContext2D, cells: Cells, theme: Theme, looks: Looks): void {
  const { box, columns, lines, values } = cells
  const [wide, high] = [box.width / Math.max(1, columns.length), box.height / Math.max(1, lines.length)]
  const { low, span } = rangeOf(values)
  context.font = `${FONT_PX}px ${theme.mono}`
  context.textBaseline = 'middle'
  context.textAlign = 'center'
  const gap = wide > 8 && high > 8 ? 1 : 0
  values.forEach((line, y) => {
    line.forEach((value, x) => {
      const at = { x: box.left + x * wide, y: box.top + y * high }
      const share = Number.isNaN(value) ? 0 : LEAST + (1 - LEAST) * shareOf(value, low, span)
      if (share > 0) {
        context.globalAlpha = share
        context.fillStyle = theme.series[0] ?? theme.accent
        context.fillRect(at.x, at.y, Math.max(1, wide - gap), Math.max(1, high - gap))
        context.globalAlpha = 1
        const text = short(value)
        if (high >= 16 && context.measureText(text).width + 6 <= wide) {
          context.fillStyle = share > 0.55 ? theme.ground : theme.text
          context.fillText(text, at.x + wide / 2, at.y + high / 2)
        }
      }
      if (looks.cursor?.x === x && looks.cursor.y === y) {
        context.strokeStyle = theme.text
        context.lineWidth = 2
        context.strokeRect(at.x + 1, at.y + 1, Math.max(1, wide - 2), Math.max(1, high - 2))
      }
    })
  })
  context.lineWidth = 1
  context.strokeStyle = theme.line
  context.setLineDash(looks.isSoFar ? [4, 3] : [])
  context.strokeRect(box.left - 0.5, box.top - 0.5, box.width + 1, box.height + 1)
  context.setLineDash([])
  drawWords(context, cells, theme, wide, high)
}

function drawWords(context: CanvasRenderingContext2D, cells: Cells, theme: Theme, wide: number, high: number): void {
  const { box, columns, lines } = cells
  context.fillStyle = theme.faint
  context.textAlign = 'right'
  const everyLine = Math.max(1, Math.ceil((FONT_PX + 3) / high))
  lines.forEach((words, y) => {
    if (y % everyLine !== 0) return
    context.fillText(fitted(context, words, box.left - 8), box.left - 6, box.top + (y + 0.5) * high)
  })
  context.textAlign = 'center'
  const widest = columns.reduce((most, words) => Math.max(most, context.measureText(words).width), 0)
  const every = Math.max(1, Math.ceil((Math.min(widest, 120) + 10) / wide))
  columns.forEach((words, x) => {
    if (x % every !== 0) return
    const half = Math.min(widest, 120) / 2
    const at = box.left + (x + 0.5) * wide
    if (at - half < 0 || at + half > box.left + box.width + 4) return
    context.fillText(fitted(context, words, 120), at, box.top + box.height + 10)
  })
}

/** As much of it as has room. */
function fitted(context: CanvasRenderingContext2D, words: string, room: number): string {
  if (context.measureText(words).width <= room) return words
  const each = Math.max(1, context.measureText(words).width / words.length)
  return `${words.slice(0, Math.max(1, Math.floor(room / each) - 1))}…`
}

function rangeOf(values: Cells['values']): { low: number; span: number } {
  let [low, high] = [0, 0]
  for (const line of values) {
    for (const value of line) {
      if (!Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  // Halves: the two may be further apart than a number can be.
  return { low, span: high / 2 - low / 2 }
}

function shareOf(value: number, low: number, span: number): number {
  if (value === Infinity) return 1
  if (!Number.isFinite(value) || span <= 0) return 0
  return Math.max(0, Math.min(1, (value / 2 - low / 2) / span))
}
