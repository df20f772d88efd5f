// The frame of the studio without a server: flows of this browser, and what a person chooses for themselves.
import { Outlet } from 'react-router'
import { LimitLines } from '@weir/ui/limits.tsx'
import { Mark } from '@weir/ui/mark.tsx'
import { RailLinks } from '../shell/rail.tsx'

export const LOCAL_PLACES = [
  { path: '/', name: 'Flows', icon: 'flows' },
  { path: '/dashboards', name: 'Dashboards', icon: 'dashboards' },
  { path: '/nodes', name: 'Nodes', icon: 'nodes' },
  { path: '/guide', name: 'Guide', icon: 'guide' },
  { path: '/settings', name: 'Settings', icon: 'settings' }
] as const

/** Around the pages that are no editor. */
export function LocalFrame() {
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-(--bar) shrink-0 items-center gap-3 border-b border-line bg-panel px-4">
        <Mark />
        <span className="text-figure font-semibold">Weir</span>
      </header>
      <LimitLines />
      <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
        <RailLinks places={LOCAL_PLACES} />
        <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>
      <footer className="flex min-h-(--status) shrink-0 items-center gap-4 border-t border-line bg-panel px-4 text-small">
        <span className="text-warn">
          <span aria-hidden="true">▲ </span>in this browser only
        </span>
      </footer>
    </div>
  )
}
