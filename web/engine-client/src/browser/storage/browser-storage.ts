// BrowserStorage: everything that this site keeps in this browser, from one open database.
import { ChangeNotices, type ChangeNotice } from './change-notices.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { EditLog } from './edit-log.ts'
import { FlowStore } from './flow-store.ts'
import type { RescueReport } from './rescue.ts'
import { PrivatePayloads, type Payloads } from './payload-files.ts'
import { Recordings } from './recordings.ts'
import { RunHistory, type Retention } from './run-history.ts'
import { SettingsStore } from './settings-store.ts'
import { askToPersist, deleteOutputs, measureUsage, type StorageUsage } from './usage.ts'

export interface BrowserStorageOptions extends ConnectionOptions {
  now?: () => number
  /** Where the bytes of recordings go; by default the private file system of the site. */
  payloads?: Payloads
  runs?: Retention
  /** Of all recordings together; 2 GiB by default. */
  mostRecordingBytes?: number
  /** A recording is on disk in parts of so many bytes. */
  partBytes?: number
}

/** What the modules of the storage need of one another. */
export interface StorageParts {
  connection: Connection
  notices: ChangeNotices
  payloads: Payloads
  flows: FlowStore
  runs: RunHistory
  recordings: Recordings
  settings: SettingsStore
  now: () => number
}

/** For a page, a worker or a service worker; several of them may be open at once. */
export class BrowserStorage {
  readonly flows: FlowStore
  readonly edits: EditLog
  readonly runs: RunHistory
  readonly recordings: Recordings
  readonly settings: SettingsStore
  /** For modules of this package. */
  readonly parts: StorageParts
  private readonly connection: Connection
  private readonly notices: ChangeNotices

  constructor(options: BrowserStorageOptions = {}) {
    const { now = Date.now, payloads = new PrivatePayloads() } = options
    this.connection = new Connection(options)
    this.notices = new ChangeNotices(this.connection.name)
    this.flows = new FlowStore(this.connection, this.notices, now)
    this.edits = new EditLog(this.connection, this.notices, now)
    this.runs = new RunHistory(this.connection, this.notices, now, options.runs)
    const { mostRecordingBytes, partBytes } = options
    this.recordings = new Recordings(this.connection, this.notices, payloads, now, mostRecordingBytes, partBytes)
    this.settings = new SettingsStore(this.connection, this.notices)
    const { connection, notices, flows, runs, recordings, settings } = this
    this.parts = { connection, notices, payloads, flows, runs, recordings, settings, now }
  }

  /** Opens the database now rather than with the first call. Throws what is wrong with it. */
  open(): Promise<void> {
    return this.connection.open()
  }

  /**
   * Looks at every record, once at the start of the app; those that cannot be read are moved aside, so that the rest can be
   * used. Resolves with what there was; undefined: all is sound.
   */
  check(): Promise<RescueReport | undefined> {
    return this.connection.check()
  }

  /** What was damaged in the past, and the names of damaged databases that are kept aside. */
  rescues(): Promise<{ reports: RescueReport[]; keptAside: string[] }> {
    return this.connection.rescues()
  }

  /** How much room is used, by what, and how much there is. */
  usage(): Promise<StorageUsage> {
    return measureUsage(this.connection)
  }

  /** Asks the browser to keep everything; resolves with whether it does. */
  persist(): Promise<boolean> {
    return askToPersist()
  }

  /** Deletes what flows wrote into this browser; resolves with the names of their folders. */
  deleteOutputs(): Promise<string[]> {
    return deleteOutputs()
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
