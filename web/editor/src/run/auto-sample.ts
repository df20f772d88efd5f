// AutoSample: while nothing else is shown, the sample up to the chosen node is, and runs again at each edit.
import type { Changes } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { SampleRuns } from './sample-runs.ts'
import type { RunPlace, RunStatus, ShownRun } from './shown-run.ts'

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
  // What only those who look see is no edit of what runs.
  const isFlow = [...flow].some((key) => key !== 'dashboards')
  return isFlow || sets.some((set) => set.size > 0)
}

/** Freed by `dispose`, and with the session. In this browser alone: a server is asked when a person asks for it. */
export class AutoSample {
  private readonly samples: SampleRuns
  private readonly stops: (() => void)[]
  /** What the newest sample is of: the edits so far, and the node; an empty one is the whole flow. */
  private asked: { edits: number; target: string } | undefined
  /** While the node that is asked for cannot run: those before it that were tried in its place, the newest last. */
  private instead = new Set<string>()
  private edits = 0
  private edited = false
  private followed: RunPlace | undefined
  private stopFiles: () => void = () => undefined

  constructor(
    private readonly session: EditorSession,
    quietMs?: number
  ) {
    const { run, document, selection } = session
    this.samples = new SampleRuns(() => run.getState().place, {}, quietMs)
    this.stops = [
      this.samples.store.subscribe((state) => {
        if (this.instead.size === 0) session.sample.setState({ problem: state.problem })
        if (state.run !== undefined) this.show(state.run)
        if (state.problem !== '' && !state.isStale) this.sampleBefore()
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
        this.followFiles()
      })
    ]
    this.followFiles()
    session.onClose(() => {
      this.dispose()
    })
    const [only, ...more] = document.nodes()
    if (only !== undefined && more.length === 0 && selection.size === 0) selection.set([{ kind: 'nodes', id: only.id }])
    this.look()
  }

  dispose(): void {
    for (const stop of this.stops.splice(0)) stop()
    this.stopFiles()
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
    this.instead.clear()
    this.samples.request(document.text(), target === '' ? undefined : target)
  }

  /** A node that is not set up yet needs the columns that come to it: where no run shows any, what leads to it is sampled. */
  private sampleBefore(): void {
    const { document, run } = this.session
    const target = this.asked?.target ?? ''
    if (target === '' || run.getState().shown !== undefined) return
    const before = document.edgesInto([...this.instead].at(-1) ?? target)[0]?.source.node
    if (before === undefined || before === target || this.instead.has(before)) return
    this.instead.add(before)
    this.samples.request(document.text(), before)
  }

  /** Files that were found to differ are sampled, too. */
  private followFiles(): void {
    const { place } = this.session.run.getState()
    if (place === this.followed) return
    this.followed = place
    this.stopFiles()
    this.stopFiles =
      place?.drifted?.subscribe(() => {
        ++this.edits
        this.look()
      }) ?? ((): void => undefined)
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
