// EdgeRows: the rows of an edge or a port as they are known now: the newest of a tap while the run goes on, else what is kept.
import type { Batch, Tap, TapCounts } from '@weir/engine-client'
import { count } from '@weir/ui/figures/figures.ts'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { RunStatus, ShownRun } from '../../run/shown-run.ts'
import { nameOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { givenTo, noneMeets, whyEmpty, whyWaiting } from './why-empty.ts'
import { RowTable } from './row-table.ts'

export interface RowsWanted {
  /** Of the rows that leave this port; `edge` is the edge behind it that can be tapped. */
  node: string
  port: string
  edge: string | undefined
  /** CEL, met before anything is sampled; empty: all. */
  where: string
  /** Rows that are kept of a tap. */
  most: number
  /** No more often than this are they told, in milliseconds. */
  everyMs: number
}

export interface EdgeRowsState {
  table: RowTable
  /** Of a tap, or of kept rows that a condition was met over. */
  counts: TapCounts | undefined
  source: 'none' | 'tap' | 'kept'
  /** Of a sample, in words: *sample, 3 of 10,000 files*; empty of other runs. */
  sample: string
  /** Rows that the source gave to the edge, exactly, where the run tells it; of kept rows alone. */
  given: number | undefined
  /** Why there are no rows, as a sentence; empty if there are some. */
  why: string
  /** What is wrong with the condition or the tap; empty if nothing. */
  problem: string
}

/** *sample, 3 of 10,000 files*; of a sample that reads all of its files *sample*. */
export function sampleWords(run: Pick<ShownRun, 'kind' | 'sampled'> | undefined): string {
  if (run?.kind !== 'sample') return ''
  const { sampled } = run
  return sampled === undefined ? 'sample' : `sample, ${count(sampled.files)} of ${count(sampled.of)} files`
}

const kActive: ReadonlySet<RunStatus> = new Set(['starting', 'running', 'stopping', 'held'])
/** Kept rows that a condition is tried on at once. */
const kChunk = 2000

/** Follows the run that is shown. `dispose` ends taps and listeners. */
export class EdgeRows {
  readonly store: StoreApi<EdgeRowsState> = createStore<EdgeRowsState>(() => ({
    table: RowTable.empty,
    counts: undefined,
    source: 'none',
    sample: '',
    given: undefined,
    why: '',
    problem: ''
  }))
  private turn = 0
  private tap: Tap | undefined
  private batches: Batch[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly stops: (() => void)[] = []
  private stopFacts: () => void = () => undefined
  private shown: ShownRun | undefined
  private active = false

  constructor(
    private readonly session: EditorSession,
    private readonly wanted: RowsWanted
  ) {
    this.stops.push(
      session.run.subscribe(({ shown }) => {
        if (shown !== this.shown) this.follow(shown)
      }),
      session.sample.subscribe(({ problem }, before) => {
        if (problem !== before.problem && this.shown === undefined) this.follow(undefined)
      })
    )
    this.follow(session.run.getState().shown)
  }

  dispose(): void {
    ++this.turn
    for (const stop of this.stops.splice(0)) stop()
    this.stopFacts()
    this.leave()
  }

  private follow(shown: ShownRun | undefined): void {
    this.stopFacts()
    this.stopFacts = () => undefined
    this.shown = shown
    this.active = shown !== undefined && kActive.has(shown.facts.getState().status)
    if (shown !== undefined)
      this.stopFacts = shown.facts.subscribe(({ status }) => {
        const active = kActive.has(status)
        if (active === this.active) return
        this.active = active
        this.open(true)
      })
    this.open(false)
  }

  private leave(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const { tap } = this
    this.tap = undefined
    tap?.close().catch(() => undefined)
  }

  /** @param keep Whether what is shown stays until there is something else. */
  private open(keep: boolean): void {
    const turn = ++this.turn
    this.leave()
    this.batches = []
    const { shown } = this
    const before = this.store.getState()
    if (!keep)
      this.store.setState(
        { table: RowTable.empty, counts: undefined, source: 'none', given: undefined, problem: '', why: 'Reading…' },
        false
      )
    this.store.setState({ sample: sampleWords(shown) })
    if (shown === undefined) {
      const { problem } = this.session.sample.getState()
      const why =
        problem === ''
          ? 'Nothing has run yet: run the flow, or run it up to here.'
          : `There is no sample yet: ${problem}`
      this.store.setState({ why })
      return
    }
    const work =
      this.active && this.wanted.edge !== undefined
        ? this.follows(shown, this.wanted.edge, turn)
        : this.kept(shown, turn, keep ? before : undefined)
    work.catch((reason: unknown) => {
      if (turn === this.turn)
        this.store.setState({
          problem: reason instanceof Error ? reason.message : 'The rows could not be read.',
          why: ''
        })
    })
  }

  private async follows(shown: ShownRun, edge: string, turn: number): Promise<void> {
    const { where } = this.wanted
    const tap = await shown.tap({ edge, ...(where === '' ? {} : { where }) })
    if (turn !== this.turn) {
      await tap.close()
      return
    }
    this.tap = tap
    this.store.setState({ source: 'tap', why: this.whyNone(tap.counts) })
    const reader = tap.batches.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (turn !== this.turn) return
      if (done) break
      if (value.rows > 0) this.batches.push(value)
      let rows = this.batches.reduce((sum, batch) => sum + batch.rows, 0)
      while (this.batches.length > 1 && rows - (this.batches[0]?.rows ?? 0) >= this.wanted.most)
        rows -= this.batches.shift()?.rows ?? 0
      this.timer ??= setTimeout(() => {
        this.timer = undefined
        this.tell()
      }, this.wanted.everyMs)
    }
    clearTimeout(this.timer)
    this.tell()
  }

  private tell(): void {
    const all = new RowTable([...this.batches].reverse(), true)
    const { most } = this.wanted
    const table = all.length <= most ? all : all.reordered(Uint32Array.from({ length: most }, (_, at) => at))
    const counts = this.tap?.counts
    this.store.setState({
      table,
      counts,
      source: 'tap',
      why: table.length === 0 ? this.whyNone(counts) : '',
      problem: counts?.problem ?? ''
    })
  }

  private async kept(shown: ShownRun, turn: number, before: EdgeRowsState | undefined): Promise<void> {
    const batches = await shown.rowsOf(this.wanted.node, this.wanted.port)
    if (turn !== this.turn) return
    if (batches === undefined) {
      // What a tap saw last is better than nothing.
      if (before !== undefined && before.table.length > 0) return
      this.store.setState({ why: this.whyNotKept(shown) })
      return
    }
    const all = new RowTable(batches)
    const { where } = this.wanted
    const table = where === '' ? all : await this.filtered(all, where, turn)
    if (turn !== this.turn || table === undefined) return
    const counts =
      where === ''
        ? undefined
        : { passed: all.length, seen: all.length, matched: table.length, shown: table.length, failed: 0 }
    const none = all.length === 0 ? this.whyNothing(shown) : noneMeets(all.length, 'kept')
    const given = givenTo(shown, this.wanted)
    this.store.setState({ table, counts, source: 'kept', given, why: table.length === 0 ? none : '', problem: '' })
  }

  private async filtered(all: RowTable, where: string, turn: number): Promise<RowTable | undefined> {
    const { place } = this.session.run.getState()
    if (place === undefined) throw new Error('Conditions need an engine, and there is none now.')
    const fields = all.columns.map(({ name, type }) => ({ name, type }))
    const places: number[] = []
    for (let from = 0; from < all.length; from += kChunk) {
      const results = await place.evaluate(where, all.objects(from, from + kChunk), fields)
      if (turn !== this.turn) return undefined
      results.forEach((result, at) => {
        if (result.value === true) places.push(from + at)
      })
    }
    return all.reordered(Uint32Array.from(places))
  }

  private whyNotKept(shown: ShownRun): string {
    const { document, catalogue } = this.session
    const { node: id } = this.wanted
    const node = document.node(id)
    const name = nameOf(this.session, id)
    const needsInput = node !== undefined && catalogue.portsOf(document, node).inputs.length > 0
    if (needsInput && document.edgesInto(id).length === 0) return `Nothing comes to ${name}: connect its input.`
    const { documentText } = shown.facts.getState()
    if (documentText !== '' && !documentText.includes(JSON.stringify(id)))
      return `${name} came after this run: run it, or run it up to here.`
    return 'This run kept no rows of this port: run it up to here to see some.'
  }

  private whyNothing(shown: ShownRun): string {
    return this.active ? whyWaiting(this.session, this.wanted.node) : whyEmpty(this.session, shown, this.wanted)
  }

  private whyNone(counts: TapCounts | undefined): string {
    if (counts !== undefined && counts.seen > 0 && this.wanted.where !== '')
      return noneMeets(counts.seen, 'seen so far')
    return whyWaiting(this.session, this.wanted.node)
  }
}
