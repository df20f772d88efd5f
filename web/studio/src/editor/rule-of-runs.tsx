// In the editor: the dialog of a rule about the runs of the flow, which the server watches. Nothing while it is not asked for.
import type { RunAlert } from '@weir/editor'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { useSigned } from '../api/session.ts'
import { useGet } from '../api/use-get.ts'
import { EditRule } from '../pages/alerts/edit-rule.tsx'
import { failedRule, missedRule } from '../pages/alerts/run-rules.ts'
import { useRuleWish } from './rule-wish.ts'

/** A little longer than a day: a run that is a bit late is not missed. */
const WITHIN_MS = 26 * 3_600_000

/** A part that stands above the page of the editor. */
export function RuleOfRuns() {
  const wish = useRuleWish((state) => state.wish)
  return wish === undefined ? null : <Asked key={`${wish.flow} ${wish.what}`} {...wish} />
}

function close(): void {
  useRuleWish.setState({ wish: undefined })
}

function Asked({ flow, what }: { flow: string; what: RunAlert }) {
  const { mayIn } = useSigned()
  const { data } = useGet('/api/v1/flows/{flow}', { path: { flow } })
  if (data === undefined) return null
  const { folder } = data
  if (!mayIn('flow.publish', folder)) {
    return (
      <Dialog
        open
        close={close}
        title="Alert me when…"
        about="Rules of the server are for who may publish in this folder."
      >
        <div className="flex justify-end">
          <Button onClick={close}>Close</Button>
        </div>
      </Dialog>
    )
  }
  const first = what === 'failed' ? failedRule(flow, folder) : missedRule(flow, folder, WITHIN_MS)
  return <EditRule rule={null} first={first} close={close} />
}
