// Figures of a run in several parts, as of one: what was counted adds up, what is now is that of the part that goes on.

/** As the live protocol tells them (`metrics`). */
export interface RunCounters {
  elapsedMicros: number
  usedBytes: number
  peakBytes: number
  deadLetters: number
  errors: number
  nodes: ({ id: string } & Record<string, unknown>)[]
  edges: ({ id: string } & Record<string, unknown>)[]
  [key: string]: unknown
}

const NODE_COUNTS = ['rowsIn', 'rowsOut', 'bytesOut', 'failed', 'retries', 'busyNanos']
const EDGE_COUNTS = ['offered', 'taken', 'filtered', 'dropped', 'discarded', 'failed']

/** `before` may lack nodes and edges that `now` has, and the other way round. */
export function addFigures(before: RunCounters | undefined, now: RunCounters): RunCounters {
  if (!before) return now
  return {
    ...now,
    elapsedMicros: before.elapsedMicros + now.elapsedMicros,
    peakBytes: Math.max(before.peakBytes, now.peakBytes),
    deadLetters: before.deadLetters + now.deadLetters,
    errors: before.errors + now.errors,
    nodes: added(before.nodes, now.nodes, NODE_COUNTS),
    edges: added(before.edges, now.edges, EDGE_COUNTS)
  }
}

type Counted = { id: string } & Record<string, unknown>

function added(before: readonly Counted[], now: readonly Counted[], counts: readonly string[]): Counted[] {
  const gone = before.filter((one) => !now.some((other) => other.id === one.id))
  const both = now.map((one) => {
    const earlier = before.find((other) => other.id === one.id)
    if (!earlier) return one
    const sums = counts.map((name) => [name, Number(earlier[name] ?? 0) + Number(one[name] ?? 0)] as const)
    return { ...one, ...Object.fromEntries(sums) }
  })
  return [...both, ...gone]
}
