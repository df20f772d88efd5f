// The table of flows, with what can be done with each.
import { useState } from 'react'
import { Link } from 'react-router'
import type { Alert, FlowHead, Run } from '../../api/routes.ts'
import { EDITOR } from '../../editor-slot.ts'
import { Chip } from '@weir/ui/chip.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { causesOf, type Cause } from '../alerts/causes.ts'
import { RunState } from '../runs/run-state.tsx'
import { FlowActions } from './flow-actions.tsx'
import { StartRun } from './start-run.tsx'

interface FlowTableProps {
  flows: readonly FlowHead[]
  newest: ReadonlyMap<string, Run>
  /** Those that are raised now, of any flow. */
  alerts: readonly Alert[]
  bin: boolean
}

/** One row a flow. */
export function FlowTable({ flows, newest, alerts, bin }: FlowTableProps) {
  const [starting, setStarting] = useState<FlowHead | null>(null)
  return (
    <>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">Flow</th>
            <th scope="col">Folder</th>
            <th scope="col">Tags</th>
            <th scope="col">Published</th>
            <th scope="col">Last run</th>
            <th scope="col">{bin ? 'Deleted' : 'Changed'}</th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {flows.map((flow) => (
            <FlowRow
              key={flow.id}
              flow={flow}
              run={newest.get(flow.id)}
              causes={causesOf(alerts.filter((alert) => alert.flow === flow.id))}
              bin={bin}
              start={() => {
                setStarting(flow)
              }}
            />
          ))}
        </tbody>
      </table>
      {starting !== null && (
        <StartRun
          flow={starting}
          close={() => {
            setStarting(null)
          }}
        />
      )}
    </>
  )
}

interface FlowRowProps {
  flow: FlowHead
  run: Run | undefined
  causes: readonly Cause[]
  bin: boolean
  start: () => void
}

/** The raised alerts of a flow, one line a cause; each goes when it clears. */
function Raised({ causes }: { causes: readonly Cause[] }) {
  return causes.map(({ newest, count }) => (
    <Link key={newest.number} to="/alerts" className="block no-underline hover:underline" title={newest.message}>
      <StateBadge tone={newest.severity === 'critical' ? 'error' : 'warn'}>
        {count > 1 ? `${newest.name}, ${count} times` : newest.name}
      </StateBadge>
    </Link>
  ))
}

function FlowRow({ flow, run, causes, bin, start }: FlowRowProps) {
  const id = encodeURIComponent(flow.id)
  return (
    <tr>
      <td className="max-w-[36ch]">
        <Link
          to={bin || EDITOR === null ? `/runs?flow=${id}` : `/flows/${id}/edit`}
          className="block truncate font-sans text-base font-semibold no-underline hover:text-water"
          title={flow.name}
        >
          {flow.name}
        </Link>
        {flow.description !== '' && <span className="block truncate font-sans text-mute">{flow.description}</span>}
        <Raised causes={causes} />
      </td>
      <td className="text-mute">{flow.folder === '' ? '–' : flow.folder}</td>
      <td>
        <span className="flex flex-wrap gap-1">
          {flow.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </span>
      </td>
      <td>
        {flow.publishedVersion === 0 ? (
          <StateBadge tone="rest">draft only</StateBadge>
        ) : (
          <span>version {flow.publishedVersion}</span>
        )}
      </td>
      <td>
        {run === undefined ? (
          <span className="text-mute">never</span>
        ) : (
          <Link to={`/runs/${run.id}`} className="inline-flex items-center gap-2 no-underline hover:underline">
            <RunState run={run} />
            <TimeText ms={run.endedAt ?? run.startedAt ?? run.createdAt ?? 0} far />
          </Link>
        )}
      </td>
      <td>
        <TimeText ms={bin ? (flow.binnedAt ?? flow.changedAt) : flow.changedAt} far />
      </td>
      <td className="w-0">
        <FlowActions flow={flow} bin={bin} start={start} />
      </td>
    </tr>
  )
}
