// BrowserStorage: everything that this site keeps in this browser, from one open database.
import { ChangeNotices, type ChangeNotice } from './change-notices.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { FlowStore } from './flow-store.ts'

export interface BrowserStorageOptions extends ConnectionOptions {
  now?: () => number
}

/** For a page, a worker or a service worker; several of them may be open at once. */
export class BrowserStorage {
  readonly flows: FlowStore
  private readonly connection: Connection
  private readonly notices: ChangeNotices

  constructor(options: BrowserStorageOptions = {}) {
    this.connection = new Connection(options)
    this.notices = new ChangeNotices(this.connection.name)
    this.flows = new FlowStore(this.connection, this.notices, options.now)
  }

  /** What other tabs and the service worker stored; the answer ends the listening. */
  onChange(listener: (notice: ChangeNotice) => void): () => void {
    return this.notices.listen(listener)
  }

  close(): void {
    this.connection.close()
    this.notices.close()
  }
}
