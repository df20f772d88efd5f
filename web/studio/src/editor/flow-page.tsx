// The page at /flows/FLOW/edit: the editor on a flow of the server.
import { useMemo } from 'react'
import { useNavigate, useParams } from 'react-router'
import { EditorPage, holdInBrowser } from '@weir/editor'
import type { Move } from '@weir/editor'
import { Menu } from '@weir/ui/menu.tsx'
import { forgetSession, server } from '../api/server.ts'
import { useSigned } from '../api/session.ts'
import { useChange } from '../api/use-change.ts'
import { PasswordDialog } from '../shell/password-dialog.tsx'
import { Rail } from '../shell/rail.tsx'
import { useAlertNews } from '../shell/use-alert-news.ts'
import { PARTS } from './parts.ts'
import { ServerHome } from './server-home.ts'
import { localStore, SHELF } from './shelf.ts'

const nodesOfServer = async () => (await server.ask('get', '/api/v1/nodes')).nodes

/** A copy of the flow in this browser: offline, by oneself. */
function moveHere(open: (flow: string) => void): Move {
  const { home } = localStore()
  return {
    words: 'Copy to this browser',
    to: home,
    arrived: open,
    ask: async () => {
      const places = (await PARTS.places?.()) ?? []
      const browser = places.find((place) => place.id === 'browser')
      const [types, flows] = await Promise.all([browser?.nodes() ?? nodesOfServer(), home.list()])
      return {
        nodes: new Set(types.map((type) => type.id)),
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
  const home = useMemo(() => new ServerHome(server, signed, window.location.host), [signed])
  const leave = useChange({
    work: () => server.ask('delete', '/api/v1/session'),
    changes: [],
    after: () => {
      forgetSession()
    }
  })
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
        frame={{
          rail: <Rail alerts={alerts.length} draw={`/flows/${encodeURIComponent(flow)}/edit`} />,
          leave: () => void navigate('/flows'),
          open: (id) => void navigate(`/flows/${encodeURIComponent(id)}/edit`),
          account: (
            <Menu
              label={`Account of ${signed.me.user.name}`}
              items={[
                { words: 'Settings', act: () => void navigate('/settings') },
                {
                  words: 'Sign out',
                  act: () => {
                    leave.mutate(undefined)
                  }
                }
              ]}
            />
          )
        }}
      />
      <PasswordDialog />
    </>
  )
}
