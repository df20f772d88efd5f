// RunKeeper: the page's part in keeping a run: its record, who holds it, permissions, and what becomes of it.
import type { NodeType, RunOptions } from '../../engine.ts'
import { asWeirError, EngineFault, WeirError } from '../../errors.ts'
import type { RunResult } from '../../wasm/engine-module.ts'
import type { FolderSource } from '../files/folder-source.ts'
import {
  CHECKPOINT_EVERY_MS,
  type InterruptedRun,
  type Interruption,
  type Keeping,
  type KeepOptions,
  type KeepOrder,
  type KeptRecord
} from './kept-run.ts'
import { KeptRuns } from './kept-runs.ts'
import { grantedNow, opened, permitted, withoutBytes } from './permission.ts'
import { whyNotKept } from './why-not-kept.ts'
import { randomId } from '../../random-id.ts'

const LOCK = 'kept:'
/** So often the engine may trap at one place before a run is not gone on with. */
const MOST_TRAPS = 2

/** A run that this page holds: nobody else goes on with it. */
export interface Held {
  record: KeptRecord
  /** As the run sees them now. */
  folders: Record<string, FolderSource>
  order: KeepOrder
  letGo: () => void
}

/** Resolves with what lets go of it; with nothing if another page holds it. */
function hold(key: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, failed) => {
    navigator.locks
      .request(LOCK + key, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(undefined)
          return undefined
        }
        return new Promise<void>((letGo) => {
          resolve(letGo)
        })
      })
      .catch(failed)
  })
}

async function heldKeys(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query()
  const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(LOCK))
  return new Set(names.map((name) => name.slice(LOCK.length)))
}

function orderOf(record: KeptRecord, resumes: boolean): KeepOrder {
  const { key, everyMs, ifFull } = record
  return { key, everyMs, ifFull, resumes }
}

export class RunKeeper {
  private readonly runs = new KeptRuns()
  private types: Promise<ReadonlyMap<string, NodeType>> | undefined
  private closed = false

  constructor(private readonly nodes: () => Promise<NodeType[]>) {}

  /** Whether a run can go on after its page is gone; if so it is held from here on, and has a record. */
  async begin(
    flow: string,
    options: RunOptions,
    folders: Record<string, FolderSource>,
    keep: KeepOptions | false
  ): Promise<{ keeping: Keeping; held?: Held }> {
    if (keep === false) return { keeping: { isKept: false, reasons: ['the page asked for a run that is not kept'] } }
    const reasons = await this.reasons(flow, options, folders)
    if (reasons.length > 0) return { keeping: { isKept: false, reasons } }
    const { everyMs = CHECKPOINT_EVERY_MS, ifFull = 'continue', note } = keep
    const key = randomId()
    const letGo = await hold(key)
    if (!letGo) throw new WeirError('run.busy', `another run is called '${key}'`)
    const record: KeptRecord = {
      key,
      id: options.runId ?? key,
      flow,
      flowId: flowIdOf(flow),
      options,
      folders: Object.fromEntries(Object.entries(folders).map(([name, source]) => [name, withoutBytes(source)])),
      writable: await grantedNow(folders),
      everyMs,
      ifFull,
      startedAt: Date.now(),
      note
    }
    try {
      await this.runs.put(record)
    } catch (reason) {
      // The run itself can do without.
      letGo()
      return { keeping: { isKept: false, reasons: [`it cannot be kept: ${asWeirError(reason).message}`] } }
    }
    return { keeping: { isKept: true, everyMs }, held: { record, folders, order: orderOf(record, false), letGo } }
  }

  /** To go on with; in a click, as the browser may have to ask for the folders. */
  async resume(id: string, anyway = false): Promise<Held> {
    const record = await this.runs.find(id)
    if (!record) throw new WeirError('run.none', `there is no interrupted run '${id}': it has ended, or was discarded`)
    const { interruption } = record
    if (interruption && interruption.traps >= MOST_TRAPS && !anyway) {
      throw new WeirError(
        'run.trapped',
        `the engine stopped ${interruption.traps} times at the same place of this run: ${interruption.message}`
      )
    }
    // Before anything else: a click permits to ask only for a short time.
    await permitted(record)
    const letGo = await hold(record.key)
    if (!letGo) {
      throw new WeirError('run.busy', `the run '${id}' goes on in another tab; stop it there, or close that tab`)
    }
    try {
      return { record, folders: await opened(record.folders), order: orderOf(record, true), letGo }
    } catch (reason) {
      letGo()
      throw reason
    }
  }

