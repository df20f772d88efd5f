// What of the tools stands above the page when it is asked for.
import { CommandDialog } from './commands/command-dialog.tsx'
import { KeysDialog } from './commands/keys-dialog.tsx'
import { FindBox } from './find/find-box.tsx'
import { FindEverywhere } from './find/find-everywhere-dialog.tsx'
import { CanvasMenu } from './menus/canvas-menu.tsx'
import { PasteReportDialog } from './paste/report-dialog.tsx'

export function Overlays() {
  return (
    <>
      <CanvasMenu />
      <CommandDialog />
      <KeysDialog />
      <FindBox />
      <FindEverywhere />
      <PasteReportDialog />
    </>
  )
}
