// The figures of a run as the server tells them, read into what the pages show.

export interface NodeFigures {
  id: string
  typeId: string
  rowsIn: number
  rowsOut: number
  bytesOut: number
  failed: number
  retries: number
  busyNanos: number
  waitsFor: string
  done: boolean
  p95Nanos: number
}

export interface EdgeFigures {
  id: string
  source: string
  target: string
  taken: number
  filtered: number
  dropped: number
  held: number
  capacityRows: number
}

export interface RunFigures {
  elapsedMicros: number
  usedBytes: number
  peakBytes: number
  deadLetters: number
  errors: number
  nodes: NodeFigures[]
  edges: EdgeFigures[]
}

type Raw = Record<string, unknown>

function numberOf(raw: Raw, name: string): number {
  const value = raw[name]
  return typeof value === 'number' ? value : 0
}

function textOf(raw: Raw, name: string): string {
  const value = raw[name]
  return typeof value === 'string' ? value : ''
}

function objectsOf(raw: Raw, name: string): Raw[] {
  const value = raw[name]
  return Array.isArray(value) ? (value as Raw[]) : []
}

function nodeOf(raw: Raw): NodeFigures {
  const steps = raw.stepNanos
  return {
    id: textOf(raw, 'id'),
    typeId: textOf(raw, 'typeId'),
    rowsIn: numberOf(raw, 'rowsIn'),
    rowsOut: numberOf(raw, 'rowsOut'),
    bytesOut: numberOf(raw, 'bytesOut'),
    failed: numberOf(raw, 'failed'),
    retries: numberOf(raw, 'retries'),
    busyNanos: numberOf(raw, 'busyNanos'),
    waitsFor: textOf(raw, 'waitsFor'),
    done: raw.done === true,
    p95Nanos: typeof steps === 'object' && steps !== null ? numberOf(steps as Raw, 'p95') : 0
  }
}

function edgeOf(raw: Raw): EdgeFigures {
  return {
    id: textOf(raw, 'id'),
    source: textOf(raw, 'source'),
    target: textOf(raw, 'target'),
    taken: numberOf(raw, 'taken'),
    filtered: numberOf(raw, 'filtered'),
    dropped: numberOf(raw, 'dropped'),
    held: numberOf(raw, 'held'),
    capacityRows: numberOf(raw, 'capacityRows')
  }
}

/** The figures of a `metrics` object; null if there is none yet. */
export function figuresOf(metrics: unknown): RunFigures | null {
  if (typeof metrics !== 'object' || metrics === null || !('nodes' in metrics)) return null
  const raw = metrics as Raw
  return {
    elapsedMicros: numberOf(raw, 'elapsedMicros'),
    usedBytes: numberOf(raw, 'usedBytes'),
    peakBytes: numberOf(raw, 'peakBytes'),
    deadLetters: numberOf(raw, 'deadLetters'),
    errors: numberOf(raw, 'errors'),
    nodes: objectsOf(raw, 'nodes').map(nodeOf),
    edges: objectsOf(raw, 'edges').map(edgeOf)
  }
}

/** Rows that the sources of a run have given. */
export function rowsRead(figures: RunFigures): number {
  const fed = new Set(figures.edges.map((edge) => edge.target))
  return figures.nodes.filter((node) => !fed.has(node.id)).reduce((sum, node) => sum + node.rowsOut, 0)
}

/** The node whose queue is fullest, from half full on: it holds the others up. */
export function slowestNode(figures: RunFigures): { node: string; fill: number } | null {
  let found: { node: string; fill: number } | null = null
  for (const edge of figures.edges) {
    const fill = edge.capacityRows === 0 ? 0 : edge.held / edge.capacityRows
    if (fill >= 0.5 && (found === null || fill > found.fill)) found = { node: edge.target, fill }
  }
  return found
}
