// The platform's HTTP API inside the service worker: the engine answers, only the long runs are looked for among the tabs.
import { LateZones, LocalApi } from '@weir/engine-client'
import type { RunRoutes } from '@weir/engine-client/browser'
import { BrowserStorage } from '@weir/engine-client/storage'
import { newsOptions, type StorageNews } from '../storage-news.ts'

/** A service worker may be ended at any time: what runs longer belongs into a page's worker. */
const LONGEST_MS = 20_000
const API = '/api/v1/'
/** The prefix itself is no route: the engine says so. */
const OTHERS = ['/api/v1', '/execute', '/health', '/capabilities']

/** Whether the engine answers it. */
export function isOfApi(path: string): boolean {
  return path.startsWith(API) || OTHERS.includes(path)
}

export class PageApi {
  private api: Promise<LocalApi> | undefined

  constructor(
    private readonly module: () => Promise<WebAssembly.Module>,
    private readonly application: string,
    /** Of the long runs, which pages own. */
    private readonly runs: RunRoutes,
    /** To whoever looks at a page. */
    private readonly tell: (news: StorageNews) => void
  ) {}

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const run = pathname.startsWith(API) ? await this.runs.answer(request, pathname.slice(API.length)) : undefined
    if (run) return run
    this.api ??= this.make()
    return (await this.api).handle(request)
  }

  /** Until then the service worker is to live. */
  async settled(): Promise<void> {
    await (await this.api)?.settled()
  }

  private async make(): Promise<LocalApi> {
    // A service worker's own requests do not come to it: offline the file is in the shell only.
    const zones = new LateZones(async () => (await caches.match('/zones.bin')) ?? fetch('/zones.bin'))
    await zones.ready
    return new LocalApi(this.module, {
      where: 'service worker',
      application: this.application,
      executionTimeout: LONGEST_MS,
      flows: new BrowserStorage(newsOptions(this.tell)).flows,
      zones
    })
  }
}
