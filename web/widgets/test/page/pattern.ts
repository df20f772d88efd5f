// Batches of a time and some waves, over one buffer.
import type { Batch, Column } from '@weir/engine-client'

const START_US = 1_772_626_800_000_000

/** Rows `from` and following; `rate`: rows a second of the time column. */
export function patternBatch(from: number, rows: number, columns: number, rate: number): Batch {
  const buffer = new ArrayBuffer(rows * 8 * (columns + 1))
  const times = new BigInt64Array(buffer, 0, rows)
  for (let i = 0; i < rows; i++) times[i] = BigInt(Math.round(START_US + ((from + i) / rate) * 1e6))
  const made: Column[] = [
    { name: 'ts', kind: 'timestamp', format: 'tsu:UTC', length: rows, nullCount: 0, values: times }
  ]
  for (let c = 0; c < columns; c++) {
    const values = new Float64Array(buffer, rows * 8 * (c + 1), rows)
    for (let i = 0; i < rows; i++) values[i] = wave(from + i, c, rate)
    made.push({
      name: ['load', 'queue', 'rest'][c] ?? `c${c}`,
      kind: 'double',
      format: 'g',
      length: rows,
      nullCount: 0,
      values
    })
  }
  return { rows, columns: made, buffer, bytes: buffer.byteLength }
}

function wave(i: number, c: number, rate: number): number {
  const t = i / rate
  const rough = Math.sin(i * 12.9898 + c) * 43758.5453
  return 60 + 20 * Math.sin(t * 1.3 + c * 1.7) + 9 * Math.sin(t * 7 + c) + 4 * (rough - Math.floor(rough)) - c * 14
}
