// The dashboards of the flows of this browser.
import { useNavigate } from 'react-router'
import { DashboardList } from '@weir/editor/dashboards'
import { dashboardPath } from '../editor/dashboard-path.ts'
import { localStore } from '../editor/shelf.ts'

export function Component() {
  const navigate = useNavigate()
  return (
    <DashboardList
      title="Dashboards in this browser"
      home={localStore().home}
      address={(flow, dashboard) => `#${dashboardPath('/local', flow, dashboard)}`}
      edit={(flow, dashboard) => void navigate(dashboardPath('/local', flow, dashboard, true))}
    />
  )
}
