// RowTable: the newest rows of a port.
import { cell, type Batch } from '@weir/engine-client'
import { make, numberText } from './elements.ts'

const ROWS = 12

function textOf(value: unknown, kind: string): string {
  if (value === null || value === undefined) return ''
  if (kind === 'timestamp' && typeof value === 'number')
    return new Date(value / 1000).toISOString().replace('.000Z', 'Z')
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return value
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : JSON.stringify(value)
}

const NUMBERS = ['int', 'uint', 'double']

export class RowTable {
  readonly element = make('div', { class: 'scroll', tabindex: '0' })
  private names: string[] = []
  private newest: { text: string; isNumber: boolean }[][] = []
  private isDue = false

  add(batch: Batch): void {
    if (batch.rows === 0) return
    this.names = batch.columns.map((column) => column.name)
    for (let row = Math.max(0, batch.rows - ROWS); row < batch.rows; row++) {
      this.newest.push(
        batch.columns.map((column) => ({
          text: textOf(cell(column, row), column.kind),
          isNumber: NUMBERS.includes(column.kind)
        }))
      )
    }
    this.newest = this.newest.slice(-ROWS)
    if (this.isDue) return
    this.isDue = true
    requestAnimationFrame(() => {
      this.isDue = false
      this.draw()
    })
  }

  private draw(): void {
    const isNumber = this.newest[0]?.map((one) => one.isNumber) ?? []
    const head = this.names.map((name, i) => make('th', { class: isNumber[i] === true ? 'number' : '' }, name))
    const body = this.newest.map((row) =>
      make('tr', {}, ...row.map((one) => make('td', { class: one.isNumber ? 'number' : '' }, one.text)))
    )
    this.element.replaceChildren(
      make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body))
    )
  }
}
