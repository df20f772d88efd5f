// Alerts as they come: how many are raised, for the badge, the list and the browser's notices.
import { useEffect, useRef } from 'react'
import { addressOf } from '../api/client.ts'
import { readStream } from '../api/live-stream.ts'
import type { Alert } from '../api/routes.ts'
import { cache, server } from '../api/server.ts'
import { useSigned, type Signed } from '../api/session.ts'
import { useGet } from '../api/use-get.ts'
import { usePreferences } from '@weir/ui/preferences.ts'

const MOST_FOLDERS = 20

/** The folders whose alerts somebody may watch: the root alone if that is open to them. */
export function watchedFolders({ me, mayIn }: Signed): string[] {
  if (me.permissions.includes('flow.read')) return ['']
  const folders = me.grants.filter((grant) => grant.flow === undefined && mayIn('flow.read', grant.folder))
  return [...new Set(folders.map((grant) => grant.folder))].slice(0, MOST_FOLDERS)
}

/** Alerts that were not among those seen before; what is there at first is no news. */
export function newOnes(seen: Set<number> | null, alerts: readonly Alert[]): Alert[] {
  return seen === null ? [] : alerts.filter((alert) => !seen.has(alert.number))
}

function notify(alert: Alert): void {
  if (!usePreferences.getState().notify || typeof Notification === 'undefined') return
  if (Notification.permission !== 'granted' || alert.silencedUntil !== undefined) return
  new Notification(alert.name, { body: alert.message, tag: `alert-${alert.number}` })
}

/** The raised alerts, newest first; asked for each second, and at once when the stream tells of one. */
export function useAlertNews(): readonly Alert[] {
  const signed = useSigned()
  const folders = watchedFolders(signed).join('\n')
  const { data } = useGet('/api/v1/alerts', { query: { state: 'raised', limit: 100 } }, { everyMs: 1000 })
  useEffect(() => {
    const subscribe = folders.split('\n').map((folder) => `alerts:${folder}`)
    return readStream(server.url(addressOf('/api/v1/live/events', {}, { subscribe })), {
      message: (message) => {
        if (message.type === 'closed') return
        void cache.invalidateQueries({ queryKey: ['/api/v1/alerts'] })
      }
    })
  }, [folders])
  const seen = useRef<Set<number> | null>(null)
  useEffect(() => {
    if (data === undefined) return
    newOnes(seen.current, data.alerts).forEach(notify)
    seen.current = new Set([...(seen.current ?? []), ...data.alerts.map((alert) => alert.number)])
  }, [data])
  return data?.alerts ?? []
}
