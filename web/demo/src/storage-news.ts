// What an open database has to tell a person; the service worker sends it to the pages, which show it.
import type { BrowserStorageOptions, RescueReport } from '@weir/engine-client/storage'

export type StorageNews = { what: 'rescue'; report: RescueReport } | { what: 'outdated' } | { what: 'blocked' }

const TYPE = 'weir-storage-news'

export function newsOptions(tell: (news: StorageNews) => void): BrowserStorageOptions {
  return {
    onRescue: (report) => {
      tell({ what: 'rescue', report })
    },
    onOutdated: () => {
      tell({ what: 'outdated' })
    },
    onBlocked: () => {
      tell({ what: 'blocked' })
    }
  }
}

export function messageOf(news: StorageNews): { type: string; news: StorageNews } {
  return { type: TYPE, news }
}

const areTexts = (list: unknown): boolean =>
  Array.isArray(list) && list.every((one: unknown) => typeof one === 'string')

function isReport(value: unknown): value is RescueReport {
  const report = value as Partial<RescueReport> | null
  if (typeof report !== 'object' || report === null || !Number.isFinite(report.at)) return false
  const names = typeof report.from === 'string' && typeof report.to === 'string'
  return names && areTexts(report.lost) && areTexts(report.recovered)
}

/** undefined: the message is about something else. */
export function newsIn(data: unknown): StorageNews | undefined {
  const { type, news } = (data ?? {}) as { type?: unknown; news?: { what?: unknown; report?: unknown } }
  if (type !== TYPE) return undefined
  if (news?.what === 'outdated' || news?.what === 'blocked') return { what: news.what }
  return news?.what === 'rescue' && isReport(news.report) ? { what: 'rescue', report: news.report } : undefined
}
