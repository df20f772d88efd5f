// Rows of numbers by id, in typed arrays that grow: what is read for every frame makes no garbage.

/** Rows of `width` numbers. A row that was given up is taken again; `used` is how far rows go. */
export class NumberRows {
  numbers: Float64Array
  /** By row; undefined where a row is free. */
  readonly ids: (string | undefined)[] = []
  private readonly rows = new Map<string, number>()
  private readonly free: number[] = []

  constructor(readonly width: number) {
    this.numbers = new Float64Array(64 * width)
  }

  get used(): number {
    return this.ids.length
  }
  get size(): number {
    return this.rows.size
  }

  /** The row of an id, or -1. */
  rowOf(id: string): number {
    return this.rows.get(id) ?? -1
  }

  /** The row of an id, made if there is none. */
  rowFor(id: string): number {
    const known = this.rows.get(id)
    if (known !== undefined) return known
    const row = this.free.pop() ?? this.ids.length
    this.ids[row] = id
    this.rows.set(id, row)
    if ((row + 1) * this.width > this.numbers.length) {
      const grown = new Float64Array(this.numbers.length * 2)
      grown.set(this.numbers)
      this.numbers = grown
    }
    return row
  }

  /** The row that it was, or -1. */
  remove(id: string): number {
    const row = this.rowOf(id)
    if (row < 0) return row
    this.rows.delete(id)
    this.ids[row] = undefined
    this.free.push(row)
    return row
  }

  at(row: number, column: number): number {
    return this.numbers[row * this.width + column] ?? NaN
  }

  /** Whether it was another. */
  set(row: number, values: readonly number[]): boolean {
    let another = false
    for (let column = 0; column < this.width; ++column) {
      const value = values[column] ?? NaN
      const place = row * this.width + column
      if (Object.is(this.numbers[place], value)) continue
      this.numbers[place] = value
      another = true
    }
    return another
  }
}
