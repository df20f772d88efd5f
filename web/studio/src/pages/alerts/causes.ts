// Alerts by their cause.
import type { Alert } from '../../api/routes.ts'

export interface Cause {
  newest: Alert
  count: number
}

/** The same for alerts of one rule and flow. */
export function causeKey(alert: Alert): string {
  return `${alert.rule ?? alert.name}\n${alert.flow}\n${alert.folder}`
}

/** Alerts of one rule and flow made one, newest first. */
export function causesOf(alerts: readonly Alert[]): Cause[] {
  const causes = new Map<string, Cause>()
  for (const alert of alerts) {
    const known = causes.get(causeKey(alert))
    if (known === undefined) causes.set(causeKey(alert), { newest: alert, count: 1 })
    else known.count += 1
  }
  return [...causes.values()]
}
