// This browser as a channel: a line of the table, with its test.
import { useState } from 'react'
import { usePreferences } from '@weir/ui/preferences.ts'
import { Button } from '@weir/ui/button.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { askForNotices, browserNotice, mayNotify } from '../../state/browser-notice.ts'

/** Of the person at this page alone; others have their own. */
export function BrowserChannel() {
  const { notify, choose } = usePreferences()
  const [told, setTold] = useState('')
  const permission = typeof Notification === 'undefined' ? 'denied' : Notification.permission
  const on = notify && mayNotify()
  const test = (): void => {
    browserNotice('A test of Weir', 'Alerts and long runs that end are told like this.', 'test')
    setTold('the test was given to the browser')
  }
  return (
    <tr>
      <td>
        <span className="block font-sans text-base font-semibold">This browser</span>
        <span className="text-mute">browser</span>
      </td>
      <td className="font-sans text-mute">who sits here, while a tab of the studio is open</td>
      <td>info</td>
      <td>
        {on ? (
          <StateBadge tone="ok">on</StateBadge>
        ) : permission === 'denied' ? (
          <span className="font-sans text-warn">
            ▲ the browser refuses notices: allow them in the settings of this site
          </span>
        ) : (
          <StateBadge tone="rest">off</StateBadge>
        )}
        <span role="status" className="block font-sans">
          {told !== '' && on && <StateBadge tone="ok">{told}</StateBadge>}
        </span>
      </td>
      <td className="w-0">
        <span className="flex justify-end gap-2">
          {on ? (
            <>
              <Button
                onClick={() => {
                  choose({ notify: false })
                }}
                aria-label="Switch off notices of this browser"
              >
                Switch off
              </Button>
              <Button onClick={test} aria-label="Send test to this browser">
                Send test
              </Button>
            </>
          ) : (
            permission !== 'denied' && (
              <Button onClick={() => void askForNotices()} aria-label="Switch on notices of this browser">
                Switch on
              </Button>
            )
          )}
        </span>
      </td>
    </tr>
  )
}
