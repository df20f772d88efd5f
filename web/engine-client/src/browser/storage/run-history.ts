// RunHistory: which runs there were, of which flow and version, and how they ended; bounded by count and age.
import { WeirError } from '../../errors.ts'
import type { RunResult } from '../../wasm/engine-module.ts'
import { answerOf } from './database.ts'
import type { ChangeNotices } from './change-notices.ts'
import type { Connection } from './connection.ts'
import { invalid } from './flow-records.ts'
import { RUNS } from './schema.ts'

const RUN_LOCK = 'run:'
const MOST_LISTED = 500

export interface StoredRun {
  id: string
  flow: string
  /** Number of the version that ran; 0: the draft. */
  version: number
  /** Milliseconds since 1970. */
  startedAt: number
  endedAt: number | null
  /** `interrupted`: its tab went away before it ended. */
  outcome: RunResult['outcome'] | 'running' | 'interrupted'
  /** Such as rows and dead letters, by name. */
  counts: Record<string, number>
  error: { code: string; message: string } | null
}

export interface Retention {
  mostRuns: number
  keepMs: number
}

export const DEFAULT_RETENTION: Retention = { mostRuns: 1_000, keepMs: 90 * 24 * 3600_000 }

export interface RunQuery {
  flow?: string
  /** What the last page gave: goes on behind it. */
  cursor?: string
  /** 50 by default, 500 at most. */
  limit?: number
}

export interface RunPage {
  runs: StoredRun[]
  cursor: string | null
}

export function isStoredRun(value: unknown): value is StoredRun {
  const run = value as Partial<StoredRun> | null
  if (typeof run !== 'object' || run === null) return false
  const texts = [run.id, run.flow, run.outcome].every((text) => typeof text === 'string')
  const numbers = [run.version, run.startedAt, run.endedAt ?? 0].every((number) => Number.isFinite(number))
  const counts: unknown = run.counts
  const areCounts = typeof counts === 'object' && counts !== null && Object.values(counts).every(Number.isFinite)
  return texts && numbers && areCounts && (run.error === null || typeof run.error?.code === 'string')
}

export class RunHistory {
  constructor(
    private readonly connection: Connection,
    private readonly notices: ChangeNotices,
    private readonly now: () => number,
    private readonly retention: Retention = DEFAULT_RETENTION
  ) {}

  /** A run has begun; older runs past the retention go. */
  async begin(run: { id: string; flow: string; version?: number; startedAt?: number }): Promise<StoredRun> {
    const { id, flow, version = 0, startedAt = this.now() } = run
    const begun: StoredRun = {
      id,
      flow,
      version,
      startedAt,
      endedAt: null,
      outcome: 'running',
      counts: {},
      error: null
    }
    await this.write(`run '${id}'`, id, async (transaction) => {
      transaction.objectStore(RUNS).put(begun)
      await this.retain(transaction)
    })
    return begun
  }

  /** How it ended. Throws storage.not_found for a run that was not begun, or was deleted. */
  async end(id: string, result: RunResult, counts: Record<string, number> = {}): Promise<StoredRun> {
    const error = result.error ? { code: result.error.code, message: result.error.message } : null
    const all = { deadLetters: result.deadLetters, ...counts }
    return this.settle(id, { outcome: result.outcome, error, counts: all, endedAt: this.now() })
  }

  get(id: string): Promise<StoredRun> {
    return this.connection.read([RUNS], (transaction) => existing(transaction, id))
  }

  /** The newest first. */
  async list(query: RunQuery = {}): Promise<RunPage> {
    const { flow, cursor, limit = 50 } = query
    const most = Math.max(1, Math.min(limit, MOST_LISTED))
    const behind = cursor === undefined ? [[]] : positionOf(cursor)
    const prefix = flow === undefined ? [] : [flow]
    return this.connection.read([RUNS], async (transaction) => {
      const index = transaction.objectStore(RUNS).index(flow === undefined ? 'byStart' : 'byFlow')
      const range = IDBKeyRange.bound(prefix, [...prefix, ...behind], false, true)
      const request = index.openCursor(range, 'prev')
      const runs: StoredRun[] = []
      for (let at = await answerOf(request); at; at = await answerOf(request)) {
        const run: unknown = at.value
        if (isStoredRun(run)) {
          const last = runs.at(-1)
          if (last && runs.length === most) return { runs, cursor: JSON.stringify([last.startedAt, last.id]) }
          runs.push(run)
        }
        at.continue()
      }
      return { runs, cursor: null }
    })
  }

