// Types of columns that a reader of files gives: found from any table behind it, and set on the reader itself.
import { isList, isObject, memberOf, textMember } from '@weir/flow-model'
import type { FlowNode, Json } from '@weir/flow-model'
import type { EditorSession } from '../../session/editor-session.ts'
import { readLetter } from '../bottom/letters.ts'
import type { TableColumn } from './row-table.ts'

const kReaders: readonly string[] = ['files/csv-read', 'files/json-read']
/** Nodes whose rows go on as they came in. */
const kPassing: readonly string[] = [
  'logic/filter',
  'logic/switch',
  'logic/validate',
  'aggregate/sort',
  'flow/limit',
  'flow/throttle',
  'flow/delay',
  'flow/debounce',
  'flow/deduplicate',
  'flow/rate-limit',
  'flow/priority'
]
const kMostSteps = 100

export const kColumnTypes: readonly (readonly [string, string])[] = [
  ['text', 'string'],
  ['whole number', 'int'],
  ['number', 'double'],
  ['yes or no', 'bool'],
  ['time', 'timestamp']
]

/** The reader from which a column comes as it is; undefined: it is made or changed on its way, or comes from elsewhere. */
export function readerOf(session: EditorSession, node: string, column: string): FlowNode | undefined {
  const { document } = session
  let at = document.node(node)
  for (let step = 0; step < kMostSteps && at !== undefined; ++step) {
    if (kReaders.includes(at.typeId)) return at
    const into = document.edgesInto(at.id)
    const passes = kPassing.includes(at.typeId) || (at.typeId === 'logic/map' && isKept(at, column)) || at.bypass
    // Rows of several ways may be of several types.
    if (!passes || into.length !== 1) return undefined
    at = document.node(into[0]?.source.node ?? '')
  }
  return undefined
}

function isKept({ settings }: FlowNode, column: string): boolean {
  const names = (setting: string): string[] => {
    const value = settings.get(setting)
    if (isList(value)) return value.filter((each) => typeof each === 'string')
    return isObject(value) ? [...value.keys()] : []
  }
  const renamed = settings.get('rename')
  const isNew = isObject(renamed) && [...renamed.values()].includes(column)
  return !isNew && !['set', 'rename', 'drop'].some((setting) => names(setting).includes(column))
}

/** The types that are set, as a list; a text such as `{id: string, price: double}` becomes one. */
export function typesSet(schema: Json | undefined): Json[] {
  if (isList(schema)) return [...schema]
  if (typeof schema !== 'string') return []
  const found: Json[] = []
  const pairs = /(?:"((?:[^"\\]|\\.)*)"|([^\s,:{}"]+))\s*:\s*([a-z]+)/g
  for (const [, quoted, plain = '', type = ''] of schema.matchAll(pairs))
    found.push(typeOf(quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'), type, undefined))
  return found
}

function typeOf(name: string, type: string, format: Json | undefined): Json {
  return new Map<string, Json>([
    ['name', name],
    ['type', type],
    ...(format === undefined ? [] : [['format', format] as const])
  ])
}

/** Sets the type of a column on its reader, as one step; others that are set stay. */
export function setColumnType(session: EditorSession, reader: FlowNode, column: string, type: string): void {
  const [words = type] = kColumnTypes.find(([, name]) => name === type) ?? []
  const set = typesSet(reader.settings.get('schema'))
  const at = set.findIndex((each) => textMember(each, 'name') === column)
  const made = typeOf(column, type, memberOf(set[at], 'format'))
  if (at < 0) set.push(made)
  else set[at] = made
  session.do(
    [{ op: 'set', kind: 'nodes', id: reader.id, path: '/settings/schema', value: set }],
    `Read ${column} as ${words}`
  )
}

/** What a column can be read as other than now. */
export function otherTypes(column: Pick<TableColumn, 'type'>): readonly (readonly [string, string])[] {
  return kColumnTypes.filter(([, type]) => type !== column.type)
}

/** A value of a file that is not of the type that its column has. */
export interface FailedValue {
  column: string
  type: string
  value: string
  /** *orders/3.csv, line 12*; empty if it is not known. */
  where: string
}

/** Of rows that a reader set aside, those that were for the type of a column. */
export function failedValues(letters: readonly unknown[], reader: string): FailedValue[] {
  return letters.flatMap((told): FailedValue[] => {
    const { node, message, row } = readLetter(told)
    const [, column, type, value] = /column '(.*?)': expected (\w+), found '([^]*)'/.exec(message) ?? []
    if (node !== reader || column === undefined || type === undefined || value === undefined) return []
    const { file, line } = (typeof row === 'object' && row !== null ? row : {}) as { file?: unknown; line?: unknown }
    const where = typeof file === 'string' ? `${file}${typeof line === 'number' ? `, line ${line}` : ''}` : ''
    return [{ column, type, value, where }]
  })
}
