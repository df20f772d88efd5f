// The run that a dashboard shows on a server: the one that goes on, found by itself, and the next one when that ends.
import { useEffect } from 'react'
import type { EditorSession } from '../session/editor-session.ts'
import type { RunStatus, ShownRun } from '../run/shown-run.ts'

/** The id of the run of a flow that goes on; undefined: none does. */
export type LiveRun = (flow: string) => Promise<string | undefined>

const kLookMs = 2000
const kGoesOn: ReadonlySet<RunStatus> = new Set(['starting', 'running', 'stopping', 'held'])

function goesOn(run: ShownRun | undefined): boolean {
  return run !== undefined && kGoesOn.has(run.facts.getState().status)
}

/** Looks while no run is shown that goes on, and anew when a server that was away is back. Gives what ends it. */
export function followLiveRun(session: EditorSession, flow: string, liveRun: LiveRun, everyMs = kLookMs): () => void {
  const place = session.run.getState().places.find((one) => one.id === 'server' && one.show !== undefined)
  if (place === undefined) return () => undefined
  let ended = false
  /** It may end while something is asked. */
  const isEnded = (): boolean => ended
  let busy = false
  let lost = false
  let said = ''
  const look = async (): Promise<void> => {
    const { shown } = session.run.getState()
    if (goesOn(shown) && !lost) return
    const id = await liveRun(flow)
    if (isEnded() || id === undefined || (id === shown?.id && !lost)) return
    const run = await place.show?.(id, session.document.text())
    if (run === undefined) return
    // The page may have been left, or a run started, while it was asked.
    if (isEnded() || (session.run.getState().shown !== shown && !lost)) {
      run.dispose()
      return
    }
    lost = false
    const before = session.run.getState().shown
    session.run.setState({ shown: run })
    before?.dispose()
  }
  const turn = (): void => {
    if (busy || place.away.getState().reason !== '' || document.visibilityState === 'hidden') return
    busy = true
    look()
      .catch((reason: unknown) => {
        const words = reason instanceof Error ? reason.message : String(reason)
        if (!ended && words !== said) session.tell(`The run cannot be shown: ${words}`, 'warning')
        said = words
      })
      .finally(() => {
        busy = false
      })
  }
  const stopAway = place.away.subscribe(({ reason }) => {
    if (reason !== '') lost = true
    else turn()
  })
  const timer = setInterval(turn, everyMs)
  turn()
  return () => {
    ended = true
    clearInterval(timer)
    stopAway()
  }
}

export function useLiveRun(session: EditorSession, flow: string, liveRun: LiveRun | undefined): void {
  useEffect(() => (liveRun === undefined ? undefined : followLiveRun(session, flow, liveRun)), [session, flow, liveRun])
}