  /** Runs of an import; those that are there already are left alone. Resolves with how many were taken. */
  takeIn(runs: StoredRun[]): Promise<number> {
    return this.write('the runs of an import', '', async (transaction) => {
      const store = transaction.objectStore(RUNS)
      let taken = 0
      for (const run of runs) {
        if ((await answerOf(store.getKey(run.id))) !== undefined) continue
        store.put(run.outcome === 'running' ? { ...run, outcome: 'interrupted' } : run)
        taken += 1
      }
      return taken
    })
  }

  async remove(id: string): Promise<void> {
    await this.write(`the deletion of run '${id}'`, id, (transaction) => {
      transaction.objectStore(RUNS).delete(id)
      return Promise.resolve()
    })
  }

  /** All that have ended, or those of one flow; resolves with how many there were. */
  async clear(flow?: string): Promise<number> {
    return this.write('the deletion of the runs', flow ?? '', async (transaction) => {
      const store = transaction.objectStore(RUNS)
      const all: unknown[] = await answerOf(store.getAll())
      const over = all.filter(isStoredRun).filter((run) => run.outcome !== 'running')
      const gone = over.filter((run) => flow === undefined || run.flow === flow)
      for (const { id } of gone) store.delete(id)
      return gone.length
    })
  }

  /** Runs whose tab has gone are said to be interrupted: nobody holds their lock `run:<id>`. Resolves with them. */
  async closeOrphans(): Promise<StoredRun[]> {
    const { runs } = await this.list({ limit: MOST_LISTED })
    const open = runs.filter((run) => run.outcome === 'running')
    if (open.length === 0) return []
    const { held = [] } = await navigator.locks.query()
    const alive = new Set(held.map((lock) => lock.name))
    const gone = open.filter((run) => !alive.has(RUN_LOCK + run.id))
    return gone.length === 0 ? [] : this.interrupt(gone.map(({ id }) => id))
  }

  /** One that has ended or was deleted since it was looked at stays as it is. */
  private interrupt(ids: string[]): Promise<StoredRun[]> {
    return this.write('the end of runs whose tab is gone', '', async (transaction) => {
      const store = transaction.objectStore(RUNS)
      const interrupted: StoredRun[] = []
      for (const id of ids) {
        const run: unknown = await answerOf(store.get(id))
        if (!isStoredRun(run) || run.outcome !== 'running') continue
        const over: StoredRun = { ...run, outcome: 'interrupted' }
        store.put(over)
        interrupted.push(over)
      }
      return interrupted
    })
  }

  private settle(id: string, end: Partial<StoredRun>): Promise<StoredRun> {
    return this.write(`the end of run '${id}'`, id, async (transaction) => {
      const run = { ...(await existing(transaction, id)), ...end }
      transaction.objectStore(RUNS).put(run)
      return run
    })
  }

  private async write<T>(what: string, id: string, work: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    const value = await this.connection.write([RUNS], { what }, work)
    this.notices.say({ kind: 'run', id, revision: 0 })
    return value
  }

  private async retain(transaction: IDBTransaction): Promise<void> {
    const store = transaction.objectStore(RUNS)
    const surplus = (await answerOf(store.count())) - this.retention.mostRuns
    const before = this.now() - this.retention.keepMs
    const request = store.index('byStart').openCursor()
    let gone = 0
    for (let at = await answerOf(request); at; at = await answerOf(request)) {
      const run: unknown = at.value
      if (gone >= surplus && isStoredRun(run) && run.startedAt >= before) return
      // What goes on is never forgotten.
      if (!isStoredRun(run) || run.outcome !== 'running') {
        at.delete()
        gone += 1
      }
      at.continue()
    }
  }
}

async function existing(transaction: IDBTransaction, id: string): Promise<StoredRun> {
  const run: unknown = await answerOf(transaction.objectStore(RUNS).get(id))
  if (isStoredRun(run)) return run
  if (run === undefined) throw new WeirError('storage.not_found', `there is no run '${id}' in the history`)
  throw new WeirError('storage.corrupt', `run '${id}' is stored in a form that cannot be read`)
}

function positionOf(cursor: string): (string | number)[] {
  try {
    const position: unknown = JSON.parse(cursor)
    if (Array.isArray(position) && Number.isFinite(position[0]) && typeof position[1] === 'string') {
      return position as (string | number)[]
    }
  } catch {
    // Said below.
  }
  throw invalid('the cursor of the list of runs is none that a list gave; begin again without one')
}
