// The table of runs.
import { Link } from 'react-router'
import type { Run } from '../../api/routes.ts'
import { count } from '@weir/ui/figures/figures.ts'
import { useNow } from '@weir/ui/figures/use-now.ts'
import { TimeText } from '@weir/ui/time-text.tsx'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import { ProgressBar } from '../run/progress-bar.tsx'
import { factsOf, listedProgress, startedByText, versionText } from './run-facts.ts'
import { goesOn, RunState } from './run-state.tsx'
import { useNames } from './use-names.ts'

interface RunTableProps {
  runs: readonly Run[]
  picked: readonly string[]
  pick: (run: string, on: boolean) => void
}

/** One row a run; a tick at its beginning picks it to be compared. */
export function RunTable({ runs, picked, pick }: RunTableProps) {
  const names = useNames()
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">Compare</span>
          </th>
          <th scope="col">Flow</th>
          <th scope="col">State</th>
          <th scope="col">
            <ZoneHead>Started</ZoneHead>
          </th>
          <th scope="col" className="figure">
            Time
          </th>
          <th scope="col" className="figure">
            Rows read
          </th>
          <th scope="col" className="figure">
            Set aside
          </th>
          <th scope="col">By</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            by={startedByText(run.startedBy, names)}
            on={picked.includes(run.id)}
            pick={(on) => {
              pick(run.id, on)
            }}
          />
        ))}
      </tbody>
    </table>
  )
}

function RunRow({ run, by, on, pick }: { run: Run; by: string; on: boolean; pick: (on: boolean) => void }) {
  const facts = factsOf(run, useNow())
  return (
    <tr>
      <td className="w-0">
        <input
          type="checkbox"
          className="size-4 accent-water"
          aria-label={`Compare the run of ${run.flow}, ${run.id}`}
          checked={on}
          onChange={(event) => {
            pick(event.target.checked)
          }}
        />
      </td>
      <td className="max-w-[32ch]">
        <Link
          to={`/runs/${run.id}`}
          className="block truncate font-sans text-base font-semibold no-underline hover:text-water"
        >
          {run.flow}
        </Link>
        <span className="font-sans text-small text-mute">
          {versionText(run.version)}
          {run.folder !== undefined && run.folder !== '' ? ` · ${run.folder}` : ''}
        </span>
      </td>
      <td>
        <RunState run={run} />
        {goesOn(run) && <ProgressBar of={listedProgress(run)} />}
      </td>
      <td>{run.createdAt === undefined ? '' : <TimeText ms={run.startedAt ?? run.createdAt} />}</td>
      <td className="figure">{facts.time}</td>
      <td className="figure">{facts.rows === null ? '' : count(facts.rows)}</td>
      <td className={`figure ${facts.setAside > 0 ? 'text-error' : 'text-mute'}`}>{count(facts.setAside)}</td>
      <td>{by}</td>
      <td className="max-w-[36ch] truncate font-sans text-mute" title={facts.why}>
        {facts.why}
      </td>
    </tr>
  )
}
