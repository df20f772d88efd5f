// WidgetPlayer: draws one widget of the document into an element, from the run that is shown, until it is disposed of.
import type { FrameClock, WidgetRegistry, WidgetView } from '@weir/widgets/core'
import { toPlain } from '@weir/flow-model'
import type { ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { feedWidget } from './widget-feed.ts'
import { sourceOf } from './widget-source.ts'

export interface PlayerOptions {
  /** One for all widgets of a page, so that one frame draws them all. */
  clock: FrameClock
  registry: WidgetRegistry
}

/** `show` begins; each further call begins anew. `dispose` frees the view, its tap and what it listens to. */
export class WidgetPlayer {
  private view: WidgetView | undefined
  private stops: (() => void)[] = []
  private turn = 0

  constructor(
    private readonly host: HTMLElement,
    private readonly session: EditorSession,
    private readonly id: string,
    private readonly options: PlayerOptions
  ) {}

  show(run: ShownRun | undefined): void {
    const view = this.begin()
    if (view === undefined) return
    if (run === undefined) {
      view.status = { is: 'notRun' }
      return
    }
    this.feed(run, view)
    if (run.facts.getState().endedAt !== undefined) this.sayIfGone(run, view)
    else this.followEnd(run)
    this.followAway(run)
  }

  dispose(): void {
    ++this.turn
    for (const stop of this.stops.splice(0)) stop()
    this.view?.dispose()
    this.view = undefined
  }

  private begin(): WidgetView | undefined {
    this.dispose()
    const widget = this.session.document.widget(this.id)
    if (widget === undefined) return undefined
    const { clock, registry } = this.options
    const settings = toPlain(widget.settings) as Record<string, unknown>
    const title = widget.title === '' ? widget.node : widget.title
    const view = registry.createOrFailed(widget.type, { title, clock, settings })
    this.view = view
    this.host.append(view.element)
    return view
  }

  private feed(run: ShownRun, view: WidgetView): void {
    const { document } = this.session
    const widget = document.widget(this.id)
    const from = widget === undefined ? undefined : sourceOf(this.session, widget.node, widget.port)
    if (from === undefined) return
    if (view.status.is === 'waiting') view.status = { is: 'waiting', for: document.node(from.node)?.name || from.node }
    this.stops.push(feedWidget(run, from, view))
  }

  /** A run that has ended has kept rows in the place of tapped ones; where it has none, what was seen stays. */
  private followEnd(run: ShownRun): void {
    const stop = run.facts.subscribe(({ endedAt }) => {
      if (endedAt === undefined) return
      stop()
      void this.ended(run)
    })
    this.stops.push(stop)
  }

  private async ended(run: ShownRun): Promise<void> {
    const { turn, view } = this
    const widget = this.session.document.widget(this.id)
    const from = widget === undefined ? undefined : sourceOf(this.session, widget.node, widget.port)
    const kept = from === undefined ? undefined : await run.rowsOf(from.node, from.port).catch(() => undefined)
    if (turn !== this.turn || view === undefined) return
    if (kept !== undefined) this.show(run)
    else if (view.status.is === 'waiting') view.status = { is: 'notKept' }
    else view.end()
  }

  private sayIfGone(run: ShownRun, view: WidgetView): void {
    const { turn } = this
    const widget = this.session.document.widget(this.id)
    const from = widget === undefined ? undefined : sourceOf(this.session, widget.node, widget.port)
    if (from === undefined) return
    run.rowsOf(from.node, from.port).then(
      (kept) => {
        if (kept === undefined && turn === this.turn) view.status = { is: 'notKept' }
      },
      () => undefined
    )
  }

  /** While the place of a run that goes on does not answer, no rows come. */
  private followAway(run: ShownRun): void {
    const place = this.session.run.getState().places.find((one) => one.name === run.place)
    if (place === undefined) return
    const look = (): void => {
      const { view } = this
      if (view === undefined || run.facts.getState().endedAt !== undefined) return
      if (place.away.getState().reason !== '') view.status = { is: 'disconnected' }
    }
    this.stops.push(place.away.subscribe(look))
    look()
  }
}
