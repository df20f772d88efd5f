// Connection: the open database of this page, worker or service worker; opened when first needed, and again when it was closed.
import { WeirError } from '../../errors.ts'
import { answerOf, committed } from './database.ts'
import { wasMadeBefore } from './made-before.ts'
import {
  currentName,
  finishRescue,
  isUnfinished,
  mendInPlace,
  reportsOf,
  rescue,
  setAside,
  type RescueReport
} from './rescue.ts'
import { migrate, CURRENT_VERSION, whatIsMissing } from './schema.ts'

/** Another tab with an older page has this long to let go of the database. */
const BLOCKED_MS = 10_000
const OPEN_TRIES = 4
const OPEN_PAUSE_MS = 100

export interface ConnectionOptions {
  name?: string
  /** For tests of migrations. */
  version?: number
  blockedMs?: number
  /** Another tab must be closed or reloaded before the database can be brought up to date. */
  onBlocked?: () => void
  /** A newer page took the database over: this one cannot store anything any more until it is reloaded. */
  onOutdated?: () => void
  /** The database was damaged: what it held is in its successor, as far as it could be read. Show it to the person. */
  onRescue?: (report: RescueReport) => void
}

/** What one write was about, for the words of a failure. */
export interface Purpose {
  what: string
  bytes?: number
}

export class Connection {
  readonly name: string
  private opened: Promise<IDBDatabase> | undefined
  private isNew = false

  constructor(private readonly options: ConnectionOptions = {}) {
    this.name = options.name ?? 'weir'
  }

  /** Throws what is wrong with the database; callers otherwise learn it with their first read or write. */
  async open(): Promise<void> {
    await this.database()
  }

  /**
   * All that `work` does is one transaction: resolves once it is committed, and nothing of it happened if this throws.
   * `work` may await requests of the transaction, and nothing else.
   */
  write<T>(stores: string[], purpose: Purpose, work: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    return this.transact(stores, 'readwrite', purpose, work)
  }

  read<T>(stores: string[], work: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    return this.transact(stores, 'readonly', { what: 'what was asked for' }, work)
  }

  /** Looks at every record; those that cannot be read are moved aside. undefined: all of them can. */
  async check(): Promise<RescueReport | undefined> {
    const report = await mendInPlace(await this.database(), Date.now())
    if (report) this.options.onRescue?.(report)
    return report
  }

  /** What happened to the database in the past, and the names of damaged ones that are kept aside. */
  async rescues(): Promise<{ reports: RescueReport[]; keptAside: string[] }> {
    return { reports: await reportsOf(await this.database()), keptAside: await setAside(this.name) }
  }

  close(): void {
    void this.opened?.then(
      (db) => {
        db.close()
      },
      () => undefined
    )
    this.opened = undefined
  }

  private async transact<T>(
    stores: string[],
    mode: IDBTransactionMode,
    purpose: Purpose,
    work: (transaction: IDBTransaction) => Promise<T>
  ): Promise<T> {
    const transaction = await this.begin(stores, mode, purpose)
    const done = committed(transaction)
    try {
      const value = await work(transaction)
      await done
      return value
    } catch (reason) {
      giveUp(transaction)
      await done.catch(() => undefined)
      // The request says "aborted"; why it was is with the transaction.
      throw await failureOf(reason instanceof WeirError ? reason : (transaction.error ?? reason), purpose)
    }
  }

  /** A connection that the browser closed by itself (site data cleared, a versionchange) is opened again, once. */
  private async begin(stores: string[], mode: IDBTransactionMode, purpose: Purpose): Promise<IDBTransaction> {
    for (let isSecond = false; ; isSecond = true) {
      try {
        return (await this.database()).transaction(stores, mode, { durability: 'strict' })
      } catch (reason) {
        this.opened = undefined
        if (isSecond || !isNamed(reason, 'InvalidStateError')) throw await failureOf(reason, purpose)
      }
    }
  }

  private database(): Promise<IDBDatabase> {
    this.opened ??= this.openNow().catch((reason: unknown) => {
      this.opened = undefined
      throw reason
    })
    return this.opened
  }

  private async openNow(): Promise<IDBDatabase> {
    const { version = CURRENT_VERSION } = this.options
    if (typeof indexedDB === 'undefined') {
      throw new WeirError('storage.unavailable', 'this browser keeps no databases for this page (a private window?)')
    }
    const db = await this.soundDatabase(version).catch(async (reason: unknown) => {
      throw await failureOf(reason, { what: 'the database' })
    })
    db.onversionchange = (event) => {
      // A newer page, or somebody who deletes the database, need it: what is under way is finished, then it is theirs.
      db.close()
      this.opened = undefined
      if (event.newVersion !== null) this.options.onOutdated?.()
    }
    db.onclose = () => {
      this.opened = undefined
    }
    return db
  }

