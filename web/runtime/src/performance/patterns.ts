// Data patterns: values as the engine's node generate/pattern makes them.
import { cell, type Batch, type Engine } from '@weir/engine-client'

export type DataPattern = 'sequential' | 'random' | 'sine-wave' | 'step'

export const DATA_PATTERNS: readonly DataPattern[] = ['sequential', 'random', 'sine-wave', 'step']

/** Settings of generate/pattern. */
const SETTINGS: Record<DataPattern, Record<string, unknown>> = {
  sequential: { pattern: 'sequential' },
  random: { pattern: 'random' },
  'sine-wave': { pattern: 'sine' },
  step: { pattern: 'step', period: 10 }
}

/** The first `count` values of a pattern; those of `random` depend on `seed` alone. */
export async function patternValues(engine: Engine, pattern: DataPattern, count: number, seed = 1): Promise<number[]> {
  const settings = { ...SETTINGS[pattern], rows: count, seed }
  const flow = {
    id: `pattern-${pattern}`,
    version: '1.0.0',
    nodes: [{ id: 'values', typeId: 'generate/pattern', version: '1.0.0', settings }],
    edges: []
  }
  const run = await engine.run(flow, { outlets: [{ node: 'values', port: 'rows' }] })
  const values: number[] = []
  const reader = run.outlet('values', 'rows').getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) take(read.value, values)
  return values
}

function take(batch: Batch, into: number[]): void {
  const column = batch.columns.find((one) => one.name === 'value')
  for (let row = 0; column && row < batch.rows; row++) into.push(cell(column, row) as number)
}
