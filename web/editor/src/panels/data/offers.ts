// What a cell, a bar or a column offers: a configured node behind the edge whose rows are shown.
import { addNode, connect, FreshIds, insertable, insertOnEdge } from '@weir/flow-model'
import type { Json, NodeType, Operation } from '@weir/flow-model'
import { columnText } from '../../formula/cel-tokens.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { literalText } from '../../formula/conditions.ts'
import { isoText } from './row-table.ts'
import type { TableColumn } from './row-table.ts'
import type { Bar } from './column-facts.ts'

export interface Offer {
  /** For a menu: *Keep only north*. */
  words: string
  typeId: string
  name: string
  settings: readonly (readonly [string, Json])[]
}

/** A value of a cell as CEL has it; undefined of lists, maps and bytes. */
export function celValue(value: unknown, column: Pick<TableColumn, 'type'>): string | undefined {
  if (value === null) return 'null'
  if (column.type === 'timestamp') return literalText({ kind: 'time', text: isoText(value) })
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return column.type === 'double' && Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value)
}

function shortened(text: string): string {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text
}

function filter(words: string, name: string, condition: string): Offer {
  return { words, typeId: 'logic/filter', name, settings: [['condition', condition]] }
}

/** Keep only, Remove and Replace for one cell. */
export function cellOffers(column: TableColumn, value: unknown, shown: string): Offer[] {
  const text = celValue(value, column)
  if (text === undefined) return []
  const field = columnText(column.name)
  const what = value === null ? 'empty' : shortened(shown)
  const replaced = value === null && column.kind === 'string' ? '""' : 'null'
  const offers = [
    filter(`Keep only ${what}`, `Only ${what}`, `${field} == ${text}`),
    filter(`Remove ${what}`, `Not ${what}`, `${field} != ${text}`)
  ]
  if (value !== null || column.kind === 'string')
    offers.push(
      setting(
        `Replace ${what} by ${value === null ? 'an empty text' : 'empty'}`,
        `Replace ${what}`,
        column.name,
        `${field} == ${text} ? ${replaced} : ${field}`
      )
    )
  return offers
}

function setting(words: string, name: string, column: string, formula: string): Offer {
  return { words, typeId: 'logic/map', name, settings: [['set', new Map([[column, formula]])]] }
}

/** Keep only and Remove for what a bar of a histogram stands for. */
export function barOffers(column: TableColumn, bar: Bar, last: boolean): Offer[] {
  const field = columnText(column.name)
  if (bar.value !== undefined) {
    const value = column.kind === 'bool' ? bar.value === 'true' : bar.value
    return column.kind === 'any' ? [] : cellOffers(column, value, bar.value).slice(0, 2)
  }
  const edge = (at: number): string | undefined => {
    const whole = column.type === 'timestamp' || column.type !== 'double' ? Math.round(at) : at
    return celValue(whole, column)
  }
  const [from, to] = [edge(bar.from), edge(bar.to)]
  if (from === undefined || to === undefined) return []
  const inside = `${field} >= ${from} && ${field} ${last ? '<=' : '<'} ${to}`
  return [
    filter('Keep only this range', `${column.name} in range`, inside),
    filter('Remove this range', `${column.name} out of range`, `!(${inside})`)
  ]
}

const kConversions: readonly (readonly [string, string])[] = [
  ['text', 'string'],
  ['whole number', 'int'],
  ['number', 'double'],
  ['time', 'timestamp']
]

/** Columns that a summary has sums of, at most. */
const kMostSums = 3

function measure(name: string, how: string, column?: string): Json {
  const made = new Map<string, Json>([
    ['name', name],
    ['function', how]
  ])
  if (column !== undefined) made.set('of', columnText(column))
  return made
}

/** How many, and the sums of columns that can be summed: numbers with a fraction, and others that are no ids or years by their names. */
function summaryOf(key: TableColumn, all: readonly TableColumn[]): Json[] {
  const counted = /(?:^|[_ -])(?:id|no|nr|number|year|code|zip)$|Id$|^id/i
  const summed = all.filter(
    ({ name, type }) => name !== key.name && (type === 'double' || (type === 'int' && !counted.test(name)))
  )
  return [
    measure('count', 'count'),
    ...summed.slice(0, kMostSums).map(({ name }) => measure(`sum_${name}`, 'sum', name))
  ]
}

