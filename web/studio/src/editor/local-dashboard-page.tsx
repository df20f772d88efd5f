// The page at /local/FLOW/dashboards/DASHBOARD where there is a server.
import { LocalDashboard } from '../local/dashboard-page.tsx'
import { causesOf } from '../pages/alerts/causes.ts'
import { AccountMenu } from '../shell/account-menu.tsx'
import { PasswordDialog } from '../shell/password-dialog.tsx'
import { Rail } from '../shell/rail.tsx'
import { useAlertNews } from '../shell/use-alert-news.ts'
import { useRunNews } from '../shell/use-run-news.ts'

export function Component() {
  const alerts = useAlertNews()
  useRunNews()
  return (
    <>
      <LocalDashboard
        list="/local/dashboards"
        rail={(draw) => <Rail alerts={causesOf(alerts).length} draw={draw} />}
        account={<AccountMenu />}
      />
      <PasswordDialog />
    </>
  )
}
