// The runs: those that go on and those that have ended, filtered, and two of them to compare.
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useGet } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { RUN_STATES, goesOn, type RunStateName } from './run-state.tsx'
import { RunTable } from './run-table.tsx'

const PAGE = 50
const DAY = 86_400_000
const SINCE: readonly (readonly [string, string])[] = [
  ['', 'Any time'],
  ['1', 'The last day'],
  ['7', 'The last 7 days'],
  ['30', 'The last 30 days']
]

function isState(text: string): text is RunStateName {
  return (RUN_STATES as readonly string[]).includes(text)
}

/** The page at /runs. */
export function RunsPage() {
  const filters = useFilters()
  const navigate = useNavigate()
  const [picked, setPicked] = useState<readonly string[]>([])
  const flows = useGet('/api/v1/flows', { query: { limit: 500, order: 'name' } })
  const state = filters.get('state')
  const days = Number(filters.get('days'))
  const limit = Math.min(Number(filters.get('limit') || PAGE), 500)
  // The beginning of a minute, so that the address of the request stays the same for a while.
  const [from] = useState(() => Math.floor(Date.now() / 60_000) * 60_000)
  const runs = useGet(
    '/api/v1/runs',
    {
      query: {
        limit,
        ...(filters.get('flow') === '' ? {} : { flow: filters.get('flow') }),
        ...(filters.get('folder') === '' ? {} : { folder: filters.get('folder') }),
        ...(isState(state) ? { state } : {}),
        ...(days > 0 ? { from: from - days * DAY } : {})
      }
    },
    { everyMs: 1000, keep: true }
  )
  const going = (runs.data?.runs ?? []).filter(goesOn).length
  const pick = (run: string, on: boolean) => {
    setPicked((before) =>
      on ? [...before.filter((one) => one !== run), run].slice(-2) : before.filter((one) => one !== run)
    )
  }
  return (
    <Page
      title="Runs"
      facts={<span className="text-mute">{going > 0 ? `${going} going on` : 'none going on'}</span>}
      actions={
        <Button
          disabled={picked.length !== 2}
          title={picked.length === 2 ? '' : 'Tick two runs'}
          onClick={() => void navigate(`/runs/compare?a=${picked[0] ?? ''}&b=${picked[1] ?? ''}`)}
        >
          Compare {picked.length === 2 ? 'the two' : 'two runs'}
        </Button>
      }
      filters={
        <>
          <Choice
            bare
            label="Flow"
            value={filters.get('flow')}
            options={[['', 'All flows'], ...(flows.data?.flows ?? []).map((flow) => [flow.id, flow.name] as const)]}
            choose={(flow) => {
              filters.set({ flow })
            }}
          />
          <Choice
            bare
            label="State"
            value={state}
            options={[['', 'All states'], ...RUN_STATES.map((one) => [one, one] as const)]}
            choose={(next) => {
              filters.set({ state: next })
            }}
          />
          <Choice
            bare
            label="Since"
            value={filters.get('days')}
            options={SINCE}
            choose={(next) => {
              filters.set({ days: next })
            }}
          />
          <FilterText
            label="Folder, such as team/reports"
            value={filters.get('folder')}
            set={(folder) => {
              filters.set({ folder })
            }}
          />
        </>
      }
    >
      <Shown of={runs} what="the runs">
        {(page) =>
          page.runs.length === 0 ? (
            <NoRuns filtered={['flow', 'state', 'days', 'folder'].some((name) => filters.get(name) !== '')} />
          ) : (
            <>
              <RunTable runs={page.runs} picked={picked} pick={pick} />
              {page.next !== undefined && limit < 500 && (
                <div className="p-4">
                  <Button
                    onClick={() => {
                      filters.set({ limit: String(limit + PAGE) })
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
    </Page>
  )
}

function NoRuns({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty title="No run is like that">Take a filter away to see more.</Empty>
  return <Empty title="Nothing has run yet">Start a run at a flow, or plan one with a schedule.</Empty>
}