function group(words: string, name: string, keys: readonly string[], measures: readonly Json[]): Offer {
  const settings: [string, Json][] = [['measures', measures]]
  if (keys.length > 0) settings.unshift(['keys', keys])
  return { words, typeId: 'aggregate/group', name, settings }
}

/** Change type, Split, Summarise by, Remove and Sort for a column; `all` are the columns beside it, and it. */
export function columnOffers(column: TableColumn, all: readonly TableColumn[] = []): Offer[] {
  const field = columnText(column.name)
  const offers: Offer[] = []
  for (const [words, type] of kConversions) {
    if (type === column.type || (type === 'timestamp' && column.kind !== 'string')) continue
    offers.push(setting(`Change type to ${words}`, `${column.name} as ${words}`, column.name, `${type}(${field})`))
  }
  if (column.kind === 'string')
    offers.push(setting('Split at commas', `Split ${column.name}`, column.name, `${field}.split(",")`))
  const named = shortened(column.name)
  offers.push(group(`Summarise by ${named}`, `By ${column.name}`, [column.name], summaryOf(column, all)))
  if (column.kind === 'number') {
    const measures = ['sum', 'mean', 'min', 'max'].map((how) => measure(how, how, column.name))
    offers.push(
      group(
        `Sum, mean, least and most of ${named}`,
        `Sum of ${column.name}`,
        [],
        [measure('count', 'count'), ...measures]
      )
    )
  }
  offers.push(filter('Remove rows where it is empty', `${column.name} not empty`, `${field} != null`))
  offers.push({
    words: 'Remove this column',
    typeId: 'logic/map',
    name: `Without ${column.name}`,
    settings: [['drop', [column.name]]]
  })
  return offers
}

/** Whether the catalogue has the node of an offer. */
export function typeOfOffer(session: EditorSession, offer: Offer): NodeType | undefined {
  return session.catalogue.newest(offer.typeId)
}

/** Where the node of an offer goes: on an edge, or behind a port that leads nowhere. */
export type Behind = string | { node: string; port: string }

/** Right of a node, in the middle of its height. */
const kBeside = { x: 276, y: 0 }

/**
 * Puts the node of an offer behind the source of an edge, on that edge, and chooses it. What cannot stand on the edge (its
 * target takes something else) is wired behind its source, beside it. Gives the id of the node, or undefined if it was refused.
 */
export function insertOffer(session: EditorSession, behind: Behind, offer: Offer): string | undefined {
  const { document, catalogue, geometry } = session
  const type = typeOfOffer(session, offer)
  const value = typeof behind === 'string' ? document.edge(behind) : undefined
  const source = typeof behind === 'string' ? value?.source : behind
  if (type === undefined || source === undefined || document.node(source.node) === undefined) return undefined
  const ids = new FreshIds(document, session.options.author)
  const id = ids.id('nodes', type.id.slice(type.id.lastIndexOf('/') + 1))
  const from = geometry.node(source.node)
  const to = value === undefined ? undefined : geometry.node(value.target.node)
  const at =
    to === undefined
      ? { x: (from?.x ?? 0) + kBeside.x, y: (from?.y ?? 0) + kBeside.y }
      : { x: ((from?.x ?? 0) + to.x) / 2, y: ((from?.y ?? 0) + to.y) / 2 + 40 }
  const node = { id, typeId: type.id, version: type.version, name: offer.name, settings: new Map(offer.settings), at }
  const ports = typeof behind === 'string' ? insertable(document, catalogue, behind, type) : undefined
  const input = type.inputs[0]?.name ?? 'rows'
  const operations: Operation[] =
    ports === undefined || typeof behind !== 'string'
      ? [addNode(node), connect(ids.edge(), source, { node: id, port: input })]
      : insertOnEdge(document, behind, node, ports, ids)
  if (session.do(operations, offer.words).gesture === undefined) return undefined
  session.selection.set([{ kind: 'nodes', id }])
  return id
}
