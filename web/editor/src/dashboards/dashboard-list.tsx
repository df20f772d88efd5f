// All dashboards of the flows of a home, and making a new one.
import { useEffect, useState } from 'react'
import { addDashboard, applyOperations, dashboardsOf, freeDashboardId, openFlow } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Failed, Loading } from '@weir/ui/states.tsx'
import type { FlowHome, KeptHead } from '../page/home/flow-home.ts'
import { errorOf, useWork } from '../page/versions/use-work.ts'
import { Form } from './add-dialog.tsx'

export interface DashboardListProps {
  home: FlowHome
  title: string
  /** The address of a dashboard, for a link. */
  address: (flow: string, dashboard: string) => string
  /** Goes to a new dashboard, to be edited. */
  edit: (flow: string, dashboard: string) => void
  /** The way to the dashboards of another home. */
  here?: { words: string; go: () => void }
}

interface Listed {
  flow: string
  folder: string
  dashboard: string
  name: string
  widgets: number
}

interface Found {
  list: readonly Listed[]
  flows: readonly KeptHead[]
  /** Flows that were read, of all. */
  read: number
}

/** So many flows are read at once. */
const kAtOnce = 4

function dashboardsIn(head: KeptHead, text: string): Listed[] {
  const opened = openFlow(text)
  if (opened.state === 'broken') return []
  return dashboardsOf(opened.document.root).map(({ id, name, widgets }) => ({
    flow: head.id,
    folder: head.folder,
    dashboard: id,
    name: name === '' ? id : name,
    widgets: widgets.length
  }))
}

/** Reads every flow of the home; tells what was found so far, until `here` says that nobody listens. */
export async function findDashboards(home: FlowHome, told: (found: Found) => void, here: () => boolean): Promise<void> {
  const flows = await home.list()
  const list: Listed[] = []
  const left = [...flows]
  let read = 0
  const work = async (): Promise<void> => {
    for (let head = left.shift(); head !== undefined && here(); head = left.shift()) {
      // One that cannot be read is no reason not to show the others.
      const kept = await home.read(head.id).catch(() => undefined)
      ++read
      if (kept !== undefined) list.push(...dashboardsIn(head, kept.text))
      const sorted = [...list].sort((a, b) => a.name.localeCompare(b.name) || a.flow.localeCompare(b.flow))
      if (here()) told({ list: sorted, flows, read })
    }
  }
  if (here()) told({ list, flows, read })
  await Promise.all(Array.from({ length: kAtOnce }, work))
}

export function DashboardList({ home, title, address, edit, here }: DashboardListProps) {
  const [found, setFound] = useState<Found>()
  const [error, setError] = useState<Error>()
  const [count, again] = useState(0)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    let listens = true
    setError(undefined)
    findDashboards(home, setFound, () => listens).catch((reason: unknown) => {
      if (listens) setError(errorOf(reason))
    })
    return () => {
      listens = false
    }
  }, [home, count])
  const may = found?.flows.filter((flow) => home.rights(flow.folder).edit) ?? []
  const isAll = found !== undefined && found.read >= found.flows.length
  return (
    <Page
      title={title}
      facts={
        found !== undefined && (
          <span role="status" className="text-mute">
            {isAll ? found.list.length : `${found.list.length} so far, in ${found.read} of ${found.flows.length} flows`}
          </span>
        )
      }
      actions={
        <>
          {here !== undefined && (
            <Button look="quiet" onClick={here.go}>
              {here.words}
            </Button>
          )}
          {may.length > 0 && (
            <Button
              onClick={() => {
                setOpen(true)
              }}
            >
              New dashboard…
            </Button>
          )}
        </>
      }
    >
      {error !== undefined ? (
        <Failed
          error={error}
          again={() => {
            again((now) => now + 1)
          }}
        />
      ) : found === undefined ? (
        <Loading what="dashboards" />
      ) : found.list.length === 0 && isAll ? (
        <Empty title="No dashboards yet">
          <p>
            A dashboard shows what the nodes of a flow give, as charts and tables. Make one here; or open a flow, choose
            a node, and there Put on a dashboard…
          </p>
        </Empty>
      ) : (
        <List list={found.list} address={address} />
      )}
      {open && (
        <NewDialog
          home={home}
          flows={may}
          edit={edit}
          close={() => {
            setOpen(false)
          }}
        />
      )}
    </Page>
  )
}

function List({ list, address }: { list: readonly Listed[]; address: DashboardListProps['address'] }) {
  return (
    <ul className="grid gap-2 p-4 sm:grid-cols-[repeat(auto-fill,minmax(240px,1fr))]">
      {list.map(({ flow, dashboard, name, widgets, folder }) => (
        <li key={`${flow}\n${dashboard}`}>
          <a
            href={address(flow, dashboard)}
            className="grid gap-1 rounded-panel border border-edge bg-panel p-3 text-text no-underline hover:border-water"
          >
            <span className="truncate font-semibold">{name}</span>
            <span className="truncate text-data text-mute">
              {folder === '' ? flow : `${folder} / ${flow}`} · {widgets} {widgets === 1 ? 'widget' : 'widgets'}
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}

interface NewProps {
  home: FlowHome
  flows: readonly KeptHead[]
  edit: (flow: string, dashboard: string) => void
  close: () => void
}

function NewDialog({ home, flows, edit, close }: NewProps) {
  const [flow, setFlow] = useState(flows[0]?.id ?? '')
  const [name, setName] = useState('')
  const { busy, error, run } = useWork()
  const make = () => {
    run(async () => {
      const kept = await home.read(flow)
      const opened = openFlow(kept.text)
      if (opened.state !== 'open') throw new Error(`The flow ${flow} cannot be changed here; open it to see why.`)
      const id = freeDashboardId(opened.document, name.trim())
      applyOperations(opened.document, [addDashboard(opened.document, id, name.trim())])
      await home.write(flow, opened.document.text(), kept.revision)
      edit(flow, id)
    })
  }
  const problem = name.trim() === '' ? 'Give it a name.' : busy ? 'It is being made…' : ''
  return (
    <Dialog open close={close} title="New dashboard" about="It belongs to a flow, and is kept and shared with it.">
      <Form submit={make} problem={problem} yes="Make it" close={close}>
        <Choice
          label="Flow"
          value={flow}
          options={flows.map((one) => [one.id, one.name === '' ? one.id : one.name] as const)}
          choose={setFlow}
        />
        <Field
          label="Name"
          value={name}
          autoFocus
          problem={error?.message ?? ''}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
      </Form>
    </Dialog>
  )
}
