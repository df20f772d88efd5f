// A text with what was found in it marked, and no more of it than is needed to know it again.
import type { Found } from './find-in-flow.ts'

const kBefore = 24
const kMost = 120

export function FoundText({ found }: { found: Pick<Found, 'text' | 'at' | 'length'> }) {
  const from = found.at > kBefore + 8 ? found.at - kBefore : 0
  const shown = found.text.slice(from, from + kMost)
  const at = found.at - from
  return (
    <span className="min-w-0 truncate font-mono text-data">
      {from > 0 && '…'}
      {shown.slice(0, at)}
      <mark className="rounded-base bg-water-dim text-water">{shown.slice(at, at + found.length)}</mark>
      {shown.slice(at + found.length)}
      {from + kMost < found.text.length && '…'}
    </span>
  )
}
