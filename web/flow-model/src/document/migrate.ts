// Pure steps from documents of older formats to the present one, as engine/flow/migrate.cpp takes them.
import { isList, isObject, memberOf } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import type { Problems } from '../problem.ts'

/** The version of the document format that is read and written. */
export const kDocumentVersion = '1.0.0'

/** `1.2.3`; minor and patch may be left out. Undefined if it is none. */
export function readVersion(text: string): [number, number, number] | undefined {
  const found = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text)
  return found === null ? undefined : [Number(found[1]), Number(found[2] ?? 0), Number(found[3] ?? 0)]
}

/** Negative if `a` is older than `b`, positive if it is newer. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; ++i) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function renamed(object: JsonObject, from: string, to: string): JsonObject {
  if (!object.has(from) || object.has(to)) return object
  return new Map([...object].map(([key, value]) => [key === from ? to : key, value]))
}

// "node.port", with the port from behind the last dot.
function withEnd(edge: JsonObject, from: string, to: string): JsonObject {
  const made = renamed(edge, from, to)
  const text = made.get(to)
  if (typeof text !== 'string') return made
  const dot = text.lastIndexOf('.')
  const node = dot < 0 ? text : text.slice(0, dot)
  const port = dot < 0 ? 'rows' : text.slice(dot + 1)
  return new Map<string, Json>([...made]).set(
    to,
    new Map([
      ['node', node],
      ['port', port]
    ])
  )
}

function node09(node: Json): Json {
  if (!isObject(node)) return node
  const made = new Map(renamed(renamed(node, 'type', 'typeId'), 'options', 'settings'))
  const x = made.get('x')
  const y = made.get('y')
  if (x === undefined || y === undefined) return made
  made.delete('x')
  made.delete('y')
  return made.set(
    'position',
    new Map([
      ['x', x],
      ['y', y]
    ])
  )
}

// 0.9 had `links` with `from` and `to`, nodes with `type`, `options`, and `x` and `y` beside the id.
function from09(root: JsonObject): JsonObject {
  const made = new Map(renamed(root, 'links', 'edges'))
  const nodes = made.get('nodes')
  const edges = made.get('edges')
  if (isList(nodes)) made.set('nodes', nodes.map(node09))
  if (isList(edges))
    made.set(
      'edges',
      edges.map((edge) => (isObject(edge) ? withEnd(withEnd(edge, 'from', 'source'), 'to', 'target') : edge))
    )
  return made.set('version', kDocumentVersion)
}

export interface Migrated {
  root: Json
  /** The older version it had, or empty. */
  from: string
  /** It is of a newer version than this one, which is told as `flow.newer`. */
  newer: boolean
}

/** Brings a document to kDocumentVersion; `flow.newer`, `flow.version` or `flow.no_migration` if that cannot be. */
export function migrateDocument(root: Json, problems: Problems): Migrated {
  const unchanged: Migrated = { root, from: '', newer: false }
  const original = memberOf(root, 'version')
  if (typeof original !== 'string' || !isObject(root)) return unchanged
  const have = readVersion(original)
  if (have === undefined) {
    problems.error(
      'flow.version',
      '/version',
      `'${original}' is no version of the document format.`,
      `Write "${kDocumentVersion}"; the flow's own version goes to metadata.version.`
    )
    return unchanged
  }
  const order = compareVersions(have, readVersion(kDocumentVersion) ?? [])
  if (order === 0) return unchanged
  if (order > 0) {
    const message = `the document has format ${original}, this engine reads up to ${kDocumentVersion}.`
    problems.error('flow.newer', '/version', message, 'Use a newer weir.')
    return { ...unchanged, newer: true }
  }
  if (compareVersions(have, [0, 9, 0]) === 0) return { root: from09(root), from: original, newer: false }
  problems.error(
    'flow.no_migration',
    '/version',
    `there is no way from format ${original} to ${kDocumentVersion}.`,
    'Formats that can be migrated: 0.9.0.'
  )
  return unchanged
}
