// Rows as text for elsewhere: CSV that opens right in Excel and does nothing there, and tables for the clipboard.
import { copyText } from './cell-format.ts'
import type { RowTable } from './row-table.ts'

/** What a spreadsheet would compute is not computed: `=`, `+`, `-` and `@` at the beginning of a text, unless it is a number. */
function guarded(text: string, isNumber: boolean): string {
  return !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function csvField(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function lines(
  table: RowTable,
  from: number,
  to: number,
  write: (text: string, isNumber: boolean) => string
): string[][] {
  const made: string[][] = []
  for (let row = from; row < Math.min(to, table.length); ++row)
    made.push(
      table.columns.map((column) => write(copyText(table.value(row, column.name), column), column.kind === 'number'))
    )
  return made
}

/** With a byte order mark, so that Excel reads UTF-8; times in UTC. */
export function csvOf(table: RowTable): string {
  const head = table.columns.map((column) => csvField(guarded(column.name, false)))
  const rows = lines(table, 0, table.length, (text, isNumber) => csvField(guarded(text, isNumber)))
  return `\ufeff${[head, ...rows].map((fields) => fields.join(',')).join('\r\n')}\r\n`
}

/** For the clipboard: tabs between cells, a line a row. Tabs and line ends within cells are blanks. */
export function tabbedOf(table: RowTable, from = 0, to = table.length): string {
  const clean = (text: string): string => text.replaceAll(/[\t\r\n]+/g, ' ')
  const head = table.columns.map((column) => clean(guarded(column.name, false)))
  const rows = lines(table, from, to, (text, isNumber) => clean(guarded(text, isNumber)))
  return [head, ...rows].map((fields) => fields.join('\t')).join('\n')
}
