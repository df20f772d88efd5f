// The flows: found by words, folders and tags, with how each stands; and the bin.
import { useNavigate } from 'react-router'
import { useSigned } from '../../api/session.ts'
import { useGet } from '../../api/use-get.ts'
import type { FlowHead, Run } from '../../api/routes.ts'
import { Chip } from '@weir/ui/chip.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { RAISED } from '../../shell/use-alert-news.ts'
import { useFilters } from '../../shell/use-filters.ts'
import { EDITOR } from '../../editor-slot.ts'
import { Button } from '@weir/ui/button.tsx'
import { FlowTable } from './flow-table.tsx'
import { ImportFlow } from './import-flow.tsx'
import { NewFlow } from './new-flow.tsx'

const PAGE = 100

/** The folders that flows lie in, with those above them. */
export function foldersOf(flows: readonly Pick<FlowHead, 'folder'>[]): string[] {
  const all = new Set<string>()
  for (const { folder } of flows) {
    const parts = folder.split('/').filter((part) => part !== '')
    parts.forEach((_, index) => all.add(parts.slice(0, index + 1).join('/')))
  }
  return [...all].sort()
}

/** The newest run of each flow. */
export function newestRuns(runs: readonly Run[]): Map<string, Run> {
  const newest = new Map<string, Run>()
  for (const run of runs) if (!newest.has(run.flow)) newest.set(run.flow, run)
  return newest
}

/** The page at /flows. */
export function FlowsPage() {
  const filters = useFilters()
  const signed = useSigned()
  const navigate = useNavigate()
  const bin = filters.get('bin') === 'true'
  const tags = filters.all('tag')
  const limit = Number(filters.get('limit') || PAGE)
  const order = filters.get('order') === 'name' ? 'name' : 'changed'
  const flows = useGet(
    '/api/v1/flows',
    {
      query: {
        limit: Math.min(limit, 500),
        order,
        ...(filters.get('search') === '' ? {} : { search: filters.get('search') }),
        ...(filters.get('folder') === '' ? {} : { folder: filters.get('folder') }),
        ...(tags.length === 0 ? {} : { tag: tags }),
        ...(bin ? { bin: true } : {})
      }
    },
    { everyMs: 5000, keep: true }
  )
  const all = useGet('/api/v1/flows', { query: { limit: 500, order: 'name' } })
  const runs = useGet('/api/v1/runs', { query: { limit: 500 } }, { everyMs: 1000 })
  const alerts = useGet('/api/v1/alerts', RAISED, { everyMs: 1000 })
  const folders = foldersOf(all.data?.flows ?? [])
  const known = [...new Set((all.data?.flows ?? []).flatMap((flow) => flow.tags))].sort()
  const filtered = ['search', 'folder', 'tag'].some((name) => filters.get(name) !== '')
  return (
    <Page
      title={bin ? 'Bin' : 'Flows'}
      facts={
        flows.data === undefined ? undefined : (
          <span className="text-mute">{shownCount(flows.data.flows.length, flows.data.next)}</span>
        )
      }
      actions={
        <>
          <Button
            look="quiet"
            aria-pressed={bin}
            onClick={() => {
              filters.set({ bin: bin ? '' : 'true' })
            }}
          >
            {bin ? 'Back to the flows' : 'Bin'}
          </Button>
          {!bin && EDITOR !== null && (
            <Button look="quiet" onClick={() => void navigate('/local')}>
              In this browser
            </Button>
          )}
          {signed.may('flow.edit') && !bin && <ImportFlow folders={folders} />}
          {signed.may('flow.edit') && !bin && EDITOR !== null && <NewFlow folders={folders} />}
        </>
      }
      filters={
        <>
          <FilterText
            label="Search flows"
            value={filters.get('search')}
            set={(search) => {
              filters.set({ search })
            }}
          />
          <Choice
            bare
            label="Folder"
            value={filters.get('folder')}
            options={[['', 'All folders'], ...folders.map((folder) => [folder, folder] as const)]}
            choose={(folder) => {
              filters.set({ folder })
            }}
          />
          <Choice
            bare
            label="Order"
            value={order}
            options={[
              ['changed', 'Newest change first'],
              ['name', 'By name']
            ]}
            choose={(next) => {
              filters.set({ order: next === 'changed' ? '' : next })
            }}
          />
          {known.slice(0, 12).map((tag) => (
            <Chip
              key={tag}
              on={tags.includes(tag)}
              press={() => {
                filters.set({ tag: tags.includes(tag) ? tags.filter((one) => one !== tag) : [...tags, tag] })
              }}
            >
              {tag}
            </Chip>
          ))}
        </>
      }
    >
      <Shown of={flows} what="the flows">
        {(page) =>
          page.flows.length === 0 ? (
            <NoFlows bin={bin} filtered={filtered} mayEdit={signed.may('flow.edit')} />
          ) : (
            <>
              <FlowTable
                flows={page.flows}
                newest={newestRuns(runs.data?.runs ?? [])}
                alerts={alerts.data?.alerts ?? []}
                bin={bin}
              />
              {page.next !== undefined && limit < 500 && (
                <div className="p-4">
                  <Button
                    onClick={() => {
                      filters.set({ limit: String(Math.min(limit + PAGE, 500)) })
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

function shownCount(shown: number, next: string | undefined): string {
  return next === undefined ? String(shown) : `the first ${shown}`
}

function NoFlows({ bin, filtered, mayEdit }: { bin: boolean; filtered: boolean; mayEdit: boolean }) {
  if (filtered) return <Empty title="No flow is like that">Take a filter away to see more.</Empty>
  if (bin) return <Empty title="The bin is empty">What is deleted stays here for 30 days.</Empty>
  return (
    <Empty title="There is no flow yet">
      {mayEdit
        ? 'Take one from a file with “Import a flow”, or send one with weir apply.'
        : 'You see flows here as soon as there are some in a folder of yours.'}
    </Empty>
  )
}
