// What a list tells of a run: how long, how many rows, what failed.
import type { Run } from '../../api/routes.ts'
import { duration } from '@weir/ui/figures/figures.ts'
import { figuresOf, rowsRead } from '../run/metrics.ts'
import type { Progress } from '../run/progress-bar.tsx'

/** What a list of runs tells of each in place of its metrics. */
interface ListedFigures {
  rowsIn: number
  setAside: number
  progressDone?: number
  progressTotal?: number
}

function listedOf(run: Run): ListedFigures | undefined {
  return (run as Run & { figures?: ListedFigures }).figures
}

/** How far a run of a list is; null where its sources do not know their end. */
export function listedProgress(run: Run): Progress | null {
  const { progressDone: done = 0, progressTotal: total = 0 } = listedOf(run) ?? {}
  return total === 0 ? null : { done, total }
}

export interface RunFacts {
  /** How long it took, or takes until now; empty if it has not begun. */
  time: string
  rows: number | null
  setAside: number
  /** Why it failed, or is not as wanted. */
  why: string
}

/** The facts of a run at a time. */
export function factsOf(run: Run, now: number): RunFacts {
  const figures = figuresOf(run.metrics)
  const listed = listedOf(run)
  const from = run.startedAt
  const result: { deadLetters?: unknown } = run.result ?? {}
  const counted = typeof result.deadLetters === 'number' ? result.deadLetters : 0
  return {
    time: from === undefined ? '' : duration(Math.max(0, (run.endedAt ?? now) - from)),
    rows: figures === null ? (listed?.rowsIn ?? null) : rowsRead(figures),
    setAside: Math.max(counted, figures?.deadLetters ?? 0, listed?.setAside ?? 0),
    why: run.error?.message ?? run.why ?? ''
  }
}

/** Where a run comes from: a schedule, or a person by name if the name is known. */
export function startedByText(startedBy: string | undefined, names: ReadonlyMap<string, string>): string {
  if (startedBy === undefined || startedBy === '') return '–'
  if (startedBy.startsWith('schedule:')) return 'schedule'
  if (startedBy.startsWith('replay')) return 'replay'
  return names.get(startedBy) ?? startedBy
}

/** The flow's version in words. */
export function versionText(version: number | undefined): string {
  return version === undefined || version === 0 ? 'draft' : `version ${version}`
}
