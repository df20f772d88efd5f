// HeatAxis: one side of a heat map: names as they come, or numbers and times in bins.
import type { Column } from '@weir/engine-client'
import { BinAxis, type Regroup } from '../data/bin-axis.ts'
import { isNumeric, readNumbers } from '../data/column-read.ts'
import { TextSlots } from '../data/text-slots.ts'
import { clockText } from '../line/line-axes.ts'
import { short } from '../view/numbers.ts'

/** Fine bins of numbers, and names with what is in none of them. */
export const MOST_PLACES = 200
const NONE = -1

export class HeatAxis {
  private readonly slots: TextSlots | undefined
  private readonly bins: BinAxis | undefined
  private readonly isTime: boolean
  private scratch = new Float64Array(0)
  private others = false

  constructor(
    readonly name: string,
    column: Column,
    regroup: Regroup,
    private readonly timeZone: string | undefined
  ) {
    this.isTime = column.kind === 'timestamp'
    const isBinned = this.isTime || (isNumeric(column) && column.kind !== 'bool')
    if (isBinned) this.bins = new BinAxis(MOST_PLACES, regroup)
    else this.slots = new TextSlots(MOST_PLACES - 1)
  }

  /** The place of each row, -1 for one that has none. Makes room for them first. */
  reader(column: Column, rows: number): (row: number) => number {
    const { slots, bins } = this
    if (slots) {
      const slotOf = slots.reader(column)
      return (row) => {
        const slot = slotOf(row)
        if (slot !== TextSlots.other) return slot
        this.others = true
        return MOST_PLACES - 1
      }
    }
    if (!bins) return () => NONE
    if (this.scratch.length < column.length) this.scratch = new Float64Array(column.length)
    const values = this.scratch
    readNumbers(column, 0, column.length, values, 0)
    let min = Infinity
    let max = -Infinity
    for (let row = 0; row < rows; row++) {
      const value = values[row] ?? NaN
      if (!Number.isFinite(value)) continue
      if (value < min) min = value
      if (value > max) max = value
    }
    if (min <= max) bins.cover(min, max)
    return (row) => {
      const value = values[row] ?? NaN
      return Number.isFinite(value) ? bins.place(value) : NONE
    }
  }

  /** Places that are drawn as one line of cells, with their words; at most `most`. */
  lines(most: number): { from: number; to: number; words: string }[] {
    const { slots, bins } = this
    if (slots) {
      const all = slots.names.map((words, at) => ({ from: at, to: at + 1, words }))
      const shown = all.length + (this.others ? 1 : 0) <= most ? all : all.slice(0, most - 1)
      const isCut = shown.length < all.length || this.others
      return isCut ? [...shown, { from: shown.length, to: MOST_PLACES, words: 'other' }] : shown
    }
    if (!bins || bins.count === 0) return []
    const factor = bins.merged(most)
    const first = Math.floor(bins.first / factor) * factor - bins.first
    const lines: { from: number; to: number; words: string }[] = []
    for (let at = first; at < bins.count; at += factor) {
      const words = this.wordsOf(bins.edge(at), bins.edge(at + factor))
      lines.push({ from: Math.max(0, at), to: Math.min(bins.count, at + factor), words })
    }
    return lines
  }

  private wordsOf(from: number, to: number): string {
    if (!this.isTime) return `${short(from)} to ${short(to)}`
    return clockText(from, to - from, this.timeZone)
  }
}
