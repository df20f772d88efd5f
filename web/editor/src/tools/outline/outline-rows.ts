// The rows of the outline: boxes and nodes as a tree in the order of the flow, and under an opened node where its rows go.
import { outline } from '@weir/flow-model'
import type { Catalogue, FlowDocument } from '@weir/flow-model'

export interface OutlineRow {
  /** `nodes/paid`, `groups/clean`, `edges/e1`. */
  key: string
  kind: 'groups' | 'nodes' | 'edges'
  id: string
  /** 1: not in a box. */
  level: number
  /** The row that it is under; -1 for none. */
  parent: number
  /** Whether what is under it is shown; undefined: there is nothing under it. */
  open: boolean | undefined
  /** The how-manieth of how many under the same row, from 1. */
  position: number
  size: number
}

/** What a person has opened and closed: boxes are open unless they are in here, nodes closed. */
export type Toggled = ReadonlySet<string>

/** The rows that are shown. */
export function outlineRows(document: FlowDocument, toggled: Toggled): OutlineRow[] {
  const items = outline(document)
  const rows: OutlineRow[] = []
  /** The rows around the next one, by depth; a closed one hides what is deeper. */
  const around: number[] = []
  let hidden = Infinity
  const add = (row: Omit<OutlineRow, 'position' | 'size'>): number => rows.push({ ...row, position: 0, size: 0 }) - 1
  items.forEach(({ kind, id, depth }, index) => {
    if (depth > hidden) return
    hidden = Infinity
    const key = `${kind}/${id}`
    const parent = depth === 0 ? -1 : (around[depth - 1] ?? -1)
    const isBox = kind === 'groups'
    const filled = isBox ? (items[index + 1]?.depth ?? 0) > depth : document.edgesOutOf(id).length > 0
    const open = filled ? toggled.has(key) !== isBox : undefined
    const at = add({ key, kind, id, level: depth + 1, parent, open })
    around[depth] = at
    if (isBox) {
      if (open === false) hidden = depth
      return
    }
    if (open !== true) return
    for (const edge of document.edgesOutOf(id))
      add({ key: `edges/${edge.id}`, kind: 'edges', id: edge.id, level: depth + 2, parent: at, open: undefined })
  })
  count(rows)
  return rows
}

function count(rows: OutlineRow[]): void {
  const sizes = new Map<number, number>()
  for (const row of rows) {
    row.position = (sizes.get(row.parent) ?? 0) + 1
    sizes.set(row.parent, row.position)
  }
  for (const row of rows) row.size = sizes.get(row.parent) ?? 0
}

/** The boxes around a thing, the outermost last. */
export function boxesAround(document: FlowDocument, kind: 'nodes' | 'groups', id: string): string[] {
  const found: string[] = []
  let at = document.tables[kind].get(id)?.get('parent')
  while (typeof at === 'string' && at !== '' && !found.includes(at)) {
    found.push(at)
    at = document.group(at)?.parent
  }
  return found
}

export interface RowWords {
  name: string
  /** What it is. */
  type: string
  /** Names of the nodes that its rows go to. */
  targets: string[]
}

/** A row in words. */
export function wordsOfRow(document: FlowDocument, catalogue: Catalogue, row: OutlineRow): RowWords {
  const nameOf = (id: string): string => {
    const node = document.node(id)
    if (node === undefined) return id
    return node.name === '' ? (catalogue.typeOf(node)?.name ?? id) : node.name
  }
  if (row.kind === 'groups') {
    const name = document.group(row.id)?.name ?? ''
    return { name: name === '' ? 'Box' : name, type: 'box', targets: [] }
  }
  if (row.kind === 'edges') {
    const edge = document.edge(row.id)
    return { name: `${edge?.source.port ?? ''} → ${nameOf(edge?.target.node ?? '')}`, type: 'edge', targets: [] }
  }
  const node = document.node(row.id)
  const type = node === undefined ? undefined : catalogue.typeOf(node)
  const targets = [...new Set(document.edgesOutOf(row.id).map((edge) => nameOf(edge.target.node)))]
  return { name: nameOf(row.id), type: type?.name ?? node?.typeId ?? '', targets }
}
