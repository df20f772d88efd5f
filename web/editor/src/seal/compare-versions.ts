// What a change does to the rows that come out, over the sample: both versions run, and nothing outside is touched.
import { rowsOf } from '@weir/engine-client'
import { openFlow } from '@weir/flow-model'
import type { Catalogue, FlowDocument } from '@weir/flow-model'
import { kKeptRows } from '../run/run-document.ts'
import type { RunPlace, ShownRun } from '../run/shown-run.ts'
import { whyNotSealed } from './make-seal.ts'

const kMostShown = 3
/** A sample is ended after so long: what its sources gave until then is by chance. */
const kSampleMs = 5000

export interface RowChange {
  /** The name of the output. */
  output: string
  /** As JSON; undefined: there is none. */
  before: string | undefined
  after: string | undefined
}

export interface RowChanges {
  /** Rows of all outputs, of the version that has more. */
  rows: number
  altered: number
  first: readonly RowChange[]
  /** Outputs whose rows are the same, in another order. */
  reordered: readonly string[]
  /** What is not in these numbers, in a person's words. */
  limits: readonly string[]
}

interface Output {
  title: string
  /** Ports whose rows come out there. */
  ports: { node: string; port: string }[]
  /** An edge to it filters or changes rows on the way. */
  isBehindEdge: boolean
}

function outputsOf(document: FlowDocument, catalogue: Catalogue): Map<string, Output> {
  const found = new Map<string, Output>()
  for (const node of document.nodes()) {
    if (document.edgesOutOf(node.id).some((edge) => edge.source.port !== 'error')) continue
    const title = node.name === '' ? (catalogue.typeOf(node)?.name ?? node.id) : node.name
    const own = catalogue.portsOf(document, node).outputs.find((each) => each.name !== 'error')
    const edges = document.edgesInto(node.id)
    const ports = own === undefined ? edges.map(({ source }) => source) : [{ node: node.id, port: own.name }]
    const isBehindEdge = own === undefined && edges.some((edge) => edge.filter !== '' || edge.transform !== '')
    found.set(node.id, { title, ports, isBehindEdge })
  }
  return found
}

function keyOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${String(value)}n` : value))
}

async function rowsAt(run: ShownRun, output: Output | undefined): Promise<string[]> {
  const rows: string[] = []
  for (const { node, port } of output?.ports ?? []) {
    for (const batch of (await run.rowsOf(node, port)) ?? []) for (const row of rowsOf(batch)) rows.push(keyOf(row))
  }
  return rows
}

/** Those of `rows` that `others` do not have, each as often as it is missing there. */
function missingIn(others: readonly string[], rows: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1)
  return rows.filter((row) => {
    const times = left.get(row) ?? 0
    left.set(row, times - 1)
    return times <= 0
  })
}

function endOf(run: ShownRun): Promise<void> {
  return new Promise((resolve) => {
    const isOver = (): boolean => run.facts.getState().endedAt !== undefined
    const stop = run.facts.subscribe(() => {
      if (!isOver()) return
      stop()
      resolve()
    })
    if (!isOver()) return
    stop()
    resolve()
  })
}

/** Empty if the sample of this version can be held against another. */
async function whyNot(text: string, place: RunPlace, catalogue: Catalogue): Promise<string> {
  const live = whyNotSealed(text, catalogue)
  if (live !== '') return live
  const reasons = (await place.whyNotSame?.(text)) ?? []
  // Where only bytes may differ, the rows are the same.
  return reasons.find((reason) => !reason.includes('--mode sync')) ?? ''
}

class Comparison {
  rows = 0
  altered = 0
  readonly first: RowChange[] = []
  readonly reordered: string[] = []
  readonly limits = new Set<string>()

  add(title: string, before: readonly string[], after: readonly string[]): void {
    const gone = missingIn(after, before)
    const fresh = missingIn(before, after)
    const altered = Math.max(gone.length, fresh.length)
    this.rows += Math.max(before.length, after.length)
    this.altered += altered
    if (altered === 0 && before.some((row, i) => row !== after[i])) this.reordered.push(title)
    for (let i = 0; i < altered && this.first.length < kMostShown; ++i)
      this.first.push({ output: title, before: gone[i], after: fresh[i] })
    if (Math.max(before.length, after.length) >= kKeptRows)
      this.limits.add(`of ${title} the first ${kKeptRows.toLocaleString('en')} rows are compared`)
  }
}

async function sampled(text: string, place: RunPlace): Promise<ShownRun> {
  const run = await place.start(text, { kind: 'sample' })
  await endOf(run)
  return run
}

function problemOf(run: ShownRun): string {
  const { startedAt, endedAt = startedAt, result } = run.facts.getState()
  if (result?.outcome !== 'done') return result?.error?.message ?? 'its sample does not run to its end'
  return endedAt - startedAt >= kSampleMs ? 'its sample takes too long' : ''
}

/** @throws Error that says why they cannot be compared */
export async function compareVersions(
  before: string,
  after: string,
  place: RunPlace,
  catalogue: Catalogue
): Promise<RowChanges> {
  for (const text of [before, after]) {
    const why = await whyNot(text, place, catalogue)
    if (why !== '') throw new Error(why)
  }
  const [was, is] = [openFlow(before), openFlow(after)]
  if (was.state === 'broken' || is.state === 'broken') throw new Error('one of them cannot be read')
  const runs: ShownRun[] = []
  try {
    for (const text of [before, after]) runs.push(await sampled(text, place))
    const [old, now] = runs
    if (old === undefined || now === undefined) throw new Error('its sample does not run')
    const problem = problemOf(old) || problemOf(now)
    if (problem !== '') throw new Error(problem)
    const comparison = new Comparison()
    const [left, right] = [outputsOf(was.document, catalogue), outputsOf(is.document, catalogue)]
    for (const id of new Set([...left.keys(), ...right.keys()])) {
      const [one, other] = [left.get(id), right.get(id)]
      const title = other?.title ?? one?.title ?? id
      if (one?.isBehindEdge === true || other?.isBehindEdge === true)
        comparison.limits.add(`rows for ${title} are compared before its edge filters or changes them`)
      comparison.add(title, await rowsAt(old, one), await rowsAt(now, other))
    }
    const { rows, altered, first, reordered, limits } = comparison
    const { sampled: files } = now
    if (files !== undefined) limits.add(`${files.files} of ${files.of} files are read`)
    return { rows, altered, first, reordered, limits: [...limits] }
  } finally {
    for (const run of runs) run.dispose()
  }
}