  /** The engine has named the run. */
  async named(held: Held, id: string): Promise<void> {
    if (held.record.id === id) return
    held.record.id = id
    await this.runs.put(held.record)
  }

  /** It did not even begin: a run that went on stays, a new one is forgotten. */
  async refused(held: Held): Promise<void> {
    if (!held.order.resumes) await this.runs.forget(held.record.key)
    held.letGo()
  }

  /** Until the run has ended; resolves when its record says how. */
  async follow(held: Held, result: Promise<RunResult>): Promise<void> {
    const ended = await result.then(
      ({ outcome, error }) => ({ outcome, error }),
      (reason: unknown) => ({ outcome: 'failed' as const, error: asWeirError(reason) })
    )
    const { record } = held
    const over = ['done', 'cancelled', 'tooManyErrors'].includes(ended.outcome)
    try {
      if (this.closed && ended.error instanceof EngineFault) return
      const files = over ? undefined : await this.runs.files(record.key)
      if (!files) await this.runs.forget(record.key)
      else {
        const atBytes = files.progress.doneBytes
        record.interruption = interruptionOf(ended.error, ended.outcome, atBytes, record.interruption)
        // A run that ended for want of room: its record may find none either.
        await this.runs.putOrRemember(record)
      }
    } finally {
      held.letGo()
    }
  }

  /** The runs that can be gone on with, newest first. */
  async interrupted(): Promise<InterruptedRun[]> {
    const held = await heldKeys()
    const records = (await this.runs.all()).filter((record) => !held.has(record.key))
    const found = await Promise.all(records.map((record) => this.shown(record)))
    return found.sort((a, b) => b.startedAt - a.startedAt)
  }

  /** Error `run.busy` if it goes on somewhere. One that is not there is discarded already. */
  async discard(id: string): Promise<void> {
    const record = await this.runs.find(id)
    if (!record) return
    const letGo = await hold(record.key)
    if (!letGo) throw new WeirError('run.busy', `the run '${id}' goes on in another tab; stop it there first`)
    try {
      await this.runs.forget(record.key)
    } finally {
      letGo()
    }
  }

  async sweep(): Promise<void> {
    const held = await heldKeys()
    await this.runs.sweep((record) => held.has(record.key))
  }

  /** The page closes its engine: what it ran can go on later. */
  close(): void {
    this.closed = true
  }

  private async reasons(flow: string, options: RunOptions, folders: Record<string, FolderSource>): Promise<string[]> {
    if (!('storage' in navigator) || !('locks' in navigator)) return ['this browser has no storage for runs']
    this.types ??= this.nodes().then((all) => new Map(all.map((type) => [type.id, type])))
    try {
      return whyNotKept(flow, options.flows ?? {}, await this.types, folders)
    } catch (reason) {
      this.types = undefined
      return [`it is not known whether it can be kept: ${asWeirError(reason).message}`]
    }
  }

  private async shown(record: KeptRecord): Promise<InterruptedRun> {
    const { id, flowId, startedAt, interruption, note } = record
    const files = await this.runs.files(record.key)
    return {
      id,
      flowId,
      startedAt,
      ...(files && { checkpointAt: files.at }),
      progress: files?.progress ?? { doneBytes: 0, totalBytes: 0 },
      storedBytes: await this.runs.bytes(record.key),
      asksPermission: !(await permitted(record, false)),
      ...(interruption && { interruption }),
      ...(note !== undefined && { note })
    }
  }
}

function interruptionOf(
  error: { code: string; message: string } | undefined,
  outcome: string,
  atBytes: number,
  before: Interruption | undefined
): Interruption {
  const code = error?.code ?? 'run.ended'
  const isTrap = code === 'bug.trap'
  const again = before?.atBytes === atBytes ? before.traps : 0
  return {
    code,
    message: error?.message ?? `the run ended: ${outcome}`,
    atBytes,
    traps: isTrap ? again + 1 : 0
  }
}

function flowIdOf(flow: string): string {
  const { id } = JSON.parse(flow) as { id?: unknown }
  return typeof id === 'string' ? id : ''
}
