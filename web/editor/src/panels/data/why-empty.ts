// Why a table is empty, as a sentence: what is waited for, what let nothing through, what is not connected.
import { count } from '@weir/ui/figures/figures.ts'
import { countsOf } from '../edge/equation.ts'
import type { ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'

interface Place {
  node: string
  port: string
  edge: string | undefined
}

function nameOf({ document }: EditorSession, id: string): string {
  const name = document.node(id)?.name ?? ''
  return name === '' ? id : name
}

/** Nodes before it, itself first, as far as they lead to something that gives nothing. */
function notConnected(session: EditorSession, id: string): string | undefined {
  const { document, catalogue } = session
  const seen = new Set([id])
  for (const each of seen) {
    const node = document.node(each)
    const type = node === undefined ? undefined : catalogue.typeOf(node)
    const into = document.edgesInto(each)
    if (into.length === 0 && type !== undefined && type.inputs.length > 0) return each
    for (const edge of into) seen.add(edge.source.node)
  }
  return undefined
}

export function noneMeets(rows: number, what: string): string {
  return `All filtered: none of the ${count(rows)} rows ${what} meets the condition.`
}

/** While a run goes on. */
export function whyWaiting(session: EditorSession, node: string): string {
  const loose = notConnected(session, node)
  if (loose !== undefined) return disconnected(session, loose, node)
  const value = session.document.node(node)
  const type = value === undefined ? undefined : session.catalogue.typeOf(value)
  const name = nameOf(session, node)
  return type?.cardinality === 'fold'
    ? `At the end only: ${name} gives its rows when all have come.`
    : `Waiting for rows from ${name}.`
}

function disconnected(session: EditorSession, loose: string, node: string): string {
  const name = nameOf(session, loose)
  return loose === node
    ? `Not connected: nothing leads to ${name}.`
    : `Not connected: nothing leads to ${name}, from which ${nameOf(session, node)} has its rows.`
}

/** Of a run that has ended, or a sample, whose port gave no row. */
export function whyEmpty(session: EditorSession, run: ShownRun, { node, port }: Place): string {
  const loose = notConnected(session, node)
  if (loose !== undefined) return disconnected(session, loose, node)
  const name = nameOf(session, node)
  const { figures } = run
  const rowsIn = figures.hasNode(node) ? figures.node(node, 'rowsIn') : 0
  const failed = figures.hasNode(node) ? figures.node(node, 'failed') : 0
  if (run.facts.getState().status === 'failed' && rowsIn === 0)
    return `The run failed before a row came out of ${name}.`
  if (session.document.edgesInto(node).length === 0) return `${name} found no rows.`
  if (rowsIn === 0) return `No row came to ${name}, so none left it.`
  if (failed === rowsIn) return `All ${count(rowsIn)} rows that came to ${name} failed: see what was set aside.`
  const aside = failed === 0 ? '' : `, ${count(failed)} of them set aside`
  return `All filtered: ${count(rowsIn)} rows came to ${name}${aside}, and none left it by ${port}.`
}

/** Rows that the source gave to an edge, or to the first one behind a port; undefined where the run does not tell. */
export function givenTo({ figures }: ShownRun, { edge }: Place): number | undefined {
  return edge === undefined ? undefined : countsOf(figures.last?.edges.find(({ id }) => id === edge))?.offered
}
