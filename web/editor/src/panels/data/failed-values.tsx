// Over a table of the sample: values that are not of the type that their column is read as.
import { count } from '@weir/ui/figures/figures.ts'
import { useEffect, useState } from 'react'
import type { ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { failedValues, kColumnTypes } from './reader-types.ts'
import type { FailedValue } from './reader-types.ts'

const kShown = 5

/** Nothing while all of them are, and of runs that are no samples. `node`: the one whose rows are shown. */
export function FailedValues({ session, node }: { session: EditorSession; node: string }) {
  const shown = usePart(session.run, (state) => state.shown)
  return shown?.kind === 'sample' ? <OfSample key={shown.id} session={session} run={shown} node={node} /> : null
}

/** The reader that leads to the node by one way. */
function sourceOf(session: EditorSession, node: string): string {
  let at = node
  for (let step = 0; step < 100; ++step) {
    const [edge, ...more] = session.document.edgesInto(at)
    if (edge === undefined || more.length > 0) return at
    at = edge.source.node
  }
  return at
}

function OfSample({ session, run, node }: { session: EditorSession; run: ShownRun; node: string }) {
  const endedAt = usePart(run.facts, (facts) => facts.endedAt)
  const [found, setFound] = useState<readonly FailedValue[]>([])
  const reader = sourceOf(session, node)
  useEffect(() => {
    let gone = false
    if (endedAt === undefined) return undefined
    run.deadLetters().then(
      (letters) => {
        if (!gone) setFound(failedValues(letters, reader))
      },
      () => undefined
    )
    return () => {
      gone = true
    }
  }, [run, endedAt, reader])
  if (found.length === 0) return null
  const columns = [...new Set(found.map(({ column }) => column))]
  return (
    <div role="status" className="border-b border-line px-4 py-1 text-data">
      <ul aria-label="Values that fail">
        {columns.map((column) => (
          <OfColumn key={column} values={found.filter((one) => one.column === column)} />
        ))}
      </ul>
    </div>
  )
}

function OfColumn({ values }: { values: readonly FailedValue[] }) {
  const [first] = values
  if (first === undefined) return null
  const [words = first.type] = kColumnTypes.find(([, type]) => type === first.type) ?? []
  const rest = values.length - kShown
  return (
    <li className="flex flex-wrap items-baseline gap-x-3">
      <span className="text-warn">
        <span aria-hidden="true">▲ </span>
        {count(values.length)} {values.length === 1 ? 'value' : 'values'} of <strong>{first.column}</strong> cannot be
        read as {words}
      </span>
      {values.slice(0, kShown).map(({ value, where }, at) => (
        <span key={at} className="font-mono" title={where}>
          “{value === '' ? 'empty' : value.slice(0, 40)}” <span className="text-small text-faint">{where}</span>
        </span>
      ))}
      {rest > 0 && <span className="text-faint">and {count(rest)} more</span>}
    </li>
  )
}
