// The rail at the left: the places, with words under their icons and the number of raised alerts.
import { Fragment } from 'react'
import type { ReactNode } from 'react'
import { NavLink } from 'react-router'
import { useSigned } from '../api/session.ts'
import { Icon } from '@weir/ui/icon.tsx'
import type { IconName } from '@weir/ui/icon.tsx'
import { PLACES } from './places.ts'

const LINK =
  'relative grid w-16 justify-items-center tracking-tight gap-0.5 rounded-base py-1.5 text-small text-mute no-underline hover:text-text aria-[current=page]:bg-water-dim aria-[current=page]:text-water'
const NAV =
  'order-last flex shrink-0 gap-0.5 overflow-x-auto border-t border-line bg-panel p-1 sm:order-none sm:w-(--rail) sm:flex-col sm:items-center sm:overflow-visible sm:border-r sm:border-t-0 sm:py-2'

interface RailPlace {
  path: string
  name: string
  icon: IconName
}

interface LinksProps {
  places: readonly RailPlace[]
  alerts?: number
  /** The address of the flow that is open, which stands behind the first place. */
  draw?: string
  /** What of the open flow has its place here, behind the link to it. */
  children?: ReactNode
}

/** The links themselves; on a phone they lie along the lower edge. */
export function RailLinks({ places, alerts = 0, draw, children }: LinksProps) {
  const [first, ...rest] = places
  const open: RailPlace[] = draw === undefined ? [] : [{ path: draw, name: 'Draw', icon: 'draw' }]
  const all = first === undefined ? open : [first, ...open, ...rest]
  return (
    <nav aria-label="Places" className={NAV}>
      {all.map((place) => (
        <Fragment key={place.path}>
          <NavLink to={place.path} end={place.path === first?.path} className={LINK}>
            <Icon name={place.icon} />
            {place.name}
            {place.path === '/alerts' && alerts > 0 && (
              <span className="absolute right-1 top-0.5 rounded-full bg-error px-1 text-small font-semibold leading-4 text-bg">
                {alerts > 99 ? '99+' : alerts}
                <span className="sr-only"> raised</span>
              </span>
            )}
          </NavLink>
          {place.path === draw && children}
        </Fragment>
      ))}
    </nav>
  )
}

/** Links to the places that somebody sees on a server. */
export function Rail({ alerts, draw, children }: { alerts: number; draw?: string; children?: ReactNode }) {
  const signed = useSigned()
  const places = PLACES.filter((place) => place.seen(signed))
  return (
    <RailLinks places={places} alerts={alerts} {...(draw === undefined ? {} : { draw })}>
      {children}
    </RailLinks>
  )
}
