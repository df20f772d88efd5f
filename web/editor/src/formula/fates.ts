// The fate of each row under a condition: kept, dropped or failed; and which rows have another one than under the condition before.
import type { RowTable } from '../panels/data/row-table.ts'
import type { Field, RunPlace } from '../run/shown-run.ts'

export const kFates = ['dropped', 'kept', 'failed'] as const
export type Fate = (typeof kFates)[number]

/** The fates of all rows of a table under one condition. */
export interface Fated {
  text: string
  /** By row: an index into `kFates`. */
  fates: Uint8Array
  /** Why rows failed, by row. */
  reasons: ReadonlyMap<number, string>
  kept: number
  failed: number
}

/** A row whose fate is another than before. */
export interface FateChange {
  row: number
  from: Fate
  to: Fate
}

/** Rows that are asked about at once: between two questions others get their turn. */
const kChunk = 1000
/** Conditions whose fates are remembered of one table. */
const kRemembered = 8

/** Without a condition every row is kept. */
export function allKept(rows: number): Fated {
  return { text: '', fates: new Uint8Array(rows).fill(1), reasons: new Map(), kept: rows, failed: 0 }
}

/** Rows whose fates differ, in their order. Both are of the same table. */
export function changesBetween(before: Fated, after: Fated): FateChange[] {
  const found: FateChange[] = []
  after.fates.forEach((fate, row) => {
    const old = before.fates[row] ?? 0
    if (old !== fate) found.push({ row, from: kFates[old] ?? 'dropped', to: kFates[fate] ?? 'dropped' })
  })
  return found
}

/** *212 fewer than before*, *as many as before*, *as before*. */
export function differenceWords(before: Fated, after: Fated, changes: readonly FateChange[], since: string): string {
  const more = after.kept - before.kept
  if (changes.length === 0) return `the same rows as ${since}`
  if (more === 0) return `as many as ${since}, others`
  const count = Math.abs(more).toLocaleString('en')
  return `${count} ${more > 0 ? 'more' : 'fewer'} than ${since}`
}

/** What was found out of one table: each condition is asked about once. */
export class FateBook {
  private readonly known = new Map<string, Fated>()

  constructor(
    private readonly place: Pick<RunPlace, 'evaluate'>,
    private readonly table: RowTable,
    private readonly fields: readonly Field[]
  ) {}

  /** @param isOver Asked between two chunks: the rest is not wanted any more. Then undefined. */
  async of(text: string, isOver: () => boolean): Promise<Fated | undefined> {
    if (text.trim() === '') return allKept(this.table.length)
    const known = this.known.get(text)
    if (known !== undefined) return known
    const { length } = this.table
    const fates = new Uint8Array(length)
    const reasons = new Map<number, string>()
    let kept = 0
    for (let from = 0; from < length; from += kChunk) {
      const rows = this.table.objects(from, from + kChunk)
      const results = await this.place.evaluate(text, rows, this.fields)
      if (isOver()) return undefined
      results.forEach(({ value, error }, at) => {
        if (error !== undefined) reasons.set(from + at, error)
        else if (value === true) ++kept
        fates[from + at] = error !== undefined ? 2 : value === true ? 1 : 0
      })
    }
    const made = { text, fates, reasons, kept, failed: reasons.size }
    if (this.known.size >= kRemembered) this.known.delete(this.known.keys().next().value ?? '')
    this.known.set(text, made)
    return made
  }
}
