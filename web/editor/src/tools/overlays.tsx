// What of the tools stands above the page when it is asked for.
import { PutOnDashboard } from '../dashboards/put-dialog.tsx'
import { AlertDialog } from '../alerts/index.ts'
import { CommandDialog } from './commands/command-dialog.tsx'
import { KeysDialog } from './commands/keys-dialog.tsx'
import { FindBox } from './find/find-box.tsx'
import { FindEverywhere } from './find/find-everywhere-dialog.tsx'
import { CanvasMenu } from './menus/canvas-menu.tsx'
import { PasteReportDialog } from './paste/report-dialog.tsx'
import { useView } from '../session/use-session.ts'
import { useTools } from './tools.ts'

export function Overlays() {
  return (
    <>
      <CanvasMenu />
      <CommandDialog />
      <KeysDialog />
      <FindBox />
      <FindEverywhere />
      <PasteReportDialog />
      <PutOnDashboard />
      <Alerts />
    </>
  )
}

/** What the page can do is known when the dialog is asked for. */
function Alerts() {
  const tools = useTools()
  const wanted = useView((state) => state.alertWish !== undefined)
  return wanted ? <AlertDialog runAlert={tools.page?.runAlert} /> : null
}
