// The person's own runs on the server as they begin and end, wherever in the studio they are.
import { useEffect } from 'react'
import type { Run } from '../api/routes.ts'
import { useSigned } from '../api/session.ts'
import { useGet } from '../api/use-get.ts'
import { factsOf } from '../pages/runs/run-facts.ts'
import { goesOn } from '../pages/runs/run-state.tsx'
import { useLongRuns, type EndedRun, type GoingRun } from '../state/long-runs.ts'

function goingOf(run: Run): GoingRun {
  const startedAt = run.startedAt ?? run.createdAt ?? Date.now()
  return { key: run.id, name: run.flow, startedAt, to: `/runs/${encodeURIComponent(run.id)}` }
}

/** A run of a list that goes on no more. */
export function endedOf(run: Run, now: number): EndedRun {
  const { rows, setAside, why } = factsOf(run, now)
  const state = run.state === 'failed' ? 'failed' : run.state === 'done' ? 'done' : 'stopped'
  return { ...goingOf(run), endedAt: run.endedAt ?? now, state, rows, setAside, why: state === 'failed' ? why : '' }
}

/** Follows them; those that had ended before are no news. */
export function useRunNews(): void {
  const { me } = useSigned()
  const { data } = useGet('/api/v1/runs', { query: { startedBy: me.user.id, limit: 50 } }, { everyMs: 1000 })
  useEffect(() => {
    if (data === undefined) return
    const { begin, end, going } = useLongRuns.getState()
    for (const run of data.runs) {
      if (goesOn(run)) begin(goingOf(run))
      else if (going.has(run.id)) end(endedOf(run, Date.now()))
    }
  }, [data])
}
