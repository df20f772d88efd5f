// The one storage of this page: opened and looked after at the start; what is wrong with it is said on the page.
import { BrowserStorage, type RescueReport } from '@weir/engine-client/storage'
import { button } from './elements.ts'
import { dropNotice, tellNotice } from './notices.ts'
import { newsIn, newsOptions, type StorageNews } from './storage-news.ts'

/** Setting: the time of the newest report that somebody has read. */
const READ = 'demo.rescues-read'

export function openStorage(): BrowserStorage {
  const storage: BrowserStorage = new BrowserStorage(
    newsOptions((news) => {
      tell(storage, news)
    })
  )
  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.addEventListener('message', (event) => {
      const news = newsIn(event.data)
      if (news) tell(storage, news)
    })
  }
  return storage
}

/** Once, at the start of the page. */
export async function startStorage(storage: BrowserStorage): Promise<void> {
  try {
    await openWhenFree(storage)
    dropNotice('blocked')
    await storage.check()
    const read = Number((await storage.settings.get(READ)) ?? 0)
    for (const report of (await storage.rescues()).reports) if (report.at > read) tellRescue(storage, report)
    await storage.runs.closeOrphans()
    await storage.recordings.sweep()
  } catch (reason) {
    const words = reason instanceof Error ? reason.message : String(reason)
    tellNotice('no-storage', `✕ Nothing can be kept in this browser now: ${words}.`)
  }
}

/** Another tab may hold it for longer than one attempt waits. */
async function openWhenFree(storage: BrowserStorage): Promise<void> {
  for (;;) {
    try {
      await storage.open()
      return
    } catch (reason) {
      if ((reason as { code?: unknown }).code !== 'storage.blocked') throw reason
    }
  }
}

function tell(storage: BrowserStorage, news: StorageNews): void {
  switch (news.what) {
    case 'rescue':
      tellRescue(storage, news.report)
      return
    case 'outdated':
      tellNotice(
        'outdated',
        '▲ A newer version of this page is open in another tab; this one can store nothing any more.',
        button(
          'Reload',
          () => {
            location.reload()
          },
          'first'
        )
      )
      return
    case 'blocked':
      tellNotice(
        'blocked',
        '▲ Another tab has an older version of this page; close or reload it, so that the storage can be opened.'
      )
  }
}

/** Until somebody says that it was read. */
function tellRescue(storage: BrowserStorage, report: RescueReport): void {
  const { at, from, to, lost, recovered } = report
  const parts = ['▲ Some of what this browser kept for this page was damaged.']
  if (lost.length > 0) parts.push(`Lost: ${lost.join('; ')}.`)
  if (recovered.length > 0) parts.push(`Without their names and tags: ${recovered.join(', ')}.`)
  parts.push(from === to ? 'Everything else is there.' : `What could be read is there; the rest is kept as “${from}”.`)
  const id = `rescue-${at}`
  const understood = button('Understood', () => {
    dropNotice(id)
    const keep = async (): Promise<void> => {
      await storage.settings.set(READ, Math.max(at, Number((await storage.settings.get(READ)) ?? 0)))
    }
    // If it cannot be kept it is told again.
    void keep().catch(() => undefined)
  })
  tellNotice(id, parts.join(' '), understood)
}
