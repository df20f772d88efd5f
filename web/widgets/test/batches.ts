// Batches for tests, built by hand in Arrow's layout.
import type { Column } from '@weir/engine-client'
import { batchOf } from '../src/data/batch-of.ts'

export { batchOf }

/** A text column in codes into a dictionary. */
export function coded(name: string, dictionary: string[], codes: number[]): Column {
  const words = batchOf({ [name]: dictionary }).columns[0]
  return {
    name,
    kind: 'string',
    format: 'i',
    length: codes.length,
    nullCount: 0,
    values: Int32Array.from(codes),
    ...(words && { dictionary: words })
  }
}
