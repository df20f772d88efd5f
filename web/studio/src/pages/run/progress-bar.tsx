// How far a run is, where its sources know their end.

interface Told {
  done: number
  total: number
}

/** What the nodes say of their progress, taken together; null where none knows its end. */
export function progressOf(metrics: unknown): Told | null {
  if (typeof metrics !== 'object' || metrics === null || !('nodes' in metrics) || !Array.isArray(metrics.nodes))
    return null
  let done = 0
  let total = 0
  for (const node of metrics.nodes as { progressDone?: unknown; progressTotal?: unknown }[]) {
    if (typeof node.progressTotal !== 'number' || node.progressTotal <= 0) continue
    total += node.progressTotal
    done += typeof node.progressDone === 'number' ? node.progressDone : 0
  }
  return total === 0 ? null : { done: Math.min(done, total), total }
}

/** A line as long as what is done; nothing where the end is not known. */
export function ProgressBar({ metrics }: { metrics: unknown }) {
  const told = progressOf(metrics)
  if (told === null) return null
  const percent = Math.floor((100 * told.done) / told.total)
  return (
    <span
      role="progressbar"
      aria-label="Progress"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className="mt-1 block h-0.5 w-24 bg-line"
    >
      <span className="block h-full bg-water" style={{ width: `${percent}%` }} />
    </span>
  )
}
