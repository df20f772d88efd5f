// Begins the tools of a session: keys, menus and clipboard count from now on.
import { keptFigures } from '../alerts/figure-history.ts'
import type { PageActions } from '../page/parts.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { kBindings } from './commands/bindings.ts'
import { followOtherTabs } from './commands/key-bindings.ts'
import { listenToKeys } from './commands/listen.ts'
import { goWhereWanted } from './find/go-to-found.ts'
import { listenToMenus } from './menus/listen.ts'
import { listenToClipboard } from './paste/clipboard-events.ts'
import { toolsOf } from './tools.ts'

/** Gives what ends them. `page`: what the page around the canvas can do; without it nothing runs by key. */
export function beginTools(session: EditorSession, page?: PageActions): () => void {
  const tools = toolsOf(session)
  tools.page = page
  const ends = [
    listenToKeys(tools, kBindings),
    listenToMenus(tools),
    listenToClipboard(tools),
    followOtherTabs(kBindings)
  ]
  goWhereWanted(session)
  keptFigures(session)
  return () => {
    for (const end of ends) end()
    tools.page = undefined
    tools.ui.setState({ open: undefined, menu: undefined, report: undefined })
  }
}
