// Commands on the flow as a whole: what the page around the canvas can do.
import { whyNotOnDashboard } from '../../dashboards/put-dialog.tsx'
import type { PageActions } from '../../page/parts.ts'
import type { Command } from './command.ts'

function ofPage(id: string, label: string, keys: readonly string[], act: (page: PageActions) => void): Command {
  return {
    id: `flow.${id}`,
    label,
    group: 'Flow',
    keys,
    where: 'page',
    why: ({ page }) => (page === undefined ? 'There is no page around this canvas.' : ''),
    run: ({ page }) => {
      if (page !== undefined) act(page)
    }
  }
}

export const kFlowCommands: readonly Command[] = [
  {
    ...ofPage('save', 'Save now', ['Mod+s'], (page) => {
      page.save()
    }),
    where: 'always',
    changes: true
  },
  {
    ...ofPage('version', 'Keep a version…', [], (page) => {
      page.saveVersion()
    }),
    changes: true
  },
  {
    id: 'flow.putOnDashboard',
    label: 'Put on a dashboard…',
    group: 'Flow',
    keys: [],
    where: 'canvas',
    changes: true,
    why: ({ session }) => whyNotOnDashboard(session),
    run: (tools) => {
      tools.show('dashboard')
    }
  },
  {
    ...ofPage('dashboards', 'Dashboards…', [], (page) => page.dashboard?.()),
    why: ({ page }) => (page?.dashboard === undefined ? 'There are no pages of dashboards here.' : '')
  },
  ofPage('history', 'History…', [], (page) => {
    page.history()
  }),
  ofPage('download', 'Download the flow', [], (page) => {
    page.download()
  })
]
