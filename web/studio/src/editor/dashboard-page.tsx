// The page at /flows/FLOW/dashboards/DASHBOARD: a dashboard of a flow on the server.
import { useMemo } from 'react'
import { useNavigate, useParams } from 'react-router'
import { holdInBrowser } from '@weir/editor'
import { DashboardPage } from '@weir/editor/dashboards'
import { server } from '../api/server.ts'
import { useSigned } from '../api/session.ts'
import { causesOf } from '../pages/alerts/causes.ts'
import { AccountMenu } from '../shell/account-menu.tsx'
import { PasswordDialog } from '../shell/password-dialog.tsx'
import { Rail } from '../shell/rail.tsx'
import { useAlertNews } from '../shell/use-alert-news.ts'
import { useRunNews } from '../shell/use-run-news.ts'
import { dashboardPath } from './dashboard-path.ts'
import { nodesOfServer } from './flow-page.tsx'
import { PARTS } from './parts.ts'
import { ServerHome } from './server-home.ts'
import { SHELF } from './shelf.ts'

const GOES_ON = ['starting', 'running', 'stopping']

/** The newest run that goes on. */
async function liveRun(flow: string): Promise<string | undefined> {
  const { runs } = await server.ask('get', '/api/v1/runs', { query: { flow, limit: 20 } })
  return runs.find((run) => GOES_ON.includes(run.state ?? ''))?.id
}

export function Component() {
  const signed = useSigned()
  const navigate = useNavigate()
  const { flow = '', dashboard = '', edit } = useParams()
  const alerts = useAlertNews()
  useRunNews()
  const home = useMemo(() => new ServerHome(server, signed, window.location.host), [signed])
  const draw = `/flows/${encodeURIComponent(flow)}/edit`
  return (
    <>
      <DashboardPage
        key={`${flow}/${dashboard}`}
        flow={flow}
        dashboard={dashboard}
        editing={edit === 'edit'}
        home={home}
        shelf={SHELF}
        hold={holdInBrowser}
        parts={PARTS}
        author={signed.me.user.id}
        nodes={nodesOfServer}
        liveRun={liveRun}
        frame={{
          rail: <Rail alerts={causesOf(alerts).length} draw={draw} />,
          account: <AccountMenu />,
          leave: () => void navigate('/dashboards'),
          show: (editing) => void navigate(dashboardPath('/flows', flow, dashboard, editing)),
          openFlow: () => void navigate(draw),
          open: (id) => void navigate(`/flows/${encodeURIComponent(id)}/edit`)
        }}
      />
      <PasswordDialog />
    </>
  )
}
