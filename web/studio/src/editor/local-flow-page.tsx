// The page at /local/FLOW/edit where there is a server: a flow of this browser, which can go there.
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { server } from '../api/server.ts'
import { useSigned } from '../api/session.ts'
import { LocalFlow } from '../local/flow-page.tsx'
import { causesOf } from '../pages/alerts/causes.ts'
import { AccountMenu } from '../shell/account-menu.tsx'
import { PasswordDialog } from '../shell/password-dialog.tsx'
import { Rail } from '../shell/rail.tsx'
import { useAlertNews } from '../shell/use-alert-news.ts'
import { useRunNews } from '../shell/use-run-news.ts'
import { moveToServer } from './move-to-server.ts'

export function Component() {
  const signed = useSigned()
  const navigate = useNavigate()
  const alerts = useAlertNews()
  useRunNews()
  const move = useMemo(
    () =>
      signed.may('flow.edit')
        ? moveToServer(server, signed, window.location.host, (id) => {
            void navigate(`/flows/${encodeURIComponent(id)}/edit`)
          })
        : undefined,
    [signed, navigate]
  )
  return (
    <>
      <LocalFlow
        list="/local"
        dashboards="/local/dashboards"
        rail={(draw, more) => (
          <Rail alerts={causesOf(alerts).length} draw={draw}>
            {more}
          </Rail>
        )}
        account={<AccountMenu />}
        {...(move === undefined ? {} : { move })}
      />
      <PasswordDialog />
    </>
  )
}
