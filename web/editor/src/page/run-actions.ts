// What the one button of the page does with the run that is shown: start, stop, stop now, go on.
import { toPlain } from '@weir/flow-model'
import type { Catalogue, FlowDocument } from '@weir/flow-model'
import { breakpointsOf } from '../panels/run/breakpoints.ts'
import type { RunKind, RunStatus, ShownRun, StartOptions } from '../run/shown-run.ts'
import type { EditorSession } from '../session/editor-session.ts'

export type RunWish = 'run' | 'stop' | 'stop-now' | 'resume'

/**
 * What the button is for while a run has a status; undefined: no run is shown. A sample ends by itself: a run can follow it at any
 * time. What is live goes on: the button is for tests of the draft.
 */
export function wishOf(status: RunStatus | undefined, kind?: RunKind): RunWish {
  if ((kind === 'sample' || kind === 'live') && status !== 'held') return 'run'
  if (status === 'starting' || status === 'running') return 'stop'
  if (status === 'stopping') return 'stop-now'
  return status === 'held' ? 'resume' : 'run'
}

/** Something outside that a run will write to. */
export interface Target {
  node: string
  /** As a person says it: the node's name, and the path, address or table that it is set to. */
  what: string
}

const kNaming = ['path', 'file', 'url', 'address', 'table', 'topic', 'channel', 'to']

/** The nodes of a document that write outside, as their types declare. Debug nodes show and touch nothing. */
export function targetsOf(document: FlowDocument, catalogue: Catalogue): Target[] {
  return document.nodes().flatMap((node) => {
    const type = catalogue.find(node.typeId, node.version) ?? catalogue.newest(node.typeId)
    if (type === undefined || type.touches !== 'writes' || node.bypass) return []
    const settings = toPlain(node.settings) as Record<string, unknown>
    const where = kNaming.map((name) => settings[name]).find((value) => typeof value === 'string' && value !== '')
    const name = node.name === '' ? type.name : node.name
    return [{ node: node.id, what: typeof where === 'string' ? `${name}: ${where}` : name }]
  })
}

/** Starts a run where the session says and shows it. What refuses it is told, and the run that was shown stays. */
export async function startRun(session: EditorSession, options: StartOptions): Promise<void> {
  const { place, shown } = session.run.getState()
  if (place === undefined) return
  const { reason } = place.away.getState()
  if (reason !== '') {
    session.tell(reason, 'warning')
    return
  }
  try {
    const breakpoints = breakpointsOf(session)
    const started = await place.start(session.document.text(), { ...options, breakpoints: breakpoints.options })
    breakpoints.gave(started)
    shown?.dispose()
    session.run.setState({ shown: started })
    if (options.upTo === undefined) endOnResult(session, started)
  } catch (error) {
    session.tell(error instanceof Error ? error.message : String(error), 'error')
  }
}

/** Shows what a run came to when it has ended, if it still is the one that is shown. */
function endOnResult(session: EditorSession, run: ShownRun): void {
  const look = (): void => {
    if (run.facts.getState().endedAt === undefined) return
    stop()
    if (session.run.getState().shown !== run) return
    session.view.setState((view) => ({ bottom: { ...view.bottom, tab: 'result', open: true } }))
  }
  const stop = run.facts.subscribe(look)
  look()
}

/** Ends the run that is shown: first what is under way is finished; asked once more, it is cancelled. */
export function stopRun(session: EditorSession): void {
  const { shown } = session.run.getState()
  if (shown === undefined) return
  const wish = wishOf(shown.facts.getState().status, shown.kind === 'live' ? 'live' : undefined)
  if (wish === 'stop-now') shown.cancel()
  else if (wish !== 'run') shown.drain()
}

/** Lets every held row go on as it is. */
export async function resumeRun(session: EditorSession): Promise<void> {
  const { shown } = session.run.getState()
  if (shown === undefined) return
  for (const row of shown.facts.getState().held) {
    await shown.goOn(row.held).catch((error: unknown) => {
      session.tell(error instanceof Error ? error.message : String(error), 'error')
    })
  }
}
