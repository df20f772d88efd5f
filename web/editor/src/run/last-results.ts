// LastResults: what the outputs of the last runs were, so that the next one can be compared with them.
import type { Batch } from '@weir/engine-client'
import type { EditorSession } from '../session/editor-session.ts'
import type { ShownRun } from './shown-run.ts'

export interface LastResult {
  run: string
  /** Epoch milliseconds of its end. */
  endedAt: number
  batches: readonly Batch[]
}

/** Outputs that are remembered. */
const kMostOutputs = 20
const kKnown = new WeakMap<EditorSession, LastResults>()

/** Of an open flow, for as long as it is open. Only whole runs count: samples and parts are others. */
export class LastResults {
  /** By port: the newest run, and the one before. */
  private readonly results = new Map<string, readonly LastResult[]>()

  static of(session: EditorSession): LastResults {
    const known = kKnown.get(session) ?? new LastResults()
    kKnown.set(session, known)
    return known
  }

  /** Keeps what a run that has ended has of a port; once for each run. */
  async keep(run: ShownRun, node: string, port: string): Promise<void> {
    const { endedAt, status } = run.facts.getState()
    if (run.kind === 'sample' || run.isPart === true || endedAt === undefined || status !== 'done') return
    const key = `${node}\n${port}`
    if (this.results.get(key)?.some((one) => one.run === run.id) === true) return
    const batches = await run.rowsOf(node, port)
    const known = this.results.get(key) ?? []
    if (batches === undefined || known.some((one) => one.run === run.id)) return
    this.results.delete(key)
    this.results.set(key, [{ run: run.id, endedAt, batches: [...batches] }, ...known].slice(0, 2))
    for (const old of this.results.keys()) {
      if (this.results.size <= kMostOutputs) break
      this.results.delete(old)
    }
  }

  /** Of the run before this one; undefined: there is none. */
  before(run: string, node: string, port: string): LastResult | undefined {
    const known = this.results.get(`${node}\n${port}`) ?? []
    return known[0]?.run === run ? known[1] : known[0]
  }
}
