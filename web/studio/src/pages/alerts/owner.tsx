// Who deals with a flow's own alert: as its document says.
import { alertsOf, openFlow } from '@weir/flow-model'
import { useMemo } from 'react'
import { useGet } from '../../api/use-get.ts'

/** The owners that a document names, by the name of the alert. */
export function ownersOf(text: string): ReadonlyMap<string, string> {
  const opened = openFlow(text)
  if (opened.state !== 'open') return new Map()
  return new Map(alertsOf(opened.document.root).map(({ alert }) => [alert.name, alert.owner]))
}

/** Nothing where nobody is named. */
export function Owner({ flow, alert }: { flow: string; alert: string }) {
  const { data } = useGet('/api/v1/flows/{flow}', { path: { flow } })
  const document = data?.document
  const owner = useMemo(
    () => (document === undefined ? '' : (ownersOf(JSON.stringify(document)).get(alert) ?? '')),
    [document, alert]
  )
  return owner === '' ? null : <span className="block text-mute">owner: {owner}</span>
}