  /** The database, or the successor of one that is damaged. */
  private async soundDatabase(version: number): Promise<IDBDatabase> {
    const name = await persistent(() => currentName(this.name))
    let report: RescueReport
    try {
      const db = await persistent(() => this.request(name, version))
      const missing = version === CURRENT_VERSION ? whatIsMissing(db) : []
      const isCutOff = missing.length === 0 && (await isUnfinished(db, this.name))
      if (missing.length === 0 && !isCutOff) {
        if (this.isNew && (await wasMadeBefore(name))) this.options.onRescue?.(thrownAway(name))
        return db
      }
      db.close()
      if (missing.length > 0) throw new WeirError('storage.corrupt', `${missing.join(', ')} is missing`)
      report = await finishRescue(this.name, name, Date.now())
    } catch (reason) {
      const failure = await failureOf(reason, { what: 'the database' })
      if (failure.code !== 'storage.corrupt') throw failure
      report = await rescue(this.name, name, failure.message, Date.now())
    }
    const db = await this.request(report.to, version)
    this.options.onRescue?.(report)
    return db
  }

  private request(name: string, version: number): Promise<IDBDatabase> {
    const request = indexedDB.open(name, version)
    this.isNew = false
    request.onupgradeneeded = (event) => {
      this.isNew = event.oldVersion === 0
      if (request.transaction) migrate(request.result, request.transaction, event.oldVersion, version)
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    const blocked = new Promise<never>((_, failed) => {
      request.onblocked = () => {
        this.options.onBlocked?.()
        timer = setTimeout(() => {
          failed(blockedError())
          // If it opens after all: nobody waits for it any more.
          request.onsuccess = () => {
            request.result.close()
          }
        }, this.options.blockedMs ?? BLOCKED_MS)
      }
    })
    return Promise.race([answerOf(request), blocked]).finally(() => {
      clearTimeout(timer)
    })
  }
}

/** Chromium needs a second try to begin anew where its files were damaged. */
async function persistent<T>(open: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open()
    } catch (reason) {
      if (tries === OPEN_TRIES || !isNamed(reason, 'UnknownError')) throw reason
      await new Promise((done) => setTimeout(done, OPEN_PAUSE_MS * tries))
    }
  }
}

function thrownAway(name: string): RescueReport {
  const lost = ['everything that was stored, which the browser could not read any more and threw away']
  return { at: Date.now(), why: lost[0] ?? '', from: name, to: name, saved: {}, recovered: [], lost }
}

export function isNamed(reason: unknown, name: string): boolean {
  return (reason instanceof DOMException || reason instanceof Error) && reason.name === name
}

function giveUp(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It is over already.
  }
}

function blockedError(): WeirError {
  return new WeirError(
    'storage.blocked',
    'another tab of this site holds the database with an older version of the page; reload or close that tab',
    true
  )
}

export function sizeInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** What the browser says, in the words of the list of error codes. */
export async function failureOf(reason: unknown, purpose: Purpose): Promise<WeirError> {
  if (reason instanceof WeirError) return reason
  if (isNamed(reason, 'QuotaExceededError')) return fullError(purpose)
  if (isNamed(reason, 'VersionError')) {
    return new WeirError(
      'storage.newer',
      'the database was brought up to date by a newer version of this page; reload this tab to get that version'
    )
  }
  const words = reason instanceof Error || reason instanceof DOMException ? reason.message : String(reason)
  if (isNamed(reason, 'SecurityError')) {
    return new WeirError('storage.unavailable', `this browser lets this page keep nothing: ${words}`)
  }
  const isDamage = [
    'UnknownError',
    'DataError',
    'NotFoundError',
    'NotReadableError',
    'EncodingError',
    'ConstraintError'
  ]
  if (isDamage.some((name) => isNamed(reason, name))) {
    return new WeirError('storage.corrupt', `the database of the browser cannot be read or written: ${words}`)
  }
  return new WeirError('storage.unavailable', `the database of the browser cannot be used: ${words}`, true)
}

/** Says what was to be stored, and how much room there is; what is stored already is untouched. */
export async function fullError({ what, bytes }: Purpose): Promise<WeirError> {
  const size = bytes === undefined ? '' : ` (${sizeInWords(bytes)})`
  const { usage, quota } = await estimate()
  // Browsers name a quota that says little of the disk: it is told only where it is what was met.
  const isMet = usage !== undefined && quota !== undefined && usage + (bytes ?? 0) > quota
  const limit = isMet ? `, which is ${sizeInWords(quota)} at most` : ''
  const used = usage === undefined ? '' : `; ${sizeInWords(usage)} are used now`
  const room = `the browser gives this site no more room${limit}${used}`
  return new WeirError(
    'storage.full',
    `${what}${size} could not be stored: ${room}; delete recordings, old runs or outputs, or free room on the disk; nothing stored before was lost`,
    true
  )
}

/** What the browser knows of this site's room; no answer where it does not say. */
export async function estimate(): Promise<StorageEstimate> {
  try {
    // Node.js and insecure pages have no storage manager, whatever the types say.
    const manager = (globalThis.navigator as Partial<Navigator> | undefined)?.storage
    return (await manager?.estimate()) ?? {}
  } catch {
    return {}
  }
}
