// Readers for files that a person gave: one for each kind of them, configured.
import { addNode, FreshIds, idFrom } from '@weir/flow-model'
import type { Catalogue, FlowDocument, Json, Operation, Point } from '@weir/flow-model'

/** Files of one kind among those that were given. */
export interface FileKind {
  /** For a person: *CSV*, *JSON*. */
  name: string
  /** Of the reader. */
  typeId: string
  paths: readonly string[]
}

const kPacked = String.raw`(?:\.(?:gz|zst))?$`
const kKinds: readonly (readonly [string, string, RegExp])[] = [
  ['CSV', 'files/csv-read', new RegExp(String.raw`\.(?:csv|tsv)${kPacked}`, 'i')],
  ['JSON', 'files/json-read', new RegExp(String.raw`\.(?:json|jsonl|ndjson)${kPacked}`, 'i')],
  ['Arrow', 'files/arrow-read', new RegExp(String.raw`\.(?:arrow|feather)${kPacked}`, 'i')],
  ['text', 'files/text-read', new RegExp(String.raw`\.(?:txt|log|md)(?:\.\d+)?${kPacked}`, 'i')]
]

/** The kinds of files, the one with the most first; those of no known kind are read as they are. */
export function kindsOf(paths: readonly string[]): FileKind[] {
  const found = new Map<string, FileKind & { paths: string[] }>()
  for (const path of paths) {
    const [name, typeId] = kKinds.find(([, , ending]) => ending.test(path)) ?? ['other', 'files/blob-read']
    const kind = found.get(name) ?? { name, typeId, paths: [] }
    kind.paths.push(path)
    found.set(name, kind)
  }
  return [...found.values()].sort((a, b) => b.paths.length - a.paths.length)
}

const kEnding = /(\.[A-Za-z0-9]+(?:\.(?:gz|zst))?)$/

/** What a reader is set to: the one file, or all of that ending below the folder; several endings go into `morePaths`. */
export function pathsOf(kind: FileKind, prefix: string): { path: string; morePaths: string[] } {
  const [only] = kind.paths
  if (kind.paths.length === 1 && only !== undefined) return { path: prefix + only, morePaths: [] }
  const endings = new Set(kind.paths.map((path) => kEnding.exec(path)?.[1] ?? ''))
  const [first = '', ...more] = [...endings].map((ending) => `${prefix}**/*${ending}`)
  return { path: first, morePaths: more }
}

/** Adds a reader for each kind, one below the other; what re-points a chosen reader of that kind is `repoint`. */
export function addReaders(
  document: FlowDocument,
  catalogue: Catalogue,
  kinds: readonly FileKind[],
  prefix: string,
  at: Point
): Operation[] {
  const ids = new FreshIds(document)
  return kinds.map((kind, index) => {
    const { path, morePaths } = pathsOf(kind, prefix)
    const settings = new Map<string, Json>([['path', path]])
    if (morePaths.length > 0) settings.set('morePaths', morePaths)
    return addNode({
      id: ids.id('nodes', idFrom(kind.typeId)),
      typeId: kind.typeId,
      version: catalogue.newest(kind.typeId)?.version ?? '1.0.0',
      settings,
      at: { x: at.x, y: at.y + index * 96 }
    })
  })
}

/** Has a reader read other files. */
export function repoint(node: string, kind: FileKind, prefix: string): Operation[] {
  const { path, morePaths } = pathsOf(kind, prefix)
  const set = (name: string, value: Json): Operation => ({
    op: 'set',
    kind: 'nodes',
    id: node,
    path: `/settings/${name}`,
    value
  })
  const more: Operation =
    morePaths.length > 0
      ? set('morePaths', morePaths)
      : { op: 'unset', kind: 'nodes', id: node, path: '/settings/morePaths' }
  return [set('path', path), more]
}

/** `orders`, or the first of `orders-2`, `orders-3`, … that is free; a number at its end is part of the name, such as a year. */
export function freeOf(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let number = 2; taken.has(free); ++number) free = `${name}-${number}`
  return free
}

/** An id for a new flow, from a name: lower case, with hyphens. */
export function flowIdFrom(name: string, taken: ReadonlySet<string>): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\.flow\.json$|\.[a-z0-9]+$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  return freeOf(plain === '' ? 'flow' : plain, taken)
}
