// FigureStore: the live figures of a run by node and edge, in typed arrays, for who draws them. Never in React's state.
import type { RunCounters } from '@weir/engine-client'

/** What is known of a node; counts are of the whole run, rates of the last second, `worked` in seconds since its start. */
export const kNodeFigures = ['rowsIn', 'rowsOut', 'inRate', 'outRate', 'failed', 'busy', 'queued', 'worked'] as const
export type NodeFigure = (typeof kNodeFigures)[number]
/** What is known of an edge; `fill` is 0 to 1. */
export const kEdgeFigures = ['taken', 'rate', 'waiting', 'fill', 'dropped', 'bytes'] as const
export type EdgeFigure = (typeof kEdgeFigures)[number]

/** Of the sparkline of a node or an edge: the rates of the last updates, the oldest first. */
export const kSparkPoints = 60

class Columns<Name extends string> {
  readonly ids: string[] = []
  private readonly rows = new Map<string, number>()
  private capacity = 64
  private readonly columns = new Map<Name, Float64Array>()
  private sparks = new Float32Array(64 * kSparkPoints)
  private heads = new Uint32Array(64)

  constructor(private readonly names: readonly Name[]) {
    for (const name of names) this.columns.set(name, new Float64Array(this.capacity))
  }

  rowOf(id: string): number | undefined {
    return this.rows.get(id)
  }

  rowFor(id: string): number {
    const known = this.rows.get(id)
    if (known !== undefined) return known
    const row = this.ids.push(id) - 1
    this.rows.set(id, row)
    if (row >= this.capacity) this.grow()
    return row
  }

  get(name: Name, row: number): number {
    return this.columns.get(name)?.[row] ?? 0
  }

  /** Whether it was another. */
  set(name: Name, row: number, value: number): boolean {
    const column = this.columns.get(name)
    if (column === undefined || column[row] === value) return false
    column[row] = value
    return true
  }

  push(row: number, rate: number): void {
    const head = this.heads[row] ?? 0
    this.sparks[row * kSparkPoints + (head % kSparkPoints)] = rate
    this.heads[row] = head + 1
  }

  /** Copies the newest rates into `into`, the oldest first; how many there are. */
  spark(row: number, into: Float32Array): number {
    const head = this.heads[row] ?? 0
    const count = Math.min(head, kSparkPoints, into.length)
    for (let i = 0; i < count; ++i) into[i] = this.sparks[row * kSparkPoints + ((head - count + i) % kSparkPoints)] ?? 0
    return count
  }

  private grow(): void {
    this.capacity *= 2
    for (const name of this.names) {
      const grown = new Float64Array(this.capacity)
      grown.set(this.columns.get(name) ?? [])
      this.columns.set(name, grown)
    }
    const sparks = new Float32Array(this.capacity * kSparkPoints)
    sparks.set(this.sparks)
    this.sparks = sparks
    const heads = new Uint32Array(this.capacity)
    heads.set(this.heads)
    this.heads = heads
  }
}

/** What changed since the last notice. */
export interface FigureChanges {
  nodes: ReadonlySet<string>
  edges: ReadonlySet<string>
}

/** Figures of one run. Who writes calls `take`; who draws subscribes and reads by id. */
export class FigureStore {
  private readonly nodes = new Columns<NodeFigure>(kNodeFigures)
  private readonly edges = new Columns<EdgeFigure>(kEdgeFigures)
  private readonly listeners = new Set<(changes: FigureChanges) => void>()
  /** The whole run's, as they came last. */
  last: RunCounters | undefined

  node(id: string, figure: NodeFigure): number {
    const row = this.nodes.rowOf(id)
    return row === undefined ? 0 : this.nodes.get(figure, row)
  }

  edge(id: string, figure: EdgeFigure): number {
    const row = this.edges.rowOf(id)
    return row === undefined ? 0 : this.edges.get(figure, row)
  }

  hasNode(id: string): boolean {
    return this.nodes.rowOf(id) !== undefined
  }

  hasEdge(id: string): boolean {
    return this.edges.rowOf(id) !== undefined
  }

  nodeSpark(id: string, into: Float32Array): number {
    const row = this.nodes.rowOf(id)
    return row === undefined ? 0 : this.nodes.spark(row, into)
  }

  edgeSpark(id: string, into: Float32Array): number {
    const row = this.edges.rowOf(id)
    return row === undefined ? 0 : this.edges.spark(row, into)
  }

  /** Told at most once for each `write`; ids of what is another than before. */
  subscribe(listener: (changes: FigureChanges) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Writes the figures of nodes and edges and tells who draws them. Names that are left out stay as they are. */
  write(
    nodes: Iterable<{ id: string } & Partial<Record<NodeFigure, number>>>,
    edges: Iterable<{ id: string } & Partial<Record<EdgeFigure, number>>>
  ): void {
    const changes = {
      nodes: written(this.nodes, kNodeFigures, nodes, 'outRate'),
      edges: written(this.edges, kEdgeFigures, edges, 'rate')
    }
    if (changes.nodes.size + changes.edges.size === 0) return
    for (const listener of this.listeners) listener(changes)
  }
}

function written<Name extends string>(
  columns: Columns<Name>,
  names: readonly Name[],
  items: Iterable<{ id: string } & Partial<Record<Name, number>>>,
  rate: Name
): Set<string> {
  const changed = new Set<string>()
  for (const item of items) {
    const row = columns.rowFor(item.id)
    let another = false
    for (const name of names) {
      const value = item[name]
      if (value !== undefined) another = columns.set(name, row, value) || another
    }
    const now = item[rate]
    if (now !== undefined) {
      columns.push(row, now)
      another ||= now !== 0
    }
    if (another) changed.add(item.id)
  }
  return changed
}
