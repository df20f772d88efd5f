// What a change does to the rows that come out: *your change alters 0 of 1,000 output rows of the sample*.
import { count } from '@weir/ui/figures/figures.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { useEffect, useState } from 'react'
import { usePart, useSession } from '../../session/use-session.ts'
import { compareVersions } from '../../seal/compare-versions.ts'
import type { RowChanges } from '../../seal/compare-versions.ts'
import { errorOf } from './use-work.ts'

type Compared = { changes?: RowChanges; why?: string }

/** Both versions run over the sample in this browser; nothing outside is touched. */
export function RowsAltered({ before, after }: { before: string; after: string }) {
  const session = useSession()
  const place = usePart(session.run, (state) => state.places.find((one) => one.id === 'browser'))
  const [{ changes, why }, setCompared] = useState<Compared>({})
  useEffect(() => {
    if (place === undefined) return undefined
    let here = true
    compareVersions(before, after, place, session.catalogue).then(
      (found) => {
        if (here) setCompared({ changes: found })
      },
      (reason: unknown) => {
        if (here) setCompared({ why: errorOf(reason).message })
      }
    )
    return () => {
      here = false
    }
  }, [before, after, place, session])
  if (place === undefined) return <Untold why="no engine in this browser" />
  if (why !== undefined) return <Untold why={why} />
  if (changes === undefined) {
    return (
      <p role="status" className="text-data text-mute">
        Running both versions over the sample…
      </p>
    )
  }
  return <Told {...changes} />
}

function Untold({ why }: { why: string }) {
  return (
    <p role="status" className="text-data text-mute">
      Output rows were not compared: {why.replace(/\.$/, '')}.
    </p>
  )
}

function Told({ rows, altered, first, reordered, limits }: RowChanges) {
  return (
    <div role="status" aria-label="Output rows" className="grid gap-1 text-data">
      <span>
        <StateBadge tone={altered === 0 ? 'ok' : 'warn'}>
          {rows === 0
            ? 'the sample gives no output rows'
            : `your change alters ${count(altered)} of ${count(rows)} output rows of the sample`}
        </StateBadge>
      </span>
      {first.map(({ output, before, after }, index) => (
        <span key={index} className="grid pl-4 font-mono break-all">
          <span className="text-mute">{output}</span>
          {before !== undefined && (
            <del className="text-error">
              <span aria-hidden="true">− </span>
              {before}
            </del>
          )}
          {after !== undefined && (
            <ins className="text-ok no-underline">
              <span aria-hidden="true">+ </span>
              {after}
            </ins>
          )}
        </span>
      ))}
      {reordered.length > 0 && <span className="text-mute">In another order: {reordered.join(', ')}.</span>}
      <span className="text-mute">
        Only the sample was compared{limits.length > 0 && `: ${limits.join('; ')}`}; other rows may differ too.
      </span>
    </div>
  )
}
