// Alerts as they come: for the badge, the news of the page and the browser's notices, one for each cause.
import { useEffect, useRef } from 'react'
import { addressOf } from '../api/client.ts'
import { readStream } from '../api/live-stream.ts'
import type { Alert } from '../api/routes.ts'
import { cache, server } from '../api/server.ts'
import { useSigned, type Signed } from '../api/session.ts'
import { useGet } from '../api/use-get.ts'
import { causeKey, causesOf } from '../pages/alerts/causes.ts'
import { browserNotice } from '../state/browser-notice.ts'
import { useNews } from '../state/news.ts'

const MOST_FOLDERS = 20
/** The question for raised alerts: who asks with it shares one answer. */
export const RAISED = { query: { state: 'raised' as const, limit: 100 } }

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

/** What alerts of one cause are news as: one piece, which goes when the last of them has cleared. */
export function newsKey(alert: Alert): string {
  return `alert-${causeKey(alert)}`
}

/** Tells of the causes that have come, each once, and takes back those that have passed. */
function tell(before: readonly Alert[] | null, alerts: readonly Alert[], fresh: readonly Alert[]): void {
  const news = useNews.getState()
  const told = new Set(fresh.map(newsKey))
  for (const { newest, count } of causesOf(alerts)) {
    if (!told.has(newsKey(newest)) || newest.silencedUntil !== undefined) continue
    const times = count > 1 ? ` (${count} times)` : ''
    news.tell('raised', `${newest.name}${times}`, newest.message, { key: newsKey(newest), to: '/alerts' })
    browserNotice(newest.name, newest.message, newsKey(newest))
  }
  const raised = new Set(alerts.map(newsKey))
  for (const key of new Set((before ?? []).map(newsKey))) if (!raised.has(key)) news.clear(key)
}

/** The raised alerts, newest first; asked for each second, and at once when the stream tells of one. */
export function useAlertNews(): readonly Alert[] {
  const signed = useSigned()
  const folders = watchedFolders(signed).join('\n')
  const { data } = useGet('/api/v1/alerts', RAISED, { everyMs: 1000 })
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
  const before = useRef<readonly Alert[] | null>(null)
  useEffect(() => {
    if (data === undefined) return
    tell(before.current, data.alerts, newOnes(seen.current, data.alerts))
    before.current = data.alerts
    seen.current = new Set([...(seen.current ?? []), ...data.alerts.map((alert) => alert.number)])
  }, [data])
  return data?.alerts ?? []
}
