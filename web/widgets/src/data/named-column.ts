// Columns by name, and what to say when the one a widget needs is not there.
import type { Column } from '@weir/engine-client'

/** Throws in words that name what there is. */
export function named(columns: readonly Column[], name: string): Column {
  const found = columns.find((column) => column.name === name)
  if (!found) throw new Error(missing(`column '${name}'`, columns))
  return found
}

export function missing(wanted: string, columns: readonly Column[]): string {
  const found = columns.map((column) => `${column.name} (${column.kind})`).join(', ')
  const needed = wanted.slice(0, 1).toUpperCase() + wanted.slice(1)
  return `${needed} is needed; the rows have ${found === '' ? 'no columns' : found}. Name another in the widget's settings.`
}
