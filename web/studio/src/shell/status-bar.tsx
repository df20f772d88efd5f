// The bar at the bottom: whether the server is there, who has signed in, the zone of all times.
import { useSigned } from '../api/session.ts'
import { distance } from '@weir/ui/figures/figures.ts'
import { useNow } from '@weir/ui/figures/use-now.ts'
import { useConnection } from '../state/connection.ts'
import { shownZone, usePreferences } from '@weir/ui/preferences.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'

/** One line; hidden on a phone, where the notice above says what is wrong. */
export function StatusBar({ keys }: { keys: () => void }) {
  const { me } = useSigned()
  const { reachable } = useConnection()
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  return (
    <footer className="hidden h-(--status) shrink-0 items-center gap-4 border-t border-line bg-panel px-4 text-small text-mute sm:flex">
      <StateBadge tone={reachable ? 'ok' : 'warn'}>
        {reachable ? `On ${window.location.host}` : 'Server away'}
      </StateBadge>
      <span>{me.user.fullName === '' ? me.user.name : me.user.fullName}</span>
      <span className="ml-auto">{zone}</span>
      <button type="button" className="hover:text-text" onClick={keys}>
        ? keys
      </button>
    </footer>
  )
}

/** Above the page while the server is away. */
export function AwayNotice() {
  const { reachable, lostAt } = useConnection()
  const now = useNow()
  if (reachable || lostAt === null) return null
  return (
    <p role="status" className="border-b border-warn bg-panel px-4 py-1.5">
      <span className="text-warn">
        <span aria-hidden="true">▲</span> The server does not answer
      </span>
      <span className="text-mute">
        {' '}
        since {distance(lostAt, now).replace(' ago', '')}. What you see is from before; it is read anew as soon as the
        server is back.
      </span>
    </p>
  )
}
