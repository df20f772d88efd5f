// AutoSample: while nothing else is shown, the sample up to the chosen node is, and runs again at each edit.
import type { Changes } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { SampleRuns } from './sample-runs.ts'
import type { RunStatus, ShownRun } from './shown-run.ts'

/** Of a flow with more nodes only those up to the chosen one are run, and none before one is chosen. */
const kMostWhole = 300
const kGoesOn: ReadonlySet<RunStatus> = new Set(['starting', 'running', 'stopping', 'held'])

/** Whether a sample may take the place of a run: of one that goes on never, of one that has ended only after an edit. */
function maySampleInstead(shown: ShownRun | undefined, edited: boolean): boolean {
  if (shown === undefined || shown.kind === 'sample') return true
  return edited && !kGoesOn.has(shown.facts.getState().status)
}

function isContent({ kinds, flow }: Changes): boolean {
  const { nodes, edges } = kinds
  const sets = [nodes.added, nodes.removed, nodes.changed, edges.added, edges.removed, edges.changed]
  return flow.size > 0 || sets.some((set) => set.size > 0)
}

/** Freed by `dispose`, and with the session. In this browser alone: a server is asked when a person asks for it. */
export class AutoSample {
  private readonly samples: SampleRuns
  private readonly stops: (() => void)[]
  /** What the newest sample is of: the edits so far, and the node; an empty one is the whole flow. */
  private asked: { edits: number; target: string } | undefined
  private edits = 0
  private edited = false

  constructor(
    private readonly session: EditorSession,
    quietMs?: number
  ) {
    const { run, document, selection } = session
    this.samples = new SampleRuns(() => run.getState().place, {}, quietMs)
    this.stops = [
      this.samples.store.subscribe((state) => {
        session.sample.setState({ problem: state.problem })
        if (state.run !== undefined) this.show(state.run)
      }),
      document.subscribe((changes) => {
        if (!isContent(changes)) return
        ++this.edits
        this.edited = true
        this.look()
      }),
      selection.subscribe(() => {
        this.look()
      }),
      run.subscribe((now, before) => {
        if (now.shown !== before.shown && now.shown?.kind !== 'sample') this.edited = false
        if (now.place !== before.place) this.look()
      })
    ]
    session.onClose(() => {
      this.dispose()
    })
    const [only, ...more] = document.nodes()
    if (only !== undefined && more.length === 0 && selection.size === 0) selection.set([{ kind: 'nodes', id: only.id }])
    this.look()
  }

  dispose(): void {
    for (const stop of this.stops.splice(0)) stop()
    this.samples.dispose()
  }

  private look(): void {
    const { document, run } = this.session
    const { place, shown } = run.getState()
    if (place?.id !== 'browser' || place.away.getState().reason !== '') return
    if (!maySampleInstead(shown, this.edited)) return
    const size = document.tables.nodes.size
    const target = this.target() ?? ''
    if (size === 0 || (target === '' && size > kMostWhole)) return
    const { asked, edits } = this
    const isCovered = target === asked?.target || (asked?.target === '' && size <= kMostWhole)
    if (asked?.edits === edits && isCovered) return
    if (!this.maySample(target)) return
    this.asked = { edits, target }
    this.samples.request(document.text(), target === '' ? undefined : target)
  }

  /** The node that is chosen; else the one that was sampled before. */
  private target(): string | undefined {
    const { selection, document } = this.session
    const node = [...selection.ids('nodes')].at(-1)
    if (node !== undefined) return node
    const edge = [...selection.ids('edges')].at(-1)
    const before = edge === undefined ? this.asked?.target : document.edge(edge)?.source.node
    return before === undefined || document.node(before) === undefined ? undefined : before
  }

  /** Files and what is generated are read at each edit; databases, servers and queues when a person asks for it. */
  private maySample(target: string): boolean {
    const { document, catalogue } = this.session
    const wanted = new Set(target === '' ? document.nodes().map((node) => node.id) : [target])
    for (const id of wanted) {
      const node = document.node(id)
      const type = node === undefined ? undefined : catalogue.typeOf(node)
      if (type === undefined) return false
      if (type.inputs.length === 0 && (type.unbounded || (type.touches !== 'nothing' && type.category !== 'Files')))
        return false
      for (const edge of document.edgesInto(id)) wanted.add(edge.source.node)
    }
    return true
  }

  private show(made: ShownRun): void {
    const { run } = this.session
    const { shown } = run.getState()
    if (shown === made || !maySampleInstead(shown, this.edited)) return
    run.setState({ shown: made })
    shown?.dispose()
  }
}
