// How a run stands, as a badge.
import type { Run } from '../../api/routes.ts'
import { StateBadge, type Tone } from '@weir/ui/state-badge.tsx'

export const RUN_STATES = ['starting', 'running', 'stopping', 'done', 'failed', 'stopped', 'held'] as const
export type RunStateName = (typeof RUN_STATES)[number]

const TONES: Record<RunStateName, Tone> = {
  starting: 'flow',
  running: 'flow',
  stopping: 'rest',
  done: 'ok',
  failed: 'error',
  stopped: 'rest',
  held: 'warn'
}

/** Whether a run goes on. */
export function goesOn(run: Pick<Run, 'state'>): boolean {
  return run.state === 'starting' || run.state === 'running' || run.state === 'stopping'
}

/** The state in words; a run that ended well but set rows aside is no plain success. */
export function RunState({ run, pill = false }: { run: Pick<Run, 'state'>; pill?: boolean }) {
  const state = run.state ?? 'starting'
  return (
    <StateBadge tone={TONES[state]} pill={pill}>
      {state}
    </StateBadge>
  )
}
