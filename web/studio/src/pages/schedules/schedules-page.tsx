// The schedules: the next five times of each, its last result, pause, run now.
import { useState } from 'react'
import { useSigned } from '../../api/session.ts'
import { useAll } from '../../api/use-get.ts'
import type { Schedule } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import { EditSchedule } from './edit-schedule.tsx'
import { ScheduleRow } from './schedule-row.tsx'

/** Schedules whose name or flow has the words, and that are paused or not as wanted. */
export function schedulesLike(schedules: readonly Schedule[], words: string, state: string): Schedule[] {
  const wanted = words.toLowerCase()
  return schedules.filter(
    (one) =>
      `${one.name ?? ''} ${one.flow} ${one.folder ?? ''}`.toLowerCase().includes(wanted) &&
      (state === '' || one.paused === (state === 'paused'))
  )
}

/** The page at /schedules. */
export function SchedulesPage() {
  const filters = useFilters()
  const { may } = useSigned()
  const [editing, setEditing] = useState<Schedule | 'new' | null>(null)
  const schedules = useAll('/api/v1/schedules', {}, { everyMs: 2000 })
  return (
    <Page
      title="Schedules"
      actions={
        may('flow.publish') ? (
          <Button
            onClick={() => {
              setEditing('new')
            }}
          >
            New schedule
          </Button>
        ) : undefined
      }
      filters={
        <>
          <FilterText
            label="Search schedules"
            value={filters.get('words')}
            set={(words) => {
              filters.set({ words })
            }}
          />
          <Choice
            bare
            label="State"
            value={filters.get('state')}
            options={[
              ['', 'Paused or not'],
              ['planned', 'Planned'],
              ['paused', 'Paused']
            ]}
            choose={(state) => {
              filters.set({ state })
            }}
          />
        </>
      }
    >
      <Shown of={schedules} what="the schedules">
        {(read) => {
          const found = schedulesLike(read.schedules, filters.get('words'), filters.get('state'))
          if (read.schedules.length === 0) {
            return (
              <Empty title="Nothing is planned">
                A schedule starts runs of a flow at the times of a cron line, or at an interval.
              </Empty>
            )
          }
          if (found.length === 0) return <Empty title="No schedule is like that">Take a filter away to see more.</Empty>
          return (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Schedule</th>
                  <th scope="col">When</th>
                  <th scope="col">State</th>
                  <th scope="col">
                    <ZoneHead>Next five times</ZoneHead>
                  </th>
                  <th scope="col">Last result</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.map((schedule) => (
                  <ScheduleRow
                    key={schedule.id}
                    schedule={schedule}
                    edit={() => {
                      setEditing(schedule)
                    }}
                  />
                ))}
              </tbody>
            </table>
          )
        }}
      </Shown>
      {editing !== null && (
        <EditSchedule
          schedule={editing === 'new' ? null : editing}
          close={() => {
            setEditing(null)
          }}
        />
      )}
    </Page>
  )
}
