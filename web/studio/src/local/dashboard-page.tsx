// The page at /local/FLOW/dashboards/DASHBOARD: a dashboard of a flow of this browser.
import type { ReactNode } from 'react'
import { useNavigate, useParams } from 'react-router'
import { holdInBrowser } from '@weir/editor'
import { DashboardPage } from '@weir/editor/dashboards'
import { dashboardPath } from '../editor/dashboard-path.ts'
import { LOCAL_PARTS } from '../editor/parts.ts'
import { localStore, SHELF } from '../editor/shelf.ts'
import { RailLinks } from '../shell/rail.tsx'
import { LOCAL_PLACES } from './local-frame.tsx'

interface LocalDashboardProps {
  rail: (draw: string) => ReactNode
  account?: ReactNode
  /** Where the dashboards of this browser are listed. */
  list: string
}

export function LocalDashboard({ rail, account, list }: LocalDashboardProps) {
  const navigate = useNavigate()
  const { flow = '', dashboard = '', edit } = useParams()
  const draw = `/local/${encodeURIComponent(flow)}/edit`
  return (
    <DashboardPage
      key={`${flow}/${dashboard}`}
      flow={flow}
      dashboard={dashboard}
      editing={edit === 'edit'}
      home={localStore().home}
      shelf={SHELF}
      hold={holdInBrowser}
      parts={LOCAL_PARTS}
      author="me"
      frame={{
        rail: rail(draw),
        account,
        leave: () => void navigate(list),
        show: (editing) => void navigate(dashboardPath('/local', flow, dashboard, editing)),
        openFlow: () => void navigate(draw),
        open: (id) => void navigate(`/local/${encodeURIComponent(id)}/edit`)
      }}
    />
  )
}

export function Component() {
  return <LocalDashboard list="/dashboards" rail={(draw) => <RailLinks places={LOCAL_PLACES} draw={draw} />} />
}
