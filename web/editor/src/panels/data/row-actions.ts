// What is asked of a row of the table: where does it go, and what was it made of.
import { leadingTo } from '../../run/run-document.ts'
import { rowsBehind } from '../../run/rows-behind.ts'
import type { Lineage } from '../../run/rows-behind.ts'
import { sameRow } from '../../run/row-search.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { RowsBehind } from '../../session/view-state.ts'
import { cellText } from './cell-format.ts'
import { celValue } from './offers.ts'
import type { Behind } from './offers.ts'
import type { RowTable } from './row-table.ts'

/** Asks the Trace tab for a row; its field has the focus if there is nothing to look for yet. */
export function askForRow(session: EditorSession, text: string, edge?: string): void {
  session.view.setState((now) => ({
    wantedRow: { edge, text },
    bottom: { ...now.bottom, tab: 'trace', open: true }
  }))
}

/** The edge that rows of the table come along; undefined: there is none. */
export function edgeOf({ document }: EditorSession, behind: Behind): string | undefined {
  if (typeof behind === 'string') return behind
  return document.edgesOutOf(behind.node).find(({ source }) => source.port === behind.port)?.id
}

/** Where this row of the table goes: it is followed from its source on. */
export function askWhereItGoes(session: EditorSession, edge: string, table: RowTable, row: number): void {
  askForRow(session, sameRow(table, row), edge)
}

export function lineageOf(session: EditorSession, behind: Behind, table: RowTable, row: number, zone: string): Lineage {
  const node = typeof behind === 'string' ? session.document.edge(behind)?.source.node : behind.node
  return rowsBehind(session, node ?? '', (name) => {
    const column = table.columns.find((one) => one.name === name)
    const cel = column === undefined ? undefined : celValue(table.value(row, name), column)
    if (column === undefined || cel === undefined) return undefined
    return { cel, words: table.isEmpty(row, name) ? 'empty' : cellText(table.value(row, name), column, zone) }
  })
}

/** Shows the rows, and lights everything that leads to them. */
export function showBehind(session: EditorSession, { edge, where, words }: RowsBehind): void {
  const { document } = session
  const source = document.edge(edge)?.source.node ?? ''
  const target = document.edge(edge)?.target.node ?? ''
  const nodes = leadingTo({ edges: document.edges() }, source)
  const edges = new Set([edge, ...document.edges().flatMap((one) => (nodes.has(one.target.node) ? [one.id] : []))])
  session.view.setState((now) => ({
    behind: { edge, where, words },
    tapped: edge,
    lit: { nodes: new Set([...nodes, target]), edges },
    bottom: { ...now.bottom, tab: 'data', open: true }
  }))
}

export function leaveBehind({ view }: EditorSession): void {
  if (view.getState().behind !== undefined) view.setState({ behind: undefined, lit: undefined, tapped: undefined })
}
