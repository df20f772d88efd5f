// What alerts can watch: `NODE.errorRate`, `EDGE.fill`, `run.deadLetters` (engine/flow/alert-metrics.h).

export type MeasuredThing = 'node' | 'edge' | 'run'

const kMeasures: readonly (readonly [string, MeasuredThing])[] = [
  ['errorRate', 'node'],
  ['latencyMs', 'node'],
  ['retriesPerSecond', 'node'],
  ['stalledMs', 'node'],
  ['breakerOpen', 'node'],
  ['fill', 'edge'],
  ['underPressure', 'edge'],
  ['rows', 'edge'],
  ['waitMs', 'edge'],
  ['rowsPerSecond', 'edge'],
  ['dropsPerSecond', 'edge'],
  ['idleMs', 'edge'],
  ['deadLetters', 'run'],
  ['errorsPerSecond', 'run'],
  ['memoryBytes', 'run']
]

export const kMeasureNames: readonly string[] = kMeasures.map(([name]) => name)

export interface AlertMetric {
  /** Id of a node or edge, or `run`. */
  subject: string
  measure: string
  of: MeasuredThing
}

/** `subject.measure`; undefined if there is no such measure. */
export function parseMetric(text: string): AlertMetric | undefined {
  const dot = text.lastIndexOf('.')
  if (dot <= 0) return undefined
  const measure = text.slice(dot + 1)
  const found = kMeasures.find(([name]) => name === measure)
  return found === undefined ? undefined : { subject: text.slice(0, dot), measure, of: found[1] }
}

/** Whether the measure counts rows of an edge, which a condition and a key can tell apart. */
export function countsRows(measure: string): boolean {
  return measure === 'rows' || measure === 'rowsPerSecond' || measure === 'idleMs'
}
