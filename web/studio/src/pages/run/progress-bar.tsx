// How far a run is, where its sources know their end.

export interface Progress {
  done: number
  total: number
}

/** A line as long as what is done; nothing where the end is not known. */
export function ProgressBar({ of }: { of: Progress | null }) {
  if (of === null) return null
  const percent = Math.floor((100 * of.done) / of.total)
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
