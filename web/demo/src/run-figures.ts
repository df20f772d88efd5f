// RunFigures: what a run tells of itself ten times a second, checked, with rates over about the last second.

export interface NodeFigures {
  id: string
  typeId: string
  rowsIn: number
  rowsOut: number
  bytesOut: number
  /** Rows a second, in and out: of sinks only the first is not zero. */
  rate: number
  rateIn: number
  failed: number
  done: boolean
  waitsFor: string
  progressDone: number
  progressTotal: number
}

export interface EdgeFigures {
  id: string
  source: string
  target: string
  held: number
  heldBytes: number
  dropped: number
  /** Rows that the edge's condition did not let through. */
  filtered: number
  /** 0 to 1: the fuller of rows and bytes. */
  fill: number
}

export interface Figures {
  elapsedMicros: number
  peakBytes: number
  deadLetters: number
  nodes: NodeFigures[]
  edges: EdgeFigures[]
}

const RATE_MS = 1000

type Raw = Record<string, unknown>

const numberIn = (raw: Raw, name: string): number => (typeof raw[name] === 'number' ? raw[name] : 0)
const textIn = (raw: Raw, name: string): string => (typeof raw[name] === 'string' ? raw[name] : '')
const listIn = (raw: Raw, name: string): Raw[] => (Array.isArray(raw[name]) ? (raw[name] as Raw[]) : [])

interface Mark {
  at: number
  rows: Map<string, { in: number; out: number }>
}

export class RunFigures {
  private mark: Mark | undefined
  private rates = new Map<string, { in: number; out: number }>()

  /** `now`: milliseconds of any clock that goes on evenly. */
  read(data: unknown, now: number): Figures {
    const raw = (typeof data === 'object' && data !== null ? data : {}) as Raw
    const nodes = listIn(raw, 'nodes')
    this.measure(nodes, now)
    return {
      elapsedMicros: numberIn(raw, 'elapsedMicros'),
      peakBytes: numberIn(raw, 'peakBytes'),
      deadLetters: numberIn(raw, 'deadLetters'),
      nodes: nodes.map((node) => this.node(node)),
      edges: listIn(raw, 'edges').map(edge)
    }
  }

  /** Nothing flows any more: all rates are zero. */
  rest(last: Figures): Figures {
    return { ...last, nodes: last.nodes.map((node) => ({ ...node, rate: 0, rateIn: 0 })) }
  }

  private measure(nodes: Raw[], now: number): void {
    const elapsed = this.mark ? now - this.mark.at : 0
    if (this.mark && elapsed < RATE_MS) return
    const rows = new Map(
      nodes.map((node) => [textIn(node, 'id'), { in: numberIn(node, 'rowsIn'), out: numberIn(node, 'rowsOut') }])
    )
    const before = this.mark?.rows
    if (before) {
      this.rates = new Map(
        Array.from(rows, ([id, { in: came, out }]) => {
          const old = before.get(id) ?? { in: 0, out: 0 }
          return [id, { in: ((came - old.in) * 1000) / elapsed, out: ((out - old.out) * 1000) / elapsed }]
        })
      )
    }
    this.mark = { at: now, rows }
  }

  private node(raw: Raw): NodeFigures {
    const id = textIn(raw, 'id')
    const rate = this.rates.get(id)
    return {
      id,
      typeId: textIn(raw, 'typeId'),
      rowsIn: numberIn(raw, 'rowsIn'),
      rowsOut: numberIn(raw, 'rowsOut'),
      bytesOut: numberIn(raw, 'bytesOut'),
      rate: Math.round(rate?.out ?? 0),
      rateIn: Math.round(rate?.in ?? 0),
      failed: numberIn(raw, 'failed'),
      done: raw.done === true,
      waitsFor: textIn(raw, 'waitsFor'),
      progressDone: numberIn(raw, 'progressDone'),
      progressTotal: numberIn(raw, 'progressTotal')
    }
  }
}

function edge(raw: Raw): EdgeFigures {
  const [held, heldBytes] = [numberIn(raw, 'held'), numberIn(raw, 'heldBytes')]
  const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
  return {
    id: textIn(raw, 'id'),
    source: textIn(raw, 'source'),
    target: textIn(raw, 'target'),
    held,
    heldBytes,
    dropped: numberIn(raw, 'dropped'),
    filtered: numberIn(raw, 'filtered'),
    fill: Math.min(
      1,
      Math.max(share(held, numberIn(raw, 'capacityRows')), share(heldBytes, numberIn(raw, 'capacityBytes')))
    )
  }
}

export interface Totals {
  /** Rows that sources gave, a second and in all. */
  rate: number
  rows: number
  bytes: number
  waiting: number
  waitingBytes: number
  dropped: number
  setAside: number
  /** 0 to 1 of what files there are to read; undefined where nobody knows. */
  progress: number | undefined
}

export function totalsOf(figures: Figures): Totals {
  const fed = new Set(figures.edges.map((one) => one.target))
  const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((all, one) => all + of(one), 0)
  const sources = figures.nodes.filter((node) => !fed.has(node.id))
  const total = sum(sources, (node) => node.progressTotal)
  const known = sources.length > 0 && sources.every((node) => node.progressTotal > 0)
  return {
    rate: sum(sources, (node) => node.rate),
    rows: sum(sources, (node) => node.rowsOut),
    bytes: sum(sources, (node) => node.bytesOut),
    waiting: sum(figures.edges, (one) => one.held),
    waitingBytes: sum(figures.edges, (one) => one.heldBytes),
    dropped: sum(figures.edges, (one) => one.dropped),
    setAside: figures.deadLetters,
    progress: known ? Math.min(1, sum(sources, (node) => node.progressDone) / total) : undefined
  }
}

/** The node that holds the others up: the one before which an edge is nearly full. */
export function slowestOf(figures: Figures): { node: string; fill: number } | undefined {
  let found: { node: string; fill: number } | undefined
  for (const one of figures.edges) {
    if (one.fill >= 0.8 && one.fill >= (found?.fill ?? 0)) found = { node: one.target, fill: one.fill }
  }
  return found
}
