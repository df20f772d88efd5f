// Places: where things of one kind stand, in typed arrays, so that dragging thousands of them makes no garbage.
import { isNumber, toNumber } from '../json/value.ts'
import type { Json, JsonNumber, JsonObject } from '../json/value.ts'

export const kParts = ['x', 'y', 'width', 'height'] as const
export type Part = (typeof kParts)[number]

/** Rows are reused when things go; a number that is not there is NaN. Canvas units are pixels at zoom 1. */
export class Places {
  private rows = new Map<string, number>()
  private readonly free: number[] = []
  private columns: Record<Part, Float64Array> = { x: none(16), y: none(16), width: none(16), height: none(16) }
  /** Numbers that a double does not say as they were written, by part and row. */
  private readonly exact = new Map<string, JsonNumber>()
  private used = 0

  /** The row of a thing, or -1. */
  rowOf(id: string): number {
    return this.rows.get(id) ?? -1
  }

  /** The numbers of one part by row; replaced when more room is needed. */
  column(part: Part): Float64Array {
    return this.columns[part]
  }

  /** The number, or NaN. */
  get(id: string, part: Part): number {
    const row = this.rows.get(id)
    return row === undefined ? NaN : (this.columns[part][row] ?? NaN)
  }

  /** The number as it was written, or undefined. */
  written(id: string, part: Part): JsonNumber | undefined {
    const row = this.rows.get(id)
    if (row === undefined) return undefined
    const value = this.columns[part][row] ?? NaN
    if (Number.isNaN(value)) return undefined
    return this.exact.size === 0 ? value : (this.exact.get(`${part}${row}`) ?? value)
  }

  /** Sets one number; null takes it away. */
  set(id: string, part: Part, value: JsonNumber | null): void {
    const row = this.rows.get(id) ?? this.add(id)
    const number = value === null ? NaN : (toNumber(value) ?? NaN)
    this.columns[part][row] = number
    const plain = value === null || (typeof value === 'number' && !Object.is(value, -0))
    if (!plain) this.exact.set(`${part}${row}`, value)
    else if (this.exact.size > 0) this.exact.delete(`${part}${row}`)
  }

  setBox(id: string, box: JsonObject): void {
    for (const part of kParts) {
      const value: Json | undefined = box.get(part)
      if (isNumber(value)) this.set(id, part, value)
    }
  }

  /** {x, y, width, height}, those that are there. */
  boxOf(id: string): JsonObject {
    const box = new Map<string, Json>()
    for (const part of kParts) {
      const value = this.written(id, part)
      if (value !== undefined) box.set(part, value)
    }
    return box
  }

  remove(id: string): void {
    const row = this.rows.get(id)
    if (row === undefined) return
    for (const part of kParts) {
      this.columns[part][row] = NaN
      this.exact.delete(`${part}${row}`)
    }
    this.rows.delete(id)
    this.free.push(row)
  }

  rename(id: string, to: string): void {
    const row = this.rows.get(id)
    if (row === undefined) return
    this.rows.delete(id)
    this.rows.set(to, row)
  }

  private add(id: string): number {
    const row = this.free.pop() ?? this.used++
    if (row >= this.columns.x.length) this.grow()
    this.rows.set(id, row)
    return row
  }

  private grow(): void {
    for (const part of kParts) {
      const wider = none(this.columns[part].length * 2)
      wider.set(this.columns[part])
      this.columns[part] = wider
    }
  }
}

function none(length: number): Float64Array {
  return new Float64Array(length).fill(NaN)
}
