// In the editor: tells of the run that is shown when it ends after long, whichever place it runs in. Shows nothing itself.
import { useEffect } from 'react'
import { usePart, useSession } from '@weir/editor'
import type { RunFacts, ShownRun } from '@weir/editor'
import { useLongRuns, type EndedRun, type GoingRun } from '../state/long-runs.ts'

function endedOf(run: GoingRun, { status, endedAt, rows, aside, failures }: RunFacts): EndedRun {
  const state = status === 'failed' ? 'failed' : status === 'done' ? 'done' : 'stopped'
  const why = state === 'failed' ? (failures[0]?.message ?? '') : ''
  return { ...run, endedAt: endedAt ?? Date.now(), state, rows, setAside: aside, why }
}

/** Follows a run; what it gives ends that. A run that goes on when it is let go of is followed no more. */
export function followRun(
  shown: Pick<ShownRun, 'id' | 'kind' | 'facts' | 'endless'>,
  name: string,
  to: string
): () => void {
  if (shown.kind === 'sample' || shown.facts.getState().endedAt !== undefined) return () => undefined
  const { startedAt } = shown.facts.getState()
  const run = { key: shown.id, name, startedAt, to, endless: shown.endless }
  useLongRuns.getState().begin(run)
  let over = false
  const stop = shown.facts.subscribe((facts) => {
    if (over || facts.endedAt === undefined) return
    over = true
    useLongRuns.getState().end(endedOf(run, facts), true)
  })
  return () => {
    stop()
    if (!over) useLongRuns.getState().leave(shown.id)
  }
}

/** A part that stands above the page of the editor. */
export function RunNews() {
  const { run, document } = useSession()
  const shown = usePart(run, (state) => state.shown)
  useEffect(() => {
    if (shown === undefined) return undefined
    return followRun(shown, document.id, window.location.hash.slice(1))
  }, [shown, document])
  return null
}
