// The audit log: who did what, newest first.
import { useState } from 'react'
import { useGet } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import { useNames } from '../runs/use-names.ts'

const PAGE = 100
const MOST = 1000

/** The table, filtered by action and object. */
export function AuditPart() {
  const filters = useFilters()
  const names = useNames()
  const [limit, setLimit] = useState(PAGE)
  const [action, object] = [filters.get('action'), filters.get('object')]
  const entries = useGet(
    '/api/v1/audit',
    { query: { limit, ...(action === '' ? {} : { action }), ...(object === '' ? {} : { object }) } },
    { everyMs: 5000, keep: true }
  )
  return (
    <>
      <div className="flex flex-wrap gap-2 px-4 py-2">
        <FilterText
          label="Action, such as grant."
          value={action}
          set={(next) => {
            filters.set({ action: next })
          }}
        />
        <FilterText
          label="Object, such as flow:orders"
          value={object}
          set={(next) => {
            filters.set({ object: next })
          }}
        />
      </div>
      <Shown of={entries} what="the audit log">
        {(read) =>
          read.entries.length === 0 ? (
            <Empty title="No entry is like that">With a dot at its end an action means all that begin so.</Empty>
          ) : (
            <>
              <table className="data-table">
                <thead>
                  <tr>
                    <th scope="col">
                      <ZoneHead>Time</ZoneHead>
                    </th>
                    <th scope="col">Who</th>
                    <th scope="col">Action</th>
                    <th scope="col">Object</th>
                    <th scope="col">From</th>
                    <th scope="col">Detail</th>
                  </tr>
                </thead>
                <tbody>
                  {read.entries.map((entry) => (
                    <tr key={entry.number}>
                      <td className="w-0 whitespace-nowrap">
                        <TimeText ms={entry.at} />
                      </td>
                      <td>{names.get(entry.actor) ?? entry.actor}</td>
                      <td>{entry.action}</td>
                      <td className="max-w-[32ch] truncate" title={entry.object}>
                        {entry.object}
                      </td>
                      <td className="text-mute">{entry.address}</td>
                      <td
                        className="max-w-[44ch] truncate text-mute"
                        title={entry.detail === undefined ? '' : JSON.stringify(entry.detail, null, 2)}
                      >
                        {entry.detail === undefined ? '' : JSON.stringify(entry.detail)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {read.entries.length === limit && limit < MOST && (
                <div className="p-4">
                  <Button
                    onClick={() => {
                      setLimit(Math.min(limit + PAGE, MOST))
                    }}
                  >
                    Show more
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Shown>
    </>
  )
}
