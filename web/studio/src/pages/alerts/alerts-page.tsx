// Alerts: what is raised and what was, the rules that raise them, and the channels that tell people.
import { useSigned } from '../../api/session.ts'
import { Page } from '@weir/ui/page.tsx'
import { PartTabs } from '@weir/ui/part-tabs.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { AlertList } from './alert-list.tsx'
import { ChannelList } from './channel-list.tsx'
import { RuleList } from './rule-list.tsx'

/** The page at /alerts. */
export function AlertsPage() {
  const filters = useFilters()
  const { may } = useSigned()
  const parts = [
    { name: 'raised', title: 'Raised', body: () => <AlertList state="raised" /> },
    { name: 'history', title: 'History', body: () => <AlertList state="cleared" /> },
    { name: 'rules', title: 'Rules', body: () => <RuleList /> },
    ...(may('server.admin') ? [{ name: 'channels', title: 'Channels', body: () => <ChannelList /> }] : [])
  ]
  return (
    <Page title="Alerts">
      <PartTabs
        label="About alerts"
        parts={parts}
        open={filters.get('part')}
        show={(part) => {
          filters.set({ part: part === 'raised' ? '' : part })
        }}
      />
    </Page>
  )
}
