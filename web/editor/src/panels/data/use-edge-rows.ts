// Rows of an edge for a component: opened when it is shown, left when it is gone.
import { useEffect, useMemo, useState } from 'react'
import type { FlowEdge } from '@weir/flow-model'
import { count } from '@weir/ui/figures/figures.ts'
import type { Field } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { kNoSample } from '../form/form-context.ts'
import type { HeldTable, SampleRows } from '../form/form-context.ts'
import { EdgeRows } from './edge-rows.ts'
import type { EdgeRowsState, RowsWanted } from './edge-rows.ts'
import { RowTable } from './row-table.ts'

const kNone: EdgeRowsState = {
  table: RowTable.empty,
  counts: undefined,
  source: 'none',
  sample: '',
  given: undefined,
  why: '',
  problem: ''
}

/** @param wanted Undefined: no rows. Compared by what is in it. */
export function useEdgeRows(session: EditorSession, wanted: RowsWanted | undefined): EdgeRowsState {
  const key = wanted === undefined ? undefined : JSON.stringify(wanted)
  const [state, setState] = useState<{ key: string | undefined; rows: EdgeRowsState }>({ key, rows: kNone })
  useEffect(() => {
    if (key === undefined) return undefined
    const rows = new EdgeRows(session, JSON.parse(key) as RowsWanted)
    const show = (): void => {
      setState({ key, rows: rows.store.getState() })
    }
    const stop = rows.store.subscribe(show)
    show()
    return () => {
      stop()
      rows.dispose()
    }
  }, [session, key])
  return state.key === key ? state.rows : kNone
}

/** Rows that a tap holds for conditions; what was kept is held as it is. */
const kHeld = 2000
/** Rows that are tried while somebody types, before all are. */
const kTried = 200

/** Rows that come into a node, for its formulas: as the edge lets them through, told every two seconds at most. */
export function useSample(session: EditorSession, node: string | undefined): SampleRows {
  const edges = node === undefined ? [] : session.document.edgesInto(node)
  const [edge] = edges
  const sample = useRowsOf(session, edge, edge?.filter ?? '')
  const { name = '' } = session.document.node(edge?.source.node ?? '') ?? {}
  const from = edges.length < 2 || edge === undefined ? '' : ` · those from ${name === '' ? edge.source.node : name}`
  const changed = edge !== undefined && edge.transform !== ''
  return useMemo(() => {
    if (sample.held === undefined || (from === '' && !changed)) return sample
    const { held, ...rest } = sample
    const words = `${rest.words}${from}${changed ? ' · as they are before the edge changes them' : ''}`
    // Of rows that come otherwise than they are held nothing is said.
    return changed ? { ...rest, words } : { ...rest, words, held: { ...held, whole: false, words: held.words + from } }
  }, [sample, from, changed])
}

/** Rows that come to an edge, before its own filter. */
export function useSampleOf(session: EditorSession, edgeId: string | undefined): SampleRows {
  return useRowsOf(session, edgeId === undefined ? undefined : session.document.edge(edgeId), '')
}

function useRowsOf(session: EditorSession, edge: FlowEdge | undefined, where: string): SampleRows {
  const wanted = edge === undefined ? undefined : { ...edge.source, edge: edge.id, where, most: kHeld, everyMs: 2000 }
  const state = useEdgeRows(session, wanted)
  const shown = usePart(session.run, ({ shown: run }) => run)
  const { table, source, sample } = state
  // An own run (not a sample, which follows each edit) makes what is typed then the one before.
  const ranWith = shown === undefined || shown.kind === 'sample' ? '' : shown.id
  return useMemo(() => {
    if (table.length === 0) return { ...kNoSample, ranWith }
    const rows = table.sample(kTried)
    const fields: Field[] = table.columns.map(({ name, type }) => ({ name, type }))
    const of = source === 'tap' ? `of the newest ${rows.length} rows` : `of the first ${rows.length} rows kept`
    const words = sample === '' ? of : `${of} · ${sample}`
    return { fields, rows, words, held: heldRows(state, shown?.kind === 'sample'), ranWith }
    // The rest of the state comes with its table.
  }, [table, source, sample, ranWith])
}

/** What a tab holds of the rows that came to a place, in words that say how many there are. */
export function heldRows({ table, source, sample, counts, given }: EdgeRowsState, isSample: boolean): HeldTable {
  const n = count(table.length)
  if (source === 'tap')
    return { table, whole: false, words: `of the newest ${n} of ${count(counts?.passed ?? 0)} rows` }
  if (isSample) return { table, whole: false, words: `of the ${n} rows of the ${sample}` }
  if (given === undefined) return { table, whole: false, words: `of the ${n} rows kept` }
  const seen = counts?.seen ?? table.length
  if (given === seen) return { table, whole: true, words: `of all ${n} rows` }
  return { table, whole: false, words: `of the first ${n} of ${count(given)} rows` }
}
