// The grid of a dashboard: twelve columns, rows as many as are needed; where widgets stand and what gives way to what.
import type { FlowPlaced } from '../document/elements.ts'

export const kDashboardColumns = 12
/** The height of a row in pixels. */
export const kDashboardRow = 48
const kUsual = { width: 6, height: 5 } as const
const kLeast = { width: 2, height: 2 } as const
/** A document may say anything; what is drawn has an end. */
const kMostRows = 1000

/** Whole cells, within the grid. */
export interface Cells {
  x: number
  y: number
  width: number
  height: number
}

export interface PlacedCells extends Cells {
  widget: string
}

function whole(value: number | undefined, otherwise: number, least: number, most: number): number {
  const number = value === undefined || !Number.isFinite(value) ? otherwise : Math.round(value)
  return Math.min(most, Math.max(least, number))
}

function within(cells: Partial<Cells>): Cells {
  const width = whole(cells.width, kUsual.width, kLeast.width, kDashboardColumns)
  const height = whole(cells.height, kUsual.height, kLeast.height, kMostRows)
  return {
    x: whole(cells.x, 0, 0, kDashboardColumns - width),
    y: whole(cells.y, 0, 0, kMostRows),
    width,
    height
  }
}

function meet(a: Cells, b: Cells): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/** The first cells, line by line, in which something of this size meets none of these. */
export function freeCells(taken: readonly Cells[], size: { width?: number; height?: number } = {}): Cells {
  const { width, height } = within(size)
  for (let y = 0; y < kMostRows; ++y) {
    for (let x = 0; x + width <= kDashboardColumns; ++x) {
      const cells = { x, y, width, height }
      if (!taken.some((one) => meet(one, cells))) return cells
    }
  }
  return { x: 0, y: kMostRows, width, height }
}

/** Where each widget of a dashboard stands. What has no place yet gets one that is free; the same widget twice counts once. */
export function placedCells(widgets: readonly FlowPlaced[]): PlacedCells[] {
  const placed = new Map<string, PlacedCells>()
  const first = widgets.filter((one, at) => widgets.findIndex((other) => other.widget === one.widget) === at)
  for (const one of first) {
    if (one.x !== undefined && one.y !== undefined) placed.set(one.widget, { widget: one.widget, ...within(one) })
  }
  for (const one of first) {
    if (placed.has(one.widget)) continue
    const { width, height } = within(one)
    placed.set(one.widget, { widget: one.widget, ...freeCells([...placed.values()], { width, height }) })
  }
  return first.flatMap((one) => placed.get(one.widget) ?? [])
}

/** All widgets after one of them has been put to these cells: those that it meets go down, and those that they meet. */
export function pushedAside(widgets: readonly PlacedCells[], moved: PlacedCells): PlacedCells[] {
  const settled: PlacedCells[] = [{ widget: moved.widget, ...within(moved) }]
  const others = widgets.filter((one) => one.widget !== moved.widget).sort((a, b) => a.y - b.y || a.x - b.x)
  for (const other of others) {
    let at = other
    for (;;) {
      const under = settled.filter((one) => meet(one, at))
      if (under.length === 0) break
      at = { ...at, y: Math.max(...under.map((one) => one.y + one.height)) }
    }
    settled.push(at)
  }
  const after = new Map(settled.map((one) => [one.widget, one]))
  return widgets.map((one) => after.get(one.widget) ?? one)
}
