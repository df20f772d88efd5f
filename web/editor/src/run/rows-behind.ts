// Rows behind a row: those that a total, or a joined row, was made of, by the keys of the node that made it.
import { isList, isObject, textMember } from '@weir/flow-model'
import type { FlowEdge, FlowNode, Json } from '@weir/flow-model'
import { columnText } from '../formula/cel-tokens.ts'
import type { EditorSession } from '../session/editor-session.ts'
import type { RowsBehind } from '../session/view-state.ts'

/** What is known of a row: the CEL text of the value of a column, and the value in words; undefined: it cannot be compared. */
export type CellText = (column: string) => { cel: string; words: string } | undefined

export interface Lineage {
  /** One for each input that has rows of it. */
  behind: readonly (RowsBehind & { from: string })[]
  /** Why there are none, as a sentence; empty if there are. */
  why: string
}

/** Nodes that give rows on as they came. */
const kPasses = new Set([
  ...['logic/filter', 'logic/switch', 'logic/validate', 'aggregate/sort', 'aggregate/distinct', 'text/grep'],
  ...['flow/limit', 'flow/deduplicate', 'flow/delay', 'flow/throttle', 'flow/rate-limit', 'flow/debounce', 'debug/log']
])

/** What a row that left a node was made of. */
export function rowsBehind(session: EditorSession, node: string, cell: CellText): Lineage {
  const { document, catalogue } = session
  for (let at = document.node(node), steps = 0; at !== undefined && steps < 1000; ++steps) {
    const into: readonly FlowEdge[] = document.edgesInto(at.id)
    const type = catalogue.typeOf(at)
    const id = type?.id.replace(/@.*$/, '') ?? at.typeId
    if (id === 'aggregate/group') return ofKeys(session, at, into, groupKeys(at.settings.get('keys')), cell)
    if (id === 'data/join') return ofJoin(session, at, into, cell)
    const [only] = into
    if (only === undefined) return none(`${nameOf(session, at.id)} reads the row as it is: nothing is behind it.`)
    const keeps = kPasses.has(id) && into.length === 1 && only.transform === ''
    if (!keeps)
      return none(`The node ${nameOf(session, at.id)} keeps no lineage: follow a row that goes into it instead.`)
    at = document.node(only.source.node)
  }
  return none('There is no such node.')
}

function none(why: string): Lineage {
  return { behind: [], why }
}

function nameOf({ document }: EditorSession, id: string): string {
  const name = document.node(id)?.name ?? ''
  return name === '' ? id : name
}

/** A key: the column of the result, and what it is made of in the rows. */
interface Key {
  column: string
  of: string
}

function groupKeys(value: Json | undefined): Key[] {
  if (!isList(value)) return []
  return value.flatMap((item): Key[] => {
    if (typeof item === 'string') return [{ column: item, of: columnText(item) }]
    if (!isObject(item)) return []
    const [name, of] = [textMember(item, 'name'), textMember(item, 'of')]
    return [{ column: name, of: of === '' ? columnText(name) : of }]
  })
}

function ofKeys(
  session: EditorSession,
  node: FlowNode,
  into: readonly FlowEdge[],
  keys: readonly Key[],
  cell: CellText
): Lineage {
  const parts = keys.map(({ column, of }) => {
    const value = cell(column)
    return value === undefined ? undefined : { cel: `${of} == ${value.cel}`, words: `${column} is ${value.words}` }
  })
  const known = parts.filter((part) => part !== undefined)
  if (known.length < parts.length)
    return none(`The keys of ${nameOf(session, node.id)} are not in this row any more: its rows cannot be told.`)
  if (into.length === 0) return none(`Nothing leads to ${nameOf(session, node.id)}.`)
  const changed = into.find(({ transform }) => transform !== '')
  if (changed !== undefined) return none(`The edge into ${nameOf(session, node.id)} changes rows: it keeps no lineage.`)
  return {
    behind: into.map((edge) => ({
      edge: edge.id,
      where: joined([edge.filter, ...known.map(({ cel }) => cel)]),
      words: known.length === 0 ? 'all rows' : known.map(({ words }) => words).join(', '),
      from: nameOf(session, edge.source.node)
    })),
    why: ''
  }
}

function joined(conditions: readonly string[]): string {
  const given = conditions.filter((condition) => condition.trim() !== '')
  return given.length < 2 ? given.join('') : given.map((condition) => `(${condition})`).join(' && ')
}

function ofJoin(session: EditorSession, node: FlowNode, into: readonly FlowEdge[], cell: CellText): Lineage {
  const value = node.settings.get('keys')
  const keys = isList(value) ? value.filter(isObject) : []
  const sides = into.map((edge) => {
    const side = edge.target.port === 'lookup' ? 'lookup' : 'field'
    const own = keys.map((key): Key => {
      const column = textMember(key, 'field')
      const named = textMember(key, side)
      return { column, of: columnText(named === '' ? column : named) }
    })
    return ofKeys(session, node, [edge], own, cell)
  })
  const why =
    sides.find((side) => side.why !== '')?.why ??
    (into.length === 0 ? `Nothing leads to ${nameOf(session, node.id)}.` : '')
  return why === '' ? { behind: sides.flatMap((side) => side.behind), why } : none(why)
}
