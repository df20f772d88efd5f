// The page at /dashboards: those of all flows of the server.
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { DashboardList } from '@weir/editor/dashboards'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { dashboardPath } from '../../editor/dashboard-path.ts'
import { ServerHome } from '../../editor/server-home.ts'

export function Component() {
  const signed = useSigned()
  const navigate = useNavigate()
  const home = useMemo(() => new ServerHome(server, signed, window.location.host), [signed])
  return (
    <DashboardList
      title="Dashboards"
      home={home}
      address={(flow, dashboard) => `#${dashboardPath('/flows', flow, dashboard)}`}
      edit={(flow, dashboard) => void navigate(dashboardPath('/flows', flow, dashboard, true))}
      here={{ words: 'In this browser', go: () => void navigate('/local/dashboards') }}
    />
  )
}
