// In the editor: raised alerts of the flow stand at their nodes and among its problems, and go when they clear. Shows nothing itself.
import { useEffect, useMemo } from 'react'
import type { Problem } from '@weir/flow-model'
import { useSession } from '@weir/editor'
import type { Alert } from '../api/routes.ts'
import { useGet } from '../api/use-get.ts'
import { causesOf } from '../pages/alerts/causes.ts'
import { RAISED } from '../shell/use-alert-news.ts'

/** What the raised alerts of a flow are as its problems: one for each cause and node. */
export function alertProblems(alerts: readonly Alert[], flow: string): Problem[] {
  const of = alerts.filter((alert) => alert.flow === flow)
  const nodes = [...new Set(of.map((alert) => alert.labels?.node ?? ''))]
  return nodes.flatMap((node) =>
    causesOf(of.filter((alert) => (alert.labels?.node ?? '') === node)).map(({ newest, count }) => ({
      severity: newest.severity === 'critical' ? ('error' as const) : ('warning' as const),
      code: 'alert',
      pointer: '',
      message: `Alert: ${newest.name}${count > 1 ? ` (${count} times)` : ''}${newest.message === '' ? '' : `, ${newest.message}`}`,
      ...(node === '' ? {} : { node }),
      ...(newest.labels?.edge === undefined ? {} : { edge: newest.labels.edge })
    }))
  )
}

/** A part that stands above the page of the editor. */
export function FlowAlerts() {
  const { problems, document } = useSession()
  const { data } = useGet('/api/v1/alerts', RAISED, { everyMs: 1000 })
  const found = useMemo(() => alertProblems(data?.alerts ?? [], document.id), [data, document])
  const told = JSON.stringify(found)
  useEffect(() => {
    problems.showOthers(JSON.parse(told) as Problem[])
  }, [problems, told])
  return null
}
