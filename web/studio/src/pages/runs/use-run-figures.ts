// The figures of a run in a list, which the list itself does not bring: asked for once if it has ended, else each second.
import { useQuery } from '@tanstack/react-query'
import type { Run } from '../../api/routes.ts'
import { server } from '../../api/server.ts'
import { goesOn } from './run-state.tsx'

/** The run with its figures and result, as soon as they are there. */
export function useRunFigures(run: Run): Run {
  const on = goesOn(run)
  const { data } = useQuery<Run>({
    queryKey: ['run-figures', run.id, run.state],
    queryFn: ({ signal }) => server.ask('get', '/api/v1/runs/{run}', { path: { run: run.id }, signal }),
    refetchInterval: on ? 1000 : false,
    staleTime: on ? 0 : Infinity
  })
  return data === undefined ? run : { ...run, ...data }
}
