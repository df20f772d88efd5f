// The newest value of a column that is not null.
import type { Batch, Column } from '@weir/engine-client'
import { lastRow } from './column-read.ts'
import { missing, named } from './named-column.ts'

export interface Latest {
  column: Column
  row: number
}

/** undefined if all rows of the batch are null. Throws if there is no column by that name, or none that fits. */
export function latestOf(
  batch: Batch,
  name: string | undefined,
  fits: (column: Column) => boolean,
  wanted: string
): Latest | undefined {
  const column = name === undefined ? batch.columns.find(fits) : named(batch.columns, name)
  if (!column) throw new Error(missing(wanted, batch.columns))
  const row = lastRow(column)
  return row < 0 ? undefined : { column, row }
}
