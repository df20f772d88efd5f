// GridIndex: boxes by the cells that they touch, so that a question about a place looks at its neighbourhood only.
import { intersects } from './geometry.ts'
import type { Rect } from './geometry.ts'

const kCell = 256
/** A box over more cells than this is looked at with every question instead. */
const kMostCells = 64

/** Columns and rows of cells, both ends included; a large box has none. */
interface Span {
  left: number
  right: number
  top: number
  bottom: number
  large: boolean
}

interface Item {
  box: Rect
  span: Span
}

function cellOf(column: number, row: number): number {
  return (column + 0x8000) * 0x10000 + (row + 0x8000)
}

function clamp(value: number): number {
  return Math.min(0x7fff, Math.max(-0x8000, Math.floor(value / kCell)))
}

/** Setting and removing take time by the size of the box, asking by what is near. */
export class GridIndex {
  private readonly items = new Map<string, Item>()
  private readonly cells = new Map<number, Set<string>>()
  private readonly large = new Set<string>()

  get size(): number {
    return this.items.size
  }

  set(id: string, box: Rect): void {
    const before = this.items.get(id)
    const span = spanOf(box, kMostCells)
    if (before !== undefined) {
      if (same(before.span, span)) {
        before.box = box
        return
      }
      this.remove(id)
    }
    this.items.set(id, { box, span })
    if (span.large) {
      this.large.add(id)
      return
    }
    for (let column = span.left; column <= span.right; ++column) {
      for (let row = span.top; row <= span.bottom; ++row) {
        const cell = cellOf(column, row)
        const ids = this.cells.get(cell)
        if (ids === undefined) this.cells.set(cell, new Set([id]))
        else ids.add(id)
      }
    }
  }

  remove(id: string): void {
    const item = this.items.get(id)
    if (item === undefined) return
    this.items.delete(id)
    if (this.large.delete(id)) return
    const { left, right, top, bottom } = item.span
    for (let column = left; column <= right; ++column) {
      for (let row = top; row <= bottom; ++row) {
        const cell = cellOf(column, row)
        const ids = this.cells.get(cell)
        ids?.delete(id)
        if (ids?.size === 0) this.cells.delete(cell)
      }
    }
  }

  box(id: string): Rect | undefined {
    return this.items.get(id)?.box
  }

  /** The ids of all boxes that meet this one, in no order. */
  meeting(area: Rect): Set<string> {
    const found = new Set<string>()
    const look = (id: string): void => {
      const item = this.items.get(id)
      if (item !== undefined && intersects(item.box, area)) found.add(id)
    }
    const span = spanOf(area, Math.max(this.items.size, kMostCells))
    if (span.large) {
      for (const id of this.items.keys()) look(id)
      return found
    }
    for (let column = span.left; column <= span.right; ++column) {
      for (let row = span.top; row <= span.bottom; ++row) {
        for (const id of this.cells.get(cellOf(column, row)) ?? []) look(id)
      }
    }
    for (const id of this.large) look(id)
    return found
  }
}

function spanOf(box: Rect, most: number): Span {
  const left = clamp(box.x)
  const right = clamp(box.x + box.width)
  const top = clamp(box.y)
  const bottom = clamp(box.y + box.height)
  return { left, right, top, bottom, large: (right - left + 1) * (bottom - top + 1) > most }
}

function same(a: Span, b: Span): boolean {
  return a.left === b.left && a.right === b.right && a.top === b.top && a.bottom === b.bottom && a.large === b.large
}
