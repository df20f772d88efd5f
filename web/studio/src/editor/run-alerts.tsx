// In the editor: alerts that the run in this browser has raised are news, stand at their nodes and among the problems, and go when they clear.
import { alertsOf, parseMetric } from '@weir/flow-model'
import type { FlowDocument, Problem } from '@weir/flow-model'
import { useSession } from '@weir/editor'
import type { EditorSession, RaisedAlert, ShownRun } from '@weir/editor'
import { useEffect } from 'react'
import { browserNotice } from '../state/browser-notice.ts'
import { useNews } from '../state/news.ts'

const kKeys = 5

/** Raised alerts by the name of their rule: keys of one are one cause. */
function byName(raised: readonly RaisedAlert[]): Map<string, RaisedAlert[]> {
  const found = new Map<string, RaisedAlert[]>()
  for (const alert of raised) found.set(alert.name, [...(found.get(alert.name) ?? []), alert])
  return found
}

/** What is said of an alert: its message, of several keys which they are. */
export function raisedText(raised: readonly RaisedAlert[]): string {
  const [first] = raised
  if (first === undefined) return ''
  if (raised.length === 1) return first.message
  const keys = raised.slice(0, kKeys).map((alert) => alert.key)
  return `${raised.length} keys: ${keys.join(', ')}${raised.length > kKeys ? ' …' : ''}`
}

/** What raised alerts are as problems of the document: one for each rule. */
export function raisedProblems(document: FlowDocument, raised: readonly RaisedAlert[]): Problem[] {
  const rules = new Map(alertsOf(document.root).map(({ alert }) => [alert.name, alert]))
  return [...byName(raised)].map(([name, alerts]) => {
    const metric = parseMetric(rules.get(name)?.metric ?? '')
    const worst = alerts.some((alert) => alert.severity === 'error' || alert.severity === 'critical')
    return {
      severity: worst ? ('error' as const) : ('warning' as const),
      code: 'alert',
      pointer: '',
      message: `Alert: ${name}, ${raisedText(alerts)}`,
      ...(metric?.of === 'node' ? { node: metric.subject } : {}),
      ...(metric?.of === 'edge' ? { edge: metric.subject } : {})
    }
  })
}

/** Follows the alerts of a run; what it gives ends that and takes back what was told. */
export function followAlerts(session: EditorSession, run: Pick<ShownRun, 'id' | 'alerts'>, to: string): () => void {
  const { alerts } = run
  if (alerts === undefined) return () => undefined
  const keyOf = (name: string): string => `alert-${run.id}-${name}`
  const told = new Map<string, string>()
  const look = (): void => {
    const { raised } = alerts.getState()
    session.problems.showOthers(raisedProblems(session.document, raised), 'run')
    const now = byName(raised)
    for (const name of [...told.keys()]) {
      if (now.has(name)) continue
      told.delete(name)
      useNews.getState().clear(keyOf(name))
    }
    for (const [name, list] of now) {
      const text = raisedText(list)
      const isNew = !told.has(name)
      if (told.get(name) === text) continue
      told.set(name, text)
      useNews.getState().tell('raised', name, text, { key: keyOf(name), to })
      if (isNew) browserNotice(name, text, keyOf(name))
    }
  }
  const stop = alerts.subscribe(look)
  look()
  return () => {
    stop()
    session.problems.showOthers([], 'run')
    for (const name of told.keys()) useNews.getState().clear(keyOf(name))
  }
}

/** A part that stands above the page of the editor. Runs of a server are told of by the server. */
export function RunAlerts() {
  const session = useSession()
  useEffect(() => {
    let followed: ShownRun | undefined
    let stop = (): void => undefined
    const look = (): void => {
      const { shown, places } = session.run.getState()
      if (shown === followed) return
      stop()
      followed = shown
      const onServer = places.some((place) => place.id === 'server' && place.name === shown?.place)
      stop =
        shown !== undefined && !onServer ? followAlerts(session, shown, window.location.hash.slice(1)) : () => undefined
    }
    const end = session.run.subscribe(look)
    look()
    return () => {
      end()
      stop()
    }
  }, [session])
  return null
}
