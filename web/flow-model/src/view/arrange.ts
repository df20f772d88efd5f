// Where to look and where to put things: fit, snapping, alignment, nudging. Everything in canvas units.
import { around, kGrid } from './geometry.ts'
import type { Point, Rect } from './geometry.ts'

export interface Camera {
  /** The canvas point at the upper left corner of the view. */
  x: number
  y: number
  zoom: number
}

/** A camera that shows all of `box` in a view of so many pixels, with a margin; never nearer than zoom 1. */
export function fit(box: Rect, view: { width: number; height: number }, margin = 40, leastZoom = 0.05): Camera {
  const room = { width: Math.max(1, view.width - 2 * margin), height: Math.max(1, view.height - 2 * margin) }
  const zoom = Math.max(
    leastZoom,
    Math.min(1, room.width / Math.max(1, box.width), room.height / Math.max(1, box.height))
  )
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  return { x: middle.x - view.width / zoom / 2, y: middle.y - view.height / zoom / 2, zoom }
}

/** To the grid of 4. */
export function snap(value: number, grid = kGrid): number {
  const snapped = Math.round(value / grid) * grid
  return snapped === 0 ? 0 : snapped
}

export interface Snapped {
  /** To add to where the box is. */
  by: Point
  /** Lines to show: at this x or y. */
  x: number[]
  y: number[]
}

function linesOf(from: number, length: number): [number, number, number] {
  return [from, from + length / 2, from + length]
}

function nearest(
  box: readonly number[],
  others: readonly (readonly number[])[],
  reach: number
): { by: number; at: number[] } {
  let by = 0
  let least = reach
  let at: number[] = []
  for (const lines of others) {
    for (const line of lines) {
      for (const own of box) {
        const distance = line - own
        if (Math.abs(distance) > least) continue
        if (Math.abs(distance) < least) at = []
        least = Math.abs(distance)
        by = distance
        if (!at.includes(line)) at.push(line)
      }
    }
  }
  return { by, at }
}

/** Moves a box that is dragged to edges and middles of those around it, within `reach`; else to the grid. */
export function snapToNeighbours(box: Rect, neighbours: readonly Rect[], reach = 6): Snapped {
  const x = nearest(
    linesOf(box.x, box.width),
    neighbours.map((each) => linesOf(each.x, each.width)),
    reach
  )
  const y = nearest(
    linesOf(box.y, box.height),
    neighbours.map((each) => linesOf(each.y, each.height)),
    reach
  )
  return {
    by: { x: x.at.length > 0 ? x.by : snap(box.x) - box.x, y: y.at.length > 0 ? y.by : snap(box.y) - box.y },
    x: x.at,
    y: y.at
  }
}

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'

/** Where boxes go to be in one line; in the order given. */
export function align(boxes: readonly Rect[], how: Alignment): Point[] {
  const all = around(boxes)
  if (all === undefined) return []
  return boxes.map((box) => {
    if (how === 'left') return { x: all.x, y: box.y }
    if (how === 'right') return { x: all.x + all.width - box.width, y: box.y }
    if (how === 'centre') return { x: all.x + (all.width - box.width) / 2, y: box.y }
    if (how === 'top') return { x: box.x, y: all.y }
    if (how === 'bottom') return { x: box.x, y: all.y + all.height - box.height }
    return { x: box.x, y: all.y + (all.height - box.height) / 2 }
  })
}

/** Where boxes go so that the gaps between them are the same, from the first to the last. */
export function distribute(boxes: readonly Rect[], along: 'x' | 'y'): Point[] {
  const length = along === 'x' ? 'width' : 'height'
  const order = boxes.map((_, index) => index).sort((a, b) => (boxes[a]?.[along] ?? 0) - (boxes[b]?.[along] ?? 0))
  const all = around(boxes)
  const points = boxes.map((box) => ({ x: box.x, y: box.y }))
  if (all === undefined || boxes.length < 3) return points
  const gap = (all[length] - boxes.reduce((sum, box) => sum + box[length], 0)) / (boxes.length - 1)
  let at = all[along]
  for (const index of order) {
    const point = points[index]
    if (point !== undefined) point[along] = at
    at += (boxes[index]?.[length] ?? 0) + gap
  }
  return points
}

/** What an arrow with Shift moves by: one step of the grid, five with `far`. */
export function nudge(key: 'left' | 'right' | 'up' | 'down', far = false): Point {
  const step = far ? kGrid * 5 : kGrid
  if (key === 'left') return { x: -step, y: 0 }
  if (key === 'right') return { x: step, y: 0 }
  return { x: 0, y: key === 'up' ? -step : step }
}
