// The places of the studio: what the rail, the commands and the keys lead to, and who sees it.
import type { Signed } from '../api/session.ts'
import type { IconName } from '@weir/ui/icon.tsx'

export interface Place {
  path: string
  name: string
  icon: IconName
  /** The letters that lead there, one after the other. */
  keys: string
  seen: (signed: Signed) => boolean
}

const administers = (signed: Signed) =>
  signed.may('server.admin') ||
  signed.may('folder.grant') ||
  signed.may('audit.read') ||
  signed.may('secret.use') ||
  signed.may('mount.use')

export const PLACES: readonly Place[] = [
  { path: '/flows', name: 'Flows', icon: 'flows', keys: 'g f', seen: () => true },
  { path: '/runs', name: 'Runs', icon: 'runs', keys: 'g r', seen: () => true },
  { path: '/dashboards', name: 'Dashboards', icon: 'dashboards', keys: 'g b', seen: () => true },
  { path: '/schedules', name: 'Schedules', icon: 'schedules', keys: 'g s', seen: () => true },
  { path: '/alerts', name: 'Alerts', icon: 'alerts', keys: 'g a', seen: () => true },
  { path: '/nodes', name: 'Nodes', icon: 'nodes', keys: 'g n', seen: () => true },
  { path: '/guide', name: 'Guide', icon: 'guide', keys: 'g u', seen: () => true },
  { path: '/administration', name: 'Admin', icon: 'administration', keys: 'g d', seen: administers },
  { path: '/settings', name: 'Settings', icon: 'settings', keys: 'g ,', seen: () => true }
]
