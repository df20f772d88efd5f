// LiveLook: what of the shown run, of problems and of breakpoints is drawn; told once for each change, read by id.
import type { FlowDocument } from '@weir/flow-model'
import type { EditorSession } from '../../session/editor-session.ts'
import type { FigureStore } from '../../run/figure-store.ts'
import type { RunFacts, ShownRun } from '../../run/shown-run.ts'
import { outerNode } from '../../run/run-figures.ts'
import { ChangedNodes } from './changed-nodes.ts'
import { HeatMap } from './heat-map.ts'
import { nodeState } from './node-state.ts'
import type { Mark, NodeState } from './node-state.ts'

export interface LiveListener {
  /** Figures of these are others. */
  figures(nodes: ReadonlySet<string>, edges: ReadonlySet<string>): void
  /** Anything may look different. */
  all(): void
}

/** How an edge looks: steps, so that what cannot be seen is not drawn again. */
export interface EdgeLook {
  /** 0 (at rest) to 7, by the logarithm of its rate. */
  flow: number
  /** 0 to 1 in steps of 1/32. */
  fill: number
  dropped: boolean
}

export class LiveLook {
  run: RunFacts | undefined
  figures: FigureStore | undefined
  private shown: ShownRun | undefined
  private changed: ChangedNodes | undefined
  private changedText: string | undefined
  private problems = new Map<string, 'error' | 'warning'>()
  private failures = new Map<string, number>()
  private held = new Set<string>()
  private heatMap: HeatMap | undefined
  private heatTimer: ReturnType<typeof setTimeout> | undefined
  private heldEdges = new Set<string>()
  private heldBack = new Set<string>()
  private breakNodes = new Set<string>()
  private breakEdges = new Set<string>()
  private readonly ends: (() => void)[] = []
  private readonly runEnds: (() => void)[] = []
  private disposed = false

  constructor(
    private readonly session: EditorSession,
    private readonly listener: LiveListener
  ) {
    this.follow()
    this.readProblems()
    this.readBreakpoints()
    this.ends.push(
      session.run.subscribe((state, before) => {
        if (state.shown !== before.shown) this.follow()
      }),
      session.problems.store.subscribe(() => {
        this.readProblems()
        listener.all()
      }),
      session.view.subscribe((state, before) => {
        if (state.breakpoints === before.breakpoints) return
        this.readBreakpoints()
        listener.all()
      }),
      session.document.subscribe((changes) => this.changed?.follow(changes))
    )
  }

  dispose(): void {
    this.disposed = true
    clearTimeout(this.heatTimer)
    for (const end of [...this.ends.splice(0), ...this.runEnds.splice(0)]) end()
  }

  state(id: string): NodeState {
    return nodeState(id, {
      figures: this.figures,
      run: this.run,
      problem: this.problems.get(id),
      changed: this.isChanged(id),
      failures: this.failures.get(id) ?? 0,
      isHeld: this.held.has(id),
      isHeldBack: this.heldBack.has(id),
      queue: this.run?.heldUpBy === id ? this.queueBefore(id) : 0
    })
  }

  /** The mark of a node alone, for thousands of them. */
  mark(id: string): Mark {
    return this.run === undefined ? (this.problems.get(id) ?? 'none') : this.state(id).mark
  }

  edge(id: string): EdgeLook {
    const { figures } = this
    if (figures === undefined || !figures.hasEdge(id)) return kAtRest
    const rate = figures.edge(id, 'rate')
    return {
      flow: rate <= 0 ? 0 : Math.min(7, 1 + Math.floor(Math.log10(1 + rate))),
      fill: Math.ceil(Math.min(1, Math.max(0, figures.edge(id, 'fill'))) * 32) / 32,
      dropped: figures.edge(id, 'dropped') > 0
    }
  }

  /** What nodes are coloured by, in the run that is shown. */
  get heat(): HeatMap {
    const { heat } = this.session.view.getState()
    if (this.heatMap === undefined || this.heatMap.kind !== heat || this.heatMap.figures !== this.figures)
      this.heatMap = new HeatMap(heat, this.figures, this.document.tables.nodes.ids())
    return this.heatMap
  }

