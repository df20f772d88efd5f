// How far a run is, as a bar with words.
import { count } from '@weir/ui/figures/figures.ts'
import type { ShownRun } from '../run/shown-run.ts'
import { usePart } from '../session/use-session.ts'

/** Nothing of a run that has ended: its result says the rest. */
export function RunProgress({ run }: { run: ShownRun }) {
  const { endedAt, rows, progress, status } = usePart(run.facts, (facts) => facts)
  if (endedAt !== undefined) return null
  const percent = progress === undefined ? undefined : Math.floor(progress * 100)
  return (
    <div className="grid gap-1">
      <div
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === undefined ? {} : { 'aria-valuenow': percent })}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <span className="block h-full bg-water" style={{ width: `${percent ?? 0}%` }} />
      </div>
      <span role="status" className="text-data text-mute">
        {status === 'stopping' ? 'Stopping' : 'Running'} · {count(rows)} rows
        {percent === undefined ? '' : ` · ${percent} %`}
      </span>
    </div>
  )
}
