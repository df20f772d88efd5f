// RowTable: rows of several batches as one table, the newest or the first on top, read cell by cell.
import { cell, isNull } from '@weir/engine-client'
import type { Batch, Column } from '@weir/engine-client'

export type CellKind = 'number' | 'string' | 'bool' | 'time' | 'any'

export interface TableColumn {
  name: string
  /** For colours. */
  kind: CellKind
  /** As the engine names it: int, double, string, timestamp. */
  type: string
}

const kKinds: Readonly<Record<Column['kind'], CellKind>> = {
  null: 'any',
  bool: 'bool',
  int: 'number',
  uint: 'number',
  double: 'number',
  string: 'string',
  bytes: 'any',
  timestamp: 'time',
  duration: 'time',
  other: 'any'
}

function typeName(column: Column): string {
  if (column.kind !== 'other') return column.kind
  return column.format.startsWith('+l') || column.format.startsWith('+w') ? 'list' : 'map'
}

/** Rows that are never changed: another selection or order is another table over the same batches. */
export class RowTable {
  readonly columns: readonly TableColumn[]
  readonly length: number
  private readonly starts: number[] = []
  private readonly byName: ReadonlyMap<string, Column>[]

  /**
   * @param batches In the order in which they are shown; their buffers have to stay as they are.
   * @param newestFirst Whether the last row of each is its first.
   */
  constructor(
    private readonly batches: readonly Batch[],
    private readonly newestFirst = false,
    private readonly order?: Uint32Array
  ) {
    let rows = 0
    for (const batch of batches) {
      this.starts.push(rows)
      rows += batch.rows
    }
    this.length = order?.length ?? rows
    this.byName = batches.map((batch) => new Map(batch.columns.map((column) => [column.name, column])))
    this.columns = columnsOf(batches)
  }

  static readonly empty = new RowTable([])

  /** Null of a field that is empty or not there. */
  value(row: number, name: string): unknown {
    const found = this.find(row, name)
    return found === undefined ? null : cell(found.column, found.at)
  }

  isEmpty(row: number, name: string): boolean {
    const found = this.find(row, name)
    return found === undefined || isNull(found.column, found.at)
  }

  row(row: number): Record<string, unknown> {
    const made = Object.create(null) as Record<string, unknown>
    for (const { name } of this.columns) made[name] = this.value(row, name)
    return made
  }

  /** The first rows as objects, times as RFC 3339 texts: what a formula is tried on. */
  sample(most: number): Record<string, unknown>[] {
    return this.objects(0, most)
  }

  /** Rows from one place up to another, as `sample` gives them. */
  objects(from: number, to: number): Record<string, unknown>[] {
    return Array.from({ length: Math.max(0, Math.min(to, this.length) - from) }, (_, at) => {
      const made = this.row(from + at)
      for (const { name, type } of this.columns)
        if (type === 'timestamp' && made[name] !== null) made[name] = isoText(made[name])
      return made
    })
  }

  /** The same rows in another order, or fewer of them: places in this table. */
  reordered(places: Uint32Array): RowTable {
    const { order } = this
    const through = order === undefined ? places : places.map((place) => order[place] ?? 0)
    return new RowTable(this.batches, this.newestFirst, through)
  }

  private find(row: number, name: string): { column: Column; at: number } | undefined {
    const place = this.order === undefined ? row : (this.order[row] ?? 0)
    const index = this.batchOf(place)
    const batch = this.batches[index]
    const column = this.byName[index]?.get(name)
    if (batch === undefined || column === undefined) return undefined
    const inside = place - (this.starts[index] ?? 0)
    return { column, at: this.newestFirst ? batch.rows - 1 - inside : inside }
  }

  /** The last batch that begins at or before this row. */
  private batchOf(row: number): number {
    let low = 0
    let high = this.starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.starts[middle] ?? 0) <= row) low = middle
      else high = middle
    }
    return low
  }
}

/** Columns in the order in which they come first; one whose type differs among batches is of any type. */
function columnsOf(batches: readonly Batch[]): TableColumn[] {
  const found = new Map<string, TableColumn>()
  for (const batch of batches) {
    for (const column of batch.columns) {
      const made = { name: column.name, kind: kKinds[column.kind], type: typeName(column) }
      const known = found.get(column.name)
      if (known === undefined || known.type === 'null') found.set(column.name, made)
      else if (known.type !== made.type && made.type !== 'null')
        found.set(column.name, { name: column.name, kind: 'any', type: 'any' })
    }
  }
  return [...found.values()]
}

/** Microseconds since 1970 as RFC 3339 in UTC, with as many digits as there are; other values as text. */
export function isoText(micros: unknown): string {
  if (typeof micros !== 'number' && typeof micros !== 'bigint') return typeof micros === 'string' ? micros : ''
  const exact = BigInt(micros)
  const rest = ((exact % 1_000_000n) + 1_000_000n) % 1_000_000n
  const ms = Number((exact - rest) / 1000n)
  if (Math.abs(ms) > 8.64e15) return `${exact} µs`
  const digits = String(rest).padStart(6, '0').replace(/0+$/, '')
  return new Date(ms).toISOString().replace(/\.000Z$/, digits === '' ? 'Z' : `.${digits}Z`)
}
