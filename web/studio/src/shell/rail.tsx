// The rail at the left: the places, with words under their icons and the number of raised alerts.
import { NavLink } from 'react-router'
import { useSigned } from '../api/session.ts'
import { Icon } from '../ui/icon.tsx'
import { PLACES } from './places.ts'

const LINK =
  'relative grid w-15 justify-items-center gap-0.5 rounded-base py-1.5 text-small text-mute no-underline hover:text-text aria-[current=page]:bg-water-dim aria-[current=page]:text-water'

/** Links to the places that somebody sees; on a phone it lies along the lower edge. */
export function Rail({ alerts }: { alerts: number }) {
  const signed = useSigned()
  return (
    <nav
      aria-label="Places"
      className="order-last flex shrink-0 gap-0.5 overflow-x-auto border-t border-line bg-panel p-1 sm:order-none sm:w-(--rail) sm:flex-col sm:items-center sm:overflow-visible sm:border-r sm:border-t-0 sm:py-2"
    >
      {PLACES.filter((place) => place.seen(signed)).map((place) => (
        <NavLink key={place.path} to={place.path} className={LINK}>
          <Icon name={place.icon} />
          {place.name}
          {place.path === '/alerts' && alerts > 0 && (
            <span className="absolute right-1 top-0.5 rounded-full bg-error px-1 text-small font-semibold leading-4 text-bg">
              {alerts > 99 ? '99+' : alerts}
              <span className="sr-only"> raised</span>
            </span>
          )}
        </NavLink>
      ))}
    </nav>
  )
}
