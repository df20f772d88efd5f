// OverAll: a sum or an order over all rows of a port, by a run of its own that has no effects and can be stopped.
import { asWeirError, rowsOf } from '@weir/engine-client'
import type { Json } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { columnText } from '../../formula/cel-tokens.ts'
import { DocumentParts } from '../../run/document-parts.ts'
import { endOf } from '../../run/row-origin.ts'
import { kKeptRows, leadingTo } from '../../run/run-document.ts'
import type { RunPlace, ShownRun } from '../../run/shown-run.ts'
import type { Sorting } from './grid-state.ts'
import { RowTable } from './row-table.ts'

/** Whose rows, and within which condition; empty: all. */
export interface AllRows {
  node: string
  port: string
  where: string
}

export type AllAsked = { kind: 'figures'; column: string; isNumber: boolean } | ({ kind: 'sort' } & Sorting)

export interface AllState {
  phase: 'running' | 'done' | 'failed' | 'stopped'
  /** Rows that were looked at. */
  rows: number
  /** Of a column: exact, but for how many values there are, which is within some percent above 512. */
  figures: { sum: unknown; least: unknown; most: unknown; empty: number; distinct: number } | undefined
  /** The first in order. */
  table: RowTable | undefined
  problem: string
}

const kNode = 'all~rows'

/** Freed by `dispose`, which also ends its run. */
export class OverAll {
  readonly state: StoreApi<AllState> = createStore<AllState>(() => ({
    phase: 'running',
    rows: 0,
    figures: undefined,
    table: undefined,
    problem: ''
  }))
  /** Never rejects. */
  readonly settled: Promise<void>
  private run: ShownRun | undefined
  private disposed = false

  constructor(
    private readonly place: RunPlace,
    private readonly text: string,
    private readonly of: AllRows,
    readonly asked: AllAsked
  ) {
    this.settled = this.work().catch((reason: unknown) => {
      if (this.goesOn()) this.state.setState({ phase: 'failed', problem: asWeirError(reason).message })
    })
  }

  stop(): void {
    if (this.goesOn()) this.state.setState({ phase: 'stopped' })
    this.leave()
  }

  dispose(): void {
    this.disposed = true
    this.leave()
  }

  private goesOn(): boolean {
    return !this.disposed && this.state.getState().phase === 'running'
  }

  private leave(): void {
    const { run } = this
    this.run = undefined
    run?.cancel()
    run?.dispose()
  }

  private async work(): Promise<void> {
    const document = documentOver(this.text, this.of, this.asked)
    const run = await this.place.start(document, { kind: 'test', preview: true, upTo: kNode })
    if (!this.goesOn()) {
      run.dispose()
      return
    }
    this.run = run
    const stop = run.figures.subscribe(() => {
      if (this.goesOn()) this.state.setState({ rows: run.figures.node(kNode, 'rowsIn') })
    })
    await endOf(run).finally(stop)
    if (!this.goesOn()) return
    const batches = (await run.rowsOf(kNode, 'rows')) ?? []
    // Batches stay as long as their run does.
    if (this.asked.kind === 'sort') {
      const rows = run.figures.node(kNode, 'rowsIn')
      this.state.setState({ phase: 'done', rows, table: new RowTable(batches) })
      return
    }
    const [row = {}] = batches.flatMap((batch) => rowsOf(batch))
    const number = (name: string): number => Number(row[name] ?? 0)
    const { sum, least, most } = row
    const empty = number('rows') - number('given')
    this.state.setState({
      phase: 'done',
      rows: number('rows'),
      figures: { sum, least, most, empty, distinct: number('distinct') }
    })
    this.leave()
  }
}

/** All that leads to the port, its condition, and the node that sums up or sorts. @throws if it is no document */
export function documentOver(text: string, { node, port, where }: AllRows, asked: AllAsked): string {
  const parts = DocumentParts.of(text)
  if (parts === undefined) throw new Error('The flow cannot be read.')
  parts.keepNodes(leadingTo(parts, node))
  let from = { node, port }
  if (where !== '') {
    const filter = parts.addNode('all~where', 'logic/filter', '1.0.0', new Map([['condition', where]]))
    parts.addEdge('all~in', from, { node: filter, port: 'rows' })
    from = { node: filter, port: 'match' }
  }
  const [type, settings] = asked.kind === 'sort' ? sortNode(asked) : sumNode(asked)
  parts.addNode(kNode, type, '1.0.0', settings)
  parts.addEdge('all~edge', from, { node: kNode, port: 'rows' })
  return parts.text(true)
}

function sortNode({ column, down }: Sorting): [string, Map<string, Json>] {
  const key = new Map<string, Json>([
    ['field', column],
    ['descending', down]
  ])
  return [
    'aggregate/sort',
    new Map<string, Json>([
      ['keys', [key]],
      ['limit', kKeptRows]
    ])
  ]
}

function sumNode({ column, isNumber }: { column: string; isNumber: boolean }): [string, Map<string, Json>] {
  const measure = (name: string, how: string): Json =>
    new Map<string, Json>([
      ['name', name],
      ['function', how],
      ...(how === 'count' ? [] : ([['of', columnText(column)]] as [string, Json][]))
    ])
  const measures = [measure('rows', 'count'), measure('given', 'count-non-null'), measure('distinct', 'count-distinct')]
  if (isNumber) measures.push(measure('sum', 'sum'), measure('least', 'min'), measure('most', 'max'))
  return ['aggregate/group', new Map<string, Json>([['measures', measures]])]
}
