// The page at /local/FLOW/edit: the editor on a flow of this browser.
import type { ReactNode } from 'react'
import { useNavigate, useParams } from 'react-router'
import { EditorPage, holdInBrowser, OutlineToggle } from '@weir/editor'
import type { Move } from '@weir/editor'
import { dashboardPath } from '../editor/dashboard-path.ts'
import { LOCAL_PARTS } from '../editor/parts.ts'
import { formAddress } from '../editor/form-address.ts'
import { localStore, SHELF } from '../editor/shelf.ts'
import { RailLinks } from '../shell/rail.tsx'
import { LOCAL_PLACES } from './local-frame.tsx'

interface LocalFlowProps {
  rail: (draw: string, more: ReactNode) => ReactNode
  account?: ReactNode
  /** Where the flows of this browser are listed. */
  list: string
  /** Where its dashboards are listed. */
  dashboards: string
  /** The way to the server, where there is one. */
  move?: Move
}

export function LocalFlow({ rail, account, list, dashboards, move }: LocalFlowProps) {
  const navigate = useNavigate()
  const { flow = '' } = useParams()
  const local = localStore()
  return (
    <EditorPage
      key={flow}
      flow={flow}
      home={local.home}
      shelf={SHELF}
      hold={holdInBrowser}
      parts={LOCAL_PARTS}
      author="me"
      local={local}
      formAddress={formAddress('local', flow)}
      {...(move === undefined ? {} : { move })}
      frame={{
        rail: rail(`/local/${encodeURIComponent(flow)}/edit`, <OutlineToggle />),
        account,
        leave: () => void navigate(list),
        dashboard: (id, dashboard) =>
          void navigate(dashboard === undefined ? dashboards : dashboardPath('/local', id, dashboard)),
        open: (id) => void navigate(`/local/${encodeURIComponent(id)}/edit`)
      }}
    />
  )
}

export function Component() {
  return (
    <LocalFlow
      list="/"
      dashboards="/dashboards"
      rail={(draw, more) => (
        <RailLinks places={LOCAL_PLACES} draw={draw}>
          {more}
        </RailLinks>
      )}
    />
  )
}
