// LocalStore: what this browser keeps for the whole site, and the folder on the disk that has a file of each flow.
import { formatFlow, parseJson } from '@weir/flow-model'
import { BrowserStorage, LinkedFolder } from '@weir/engine-client/storage'
import { exportAll, exportName, importAll } from '@weir/engine-client/storage/archive'
import type { ImportReport } from '@weir/engine-client/storage/archive'
import { BrowserHome } from './browser-home.ts'

const kBackUpEveryMs = 24 * 3600_000

/** Made once for the page; `close` frees it. */
export class LocalStore {
  readonly storage: BrowserStorage
  readonly home: BrowserHome
  readonly folder: LinkedFolder

  constructor() {
    this.storage = new BrowserStorage()
    this.home = new BrowserHome(this.storage)
    this.folder = new LinkedFolder(this.storage, (document) => {
      const read = parseJson(document)
      return Promise.resolve(read.ok ? formatFlow(read.value) : document)
    })
  }

  /** Everything that this browser has, as one file for the person. */
  async backUp(): Promise<void> {
    const blob = await new Response(exportAll(this.storage)).blob()
    const url = URL.createObjectURL(blob)
    const link = document.createElement('a')
    link.href = url
    link.download = exportName()
    link.click()
    setTimeout(() => {
      URL.revokeObjectURL(url)
    }, 10_000)
    await this.storage.settings.set('backup-at', Date.now())
  }

  /**
   * Whether what is here is nowhere else, or was last so more than a day ago: no folder is linked, and the newest backup is
   * older than the newest change.
   */
  async wantsBackUp(): Promise<boolean> {
    const { flows } = await this.storage.flows.list({ limit: 1 })
    const [newest] = flows
    if (newest === undefined || (await this.folder.state()).state === 'ready') return false
    const at = Number((await this.storage.settings.get('backup-at')) ?? 0)
    return newest.changedAt > at && Date.now() - Math.max(at, newest.createdAt) > kBackUpEveryMs
  }

  /** Takes in the file of a backup; flows whose id is taken come beside those that are there. */
  restore(file: Blob): Promise<ImportReport> {
    return importAll(this.storage, file)
  }

  close(): void {
    this.storage.close()
  }
}
