// The page at /flows/FLOW/edit: the editor on a flow of the server.
import { useMemo } from 'react'
import { useNavigate, useParams } from 'react-router'
import { EditorPage, holdInBrowser, OutlineToggle } from '@weir/editor'
import type { Move } from '@weir/editor'
import { server } from '../api/server.ts'
import { useSigned } from '../api/session.ts'
import { wholeList } from '../api/whole-list.ts'
import { causesOf } from '../pages/alerts/causes.ts'
import { AccountMenu } from '../shell/account-menu.tsx'
import { PasswordDialog } from '../shell/password-dialog.tsx'
import { Rail } from '../shell/rail.tsx'
import { useAlertNews } from '../shell/use-alert-news.ts'
import { useRunNews } from '../shell/use-run-news.ts'
import { dashboardPath } from './dashboard-path.ts'
import { formAddress } from './form-address.ts'
import { PARTS } from './parts.ts'
import { ServerHome } from './server-home.ts'
import { localStore, SHELF } from './shelf.ts'

export const nodesOfServer = async () => (await server.ask('get', '/api/v1/nodes')).nodes

/** A copy of the flow in this browser: offline, by oneself. */
function moveHere(open: (flow: string) => void): Move {
  const { home } = localStore()
  return {
    words: 'Copy to this browser',
    to: home,
    arrived: open,
    planned: async (flow) => {
      const { schedules } = await wholeList((query) => server.ask('get', '/api/v1/schedules', { query }))
      return schedules.filter((schedule) => schedule.flow === flow).length
    },
    ask: async () => {
      const places = (await PARTS.places?.()) ?? []
      const browser = places.find((place) => place.id === 'browser')
      const [types, flows] = await Promise.all([browser?.nodes() ?? nodesOfServer(), home.list()])
      return {
        nodes: new Set(types.map((type) => type.id)),
        versions: new Set(types.map((type) => `${type.id}@${type.version}`)),
        mounts: undefined,
        secrets: new Set<string>(),
        flows: new Set(flows.map((flow) => flow.id)),
        schedules: false
      }
    }
  }
}

export function Component() {
  const signed = useSigned()
  const navigate = useNavigate()
  const { flow = '' } = useParams()
  const alerts = useAlertNews()
  useRunNews()
  const home = useMemo(() => new ServerHome(server, signed, window.location.host), [signed])
  const move = useMemo(() => moveHere((id) => void navigate(`/local/${encodeURIComponent(id)}/edit`)), [navigate])
  return (
    <>
      <EditorPage
        key={flow}
        flow={flow}
        home={home}
        shelf={SHELF}
        hold={holdInBrowser}
        parts={PARTS}
        author={signed.me.user.id}
        nodes={nodesOfServer}
        move={move}
        formAddress={formAddress('flows', flow)}
        frame={{
          rail: (
            <Rail alerts={causesOf(alerts).length} draw={`/flows/${encodeURIComponent(flow)}/edit`}>
              <OutlineToggle />
            </Rail>
          ),
          leave: () => void navigate('/flows'),
          open: (id) => void navigate(`/flows/${encodeURIComponent(id)}/edit`),
          dashboard: (id, dashboard) =>
            void navigate(dashboard === undefined ? '/dashboards' : dashboardPath('/flows', id, dashboard)),
          account: <AccountMenu />
        }}
      />
      <PasswordDialog />
    </>
  )
}
