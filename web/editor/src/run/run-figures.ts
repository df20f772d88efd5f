// RunFigures: what a run tells of itself ten times a second, with rates by difference, into a FigureStore.
import type { RunCounters } from '@weir/engine-client'
import type { FigureStore, NodeFigure } from './figure-store.ts'

/** Rates are over about this long. */
const kRateMs = 1000
/** An edge as full as this holds up who writes it. */
const kFull = 0.8
/** Nothing is said of the time that is left before so much is done. */
const kLeastProgress = 0.02

type Raw = { id: string } & Record<string, unknown>

const numberIn = (raw: Raw, name: string): number => (typeof raw[name] === 'number' ? raw[name] : 0)
const textIn = (raw: Raw, name: string): string => (typeof raw[name] === 'string' ? raw[name] : '')

/** What is said of the run as a whole. */
export interface RunSummary {
  /** Of its sources. */
  rows: number
  rate: number
  aside: number
  dropped: number
  heldUpBy: string | undefined
  progress: number | undefined
  secondsLeft: number | undefined
  /** Rows that failed, by node; those where none did are left out. */
  failed: ReadonlyMap<string, number>
}

/** Nodes that a run has instead of one of the person's, as a sample reads several files by several nodes. */
export interface Stand {
  /** By the id of a node: the person's node that it does a part of the work of. */
  partOf: ReadonlyMap<string, string>
  /** By the id of a node: the person's node whose rows come out of it, and are as many as it lets pass. */
  gives: ReadonlyMap<string, string>
}

/** Counts at one time, to take differences from. */
interface Mark {
  at: number
  nodes: Map<string, { in: number; out: number; busy: number }>
  edges: Map<string, number>
}

export class RunFigures {
  private marks: Mark[] = []

  constructor(
    private readonly store: FigureStore,
    /** Nodes and edges that are not the person's: nothing is told of them. */
    private readonly hidden: ReadonlySet<string> = new Set(),
    private readonly stand: Stand = { partOf: new Map(), gives: new Map() }
  ) {}

  /** `now`: milliseconds of a clock that goes on evenly. */
  take(counters: RunCounters, now: number): RunSummary {
    const nodes = joined(counters.nodes, this.stand).filter(({ id }) => !this.hidden.has(id))
    const edges = counters.edges.filter(({ id }) => !this.hidden.has(id))
    this.store.last = { ...counters, nodes: [...nodes] }
    const before = this.markBefore(now)
    const seconds = before === undefined ? 0 : (now - before.at) / 1000
    const rate = (count: number, old: number | undefined): number =>
      seconds > 0 ? Math.max(0, (count - (old ?? 0)) / seconds) : 0
    const queued = new Map<string, number>()
    for (const edge of edges) {
      const target = textIn(edge, 'target')
      queued.set(target, (queued.get(target) ?? 0) + numberIn(edge, 'held'))
    }
    const nodeItems = nodes.map((node) => {
      const old = before?.nodes.get(node.id)
      const busy = seconds > 0 ? (numberIn(node, 'busyNanos') - (old?.busy ?? 0)) / (seconds * 1e9) : 0
      return {
        id: node.id,
        rowsIn: numberIn(node, 'rowsIn'),
        rowsOut: numberIn(node, 'rowsOut'),
        inRate: rate(numberIn(node, 'rowsIn'), old?.in),
        outRate: rate(numberIn(node, 'rowsOut'), old?.out),
        failed: numberIn(node, 'failed'),
        busy: Math.min(1, Math.max(0, busy)),
        queued: queued.get(node.id) ?? 0,
        worked: numberIn(node, 'busyNanos') / 1e9
      }
    })
    const edgeItems = edges.map((edge) => ({
      id: edge.id,
      taken: numberIn(edge, 'taken'),
      rate: rate(numberIn(edge, 'taken'), before?.edges.get(edge.id)),
      waiting: numberIn(edge, 'held'),
      fill: fillOf(edge),
      dropped: numberIn(edge, 'dropped'),
      bytes: numberIn(edge, 'heldBytes')
    }))
    this.mark(now, nodes, edges)
    this.store.write([...nodeItems, ...ofFlows(nodeItems, edges, edgeItems)], edgeItems)
    return summaryOf(counters, nodes, edges, new Map(nodeItems.map((item) => [item.id, item])))
  }

  /** Nothing flows any more: rates and queues are zero. */
  rest(): void {
    const last = this.store.last
    this.marks = []
    if (last === undefined) return
    const shown = ({ id }: { id: string }): boolean => !this.hidden.has(id)
    this.store.write(
      last.nodes.filter(shown).map(({ id }) => ({ id, inRate: 0, outRate: 0, busy: 0, queued: 0 })),
      last.edges.filter(shown).map(({ id }) => ({ id, rate: 0, waiting: 0, fill: 0, bytes: 0 }))
    )
  }

  /** The counts of about a second ago; of the beginning before. */
  private markBefore(now: number): Mark | undefined {
    while (this.marks.length > 1 && now - (this.marks[1]?.at ?? now) >= kRateMs) this.marks.shift()
    return this.marks[0]
  }

  private mark(at: number, nodes: readonly Raw[], edges: readonly Raw[]): void {
    if (at <= (this.marks.at(-1)?.at ?? -1)) return
    this.marks.push({
      at,
      nodes: new Map(
        nodes.map((node) => [
          node.id,
          { in: numberIn(node, 'rowsIn'), out: numberIn(node, 'rowsOut'), busy: numberIn(node, 'busyNanos') }
        ])
      ),
      edges: new Map(edges.map((edge) => [edge.id, numberIn(edge, 'taken')]))
    })
  }
}

