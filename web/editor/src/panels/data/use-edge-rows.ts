// Rows of an edge for a component: opened when it is shown, left when it is gone.
import { useEffect, useMemo, useState } from 'react'
import type { Field } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { kNoSample } from '../form/form-context.ts'
import type { SampleRows } from '../form/form-context.ts'
import { EdgeRows } from './edge-rows.ts'
import type { EdgeRowsState, RowsWanted } from './edge-rows.ts'
import { RowTable } from './row-table.ts'

const kNone: EdgeRowsState = {
  table: RowTable.empty,
  counts: undefined,
  source: 'none',
  sample: '',
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

/** Rows that come into a node, for its formulas: a few hundred, told every two seconds at most. */
export function useSample(session: EditorSession, node: string | undefined): SampleRows {
  const edge = node === undefined ? undefined : session.document.edgesInto(node)[0]
  return useSampleOf(session, edge?.id)
}

/** Rows that come to an edge. */
export function useSampleOf(session: EditorSession, edgeId: string | undefined): SampleRows {
  const edge = edgeId === undefined ? undefined : session.document.edge(edgeId)
  const wanted = edge === undefined ? undefined : { ...edge.source, edge: edge.id, where: '', most: 200, everyMs: 2000 }
  const { table, source, sample } = useEdgeRows(session, wanted)
  return useMemo(() => {
    if (table.length === 0) return kNoSample
    const rows = table.sample(200)
    const fields: Field[] = table.columns.map(({ name, type }) => ({ name, type }))
    const of = source === 'tap' ? `of the newest ${rows.length} rows` : `of the first ${rows.length} rows kept`
    const words = sample === '' ? of : `${of} · ${sample}`
    return { fields, rows, words }
  }, [table, source, sample])
}