  isChanged(id: string): boolean {
    return this.changed?.has(id) === true
  }
  hasBreakpoint(kind: 'nodes' | 'edges', id: string): boolean {
    return (kind === 'nodes' ? this.breakNodes : this.breakEdges).has(id)
  }
  /** Whether a row is held on it. */
  isHeldAt(edge: string): boolean {
    return this.heldEdges.has(edge)
  }
  problemOf(id: string): 'error' | 'warning' | undefined {
    return this.problems.get(id)
  }

  /** Shares of a whole change for all at once: twice a second is enough. */
  private heatSoon(): void {
    if (this.session.view.getState().heat === 'none') return
    this.heatTimer ??= setTimeout(() => {
      this.heatTimer = undefined
      this.heatMap = undefined
      this.listener.all()
    }, 500)
  }

  private queueBefore(id: string): number {
    let most = 0
    for (const edge of this.session.document.edgesInto(id))
      most = Math.max(most, this.figures?.edge(edge.id, 'fill') ?? 0)
    return most
  }

  private follow(): void {
    for (const end of this.runEnds.splice(0)) end()
    const { shown } = this.session.run.getState()
    this.shown = shown
    this.figures = shown?.figures
    this.heldBack = new Set()
    this.changedText = undefined
    this.changed = undefined
    this.readFacts(shown?.facts.getState())
    if (shown !== undefined) {
      this.runEnds.push(
        shown.figures.subscribe(({ nodes, edges }) => {
          this.listener.figures(nodes, edges)
          this.heatSoon()
        }),
        shown.facts.subscribe((facts, before) => {
          const was = this.run?.heldUpBy
          this.readFacts(facts)
          if (looksDifferent(facts, before) || was !== facts.heldUpBy) this.listener.all()
        })
      )
    }
    this.listener.all()
  }

  private readFacts(facts: RunFacts | undefined): void {
    const ended = facts !== undefined && facts.endedAt !== undefined && this.run?.endedAt === undefined
    this.run = facts
    this.failures = new Map()
    for (const { node, count } of facts?.failures ?? []) {
      const outer = outerNode(node)
      this.failures.set(outer, (this.failures.get(outer) ?? 0) + count)
    }
    this.held = new Set()
    this.heldEdges = new Set()
    for (const { edge, target } of facts?.held ?? []) {
      this.held.add(outerNode(target))
      this.heldEdges.add(edge)
    }
    if (facts !== undefined && facts.documentText !== this.changedText) {
      this.changedText = facts.documentText
      this.changed = new ChangedNodes(this.document, facts.documentText)
    }
    if (ended) this.askHeldBack()
  }

  private get document(): FlowDocument {
    return this.session.document
  }

  private askHeldBack(): void {
    const { shown } = this
    shown?.heldBack().then(
      (list) => {
        if (this.disposed || this.shown !== shown || list.length === 0) return
        this.heldBack = new Set(list.map((each) => each.node))
        this.listener.all()
      },
      () => {
        // A place that cannot say what it held back shows none of it.
      }
    )
  }

  private readProblems(): void {
    this.problems = new Map()
    for (const { node, severity } of this.session.problems.store.getState().list) {
      if (node !== undefined && this.problems.get(node) !== 'error') this.problems.set(node, severity)
    }
  }

  private readBreakpoints(): void {
    this.breakNodes = new Set()
    this.breakEdges = new Set()
    for (const { node, edge } of this.session.view.getState().breakpoints) {
      if (node !== undefined) this.breakNodes.add(node)
      if (edge !== undefined) this.breakEdges.add(edge)
    }
  }
}

const kAtRest: EdgeLook = { flow: 0, fill: 0, dropped: false }

function looksDifferent(now: RunFacts, before: RunFacts): boolean {
  return (
    now.status !== before.status ||
    now.heldUpBy !== before.heldUpBy ||
    now.failures !== before.failures ||
    now.held !== before.held ||
    now.documentText !== before.documentText
  )
}