/** Each node of the person's with the work of all that stand for it, and the rows that come out in its place. */
function joined(nodes: readonly Raw[], { partOf, gives }: Stand): readonly Raw[] {
  if (partOf.size + gives.size === 0) return nodes
  const made = new Map<string, Raw>(nodes.map((node) => [node.id, { ...node }]))
  for (const [part, whole] of partOf) {
    const [from, to] = [made.get(part), made.get(whole)]
    if (from === undefined || to === undefined) continue
    for (const [name, value] of Object.entries(from))
      if (typeof value === 'number') to[name] = numberIn(to, name) + value
  }
  const out = new Map<string, number>()
  for (const [from, whole] of gives) {
    const node = made.get(from)
    if (node !== undefined) out.set(whole, (out.get(whole) ?? 0) + numberIn(node, 'rowsOut'))
  }
  for (const [whole, rows] of out) {
    const node = made.get(whole)
    if (node !== undefined) node['rowsOut'] = rows
  }
  return [...made.values()]
}

/** `clean/map`, a node of a flow that is used as the node `clean`, is told as that node. */
export function outerNode(id: string): string {
  const end = id.indexOf('/')
  return end < 0 ? id : id.slice(0, end)
}

type NodeItem = { id: string } & Record<NodeFigure, number>

/** What is told of nodes that are flows: what goes in and out, and what their nodes do together. */
function ofFlows(
  nodes: readonly NodeItem[],
  edges: readonly Raw[],
  counted: readonly { id: string; taken: number; rate: number; waiting: number }[]
): NodeItem[] {
  const flows = new Map<string, NodeItem>()
  for (const { id, failed, busy, worked } of nodes) {
    const outer = outerNode(id)
    if (outer === id) continue
    const item = flows.get(outer) ?? {
      ...{ id: outer, rowsIn: 0, rowsOut: 0, inRate: 0, outRate: 0 },
      ...{ failed: 0, busy: 0, queued: 0, worked: 0 }
    }
    item.failed += failed
    item.busy = Math.max(item.busy, busy)
    item.worked += worked
    flows.set(outer, item)
  }
  if (flows.size === 0) return []
  edges.forEach((edge, at) => {
    const { taken = 0, rate = 0, waiting = 0 } = counted[at] ?? {}
    const [from, to] = [outerNode(textIn(edge, 'source')), outerNode(textIn(edge, 'target'))]
    if (from === to) return
    const [source, target] = [flows.get(from), flows.get(to)]
    if (source !== undefined) {
      source.rowsOut += taken
      source.outRate += rate
    }
    if (target === undefined) return
    target.rowsIn += taken
    target.inRate += rate
    target.queued += waiting
  })
  return [...flows.values()]
}

function fillOf(edge: Raw): number {
  const share = (part: string, whole: string): number =>
    numberIn(edge, whole) > 0 ? numberIn(edge, part) / numberIn(edge, whole) : 0
  return Math.min(1, Math.max(share('held', 'capacityRows'), share('heldBytes', 'capacityBytes')))
}

function summaryOf(
  counters: RunCounters,
  nodes: readonly Raw[],
  edges: readonly Raw[],
  figures: ReadonlyMap<string, { outRate: number; busy: number }>
): RunSummary {
  const fed = new Set(edges.map((edge) => textIn(edge, 'target')))
  const sources = nodes.filter(({ id }) => !fed.has(id))
  const sum = (list: readonly Raw[], name: string): number =>
    list.reduce((total, each) => total + numberIn(each, name), 0)
  const isKnown = sources.length > 0 && sources.every((node) => numberIn(node, 'progressTotal') > 0)
  const done = sum(sources, 'progressDone') / Math.max(1, sum(sources, 'progressTotal'))
  const progress = isKnown ? Math.min(1, done) : undefined
  const passed = counters.elapsedMicros / 1e6
  const left = progress !== undefined && progress >= kLeastProgress ? (passed * (1 - progress)) / progress : undefined
  return {
    rows: sum(sources, 'rowsOut'),
    rate: sources.reduce((total, { id }) => total + (figures.get(id)?.outRate ?? 0), 0),
    aside: counters.deadLetters,
    dropped: sum(edges, 'dropped'),
    heldUpBy: slowest(edges, figures),
    progress,
    secondsLeft: left,
    failed: new Map(
      nodes.filter((node) => numberIn(node, 'failed') > 0).map((node) => [node.id, numberIn(node, 'failed')])
    )
  }
}

/** The node before which an edge is full while nothing behind it is; of several the busiest. */
function slowest(edges: readonly Raw[], figures: ReadonlyMap<string, { busy: number }>): string | undefined {
  const isFull = (edge: Raw): boolean => fillOf(edge) >= kFull
  const held = new Set(edges.filter(isFull).map((edge) => textIn(edge, 'source')))
  let found: { id: string; busy: number } | undefined
  for (const edge of edges) {
    const id = textIn(edge, 'target')
    const busy = figures.get(id)?.busy ?? 0
    if (isFull(edge) && !held.has(id) && busy >= (found?.busy ?? 0)) found = { id, busy }
  }
  return found === undefined ? undefined : outerNode(found.id)
}
