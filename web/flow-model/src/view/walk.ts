// The keyboard's way through a flow: arrows walk the graph; the outline says what comes after what.
import type { FlowDocument } from '../document/flow-document.ts'
import { textMember } from '../json/value.ts'

export type Arrow = 'left' | 'right' | 'up' | 'down'

function upperFirst(document: FlowDocument, ids: Iterable<string>): string[] {
  const places = document.places.nodes
  const y = (id: string): number => places.get(id, 'y') || 0
  const x = (id: string): number => places.get(id, 'x') || 0
  const there = [...new Set(ids)].filter((id) => document.tables.nodes.has(id))
  return there.sort((a, b) => y(a) - y(b) || x(a) - x(b) || (a < b ? -1 : 1))
}

/**
 * Where an arrow leads from a node: right along its first wire out (the upper one), left against its first wire in, up
 * and down among those that share its source or its target, else to the nearest node that way. Undefined: nowhere.
 */
export function walk(document: FlowDocument, from: string, arrow: Arrow): string | undefined {
  if (!document.tables.nodes.has(from)) return upperFirst(document, document.tables.nodes.ids())[0]
  const after = (id: string): string[] => document.edgesOutOf(id).map((edge) => edge.target.node)
  const before = (id: string): string[] => document.edgesInto(id).map((edge) => edge.source.node)
  if (arrow === 'right') return upperFirst(document, after(from))[0] ?? nearest(document, from, arrow)
  if (arrow === 'left') return upperFirst(document, before(from))[0] ?? nearest(document, from, arrow)
  const beside = [...before(from).flatMap(after), ...after(from).flatMap(before)]
  const siblings = upperFirst(document, [...beside, from])
  const next = siblings[siblings.indexOf(from) + (arrow === 'up' ? -1 : 1)]
  return next ?? nearest(document, from, arrow)
}

function nearest(document: FlowDocument, from: string, arrow: Arrow): string | undefined {
  const places = document.places.nodes
  const [x, y] = [places.get(from, 'x') || 0, places.get(from, 'y') || 0]
  const sideways = arrow === 'left' || arrow === 'right'
  const sign = arrow === 'left' || arrow === 'up' ? -1 : 1
  let best: string | undefined
  let least = Infinity
  for (const { id } of document.tables.nodes.list()) {
    const [dx, dy] = [(places.get(id, 'x') || 0) - x, (places.get(id, 'y') || 0) - y]
    const [along, across] = sideways ? [dx * sign, dy] : [dy * sign, dx]
    if (id === from || along <= 0 || Math.abs(across) > along) continue
    const far = along + 2 * Math.abs(across)
    if (far >= least) continue
    least = far
    best = id
  }
  return best
}

export interface OutlineItem {
  kind: 'groups' | 'nodes'
  id: string
  /** 0: not in a box. */
  depth: number
}

/** All boxes and nodes as a tree, in the order of the flow: sources first, each behind what feeds it. */
export function outline(document: FlowDocument): OutlineItem[] {
  const rank = new Map(flowOrder(document).map((id, index) => [id, index]))
  const inside = new Map<string, { kind: 'groups' | 'nodes'; id: string }[]>()
  const put = (kind: 'groups' | 'nodes'): void => {
    for (const { id, value } of document.tables[kind].list()) {
      const parent = textMember(value, 'parent')
      const at = document.tables.groups.has(parent) ? parent : ''
      const list = inside.get(at)
      if (list === undefined) inside.set(at, [{ kind, id }])
      else list.push({ kind, id })
    }
  }
  put('nodes')
  put('groups')
  const first = (item: { kind: string; id: string }, seen: ReadonlySet<string>): number => {
    if (item.kind === 'nodes') return rank.get(item.id) ?? Infinity
    if (seen.has(item.id)) return Infinity
    const within = new Set([...seen, item.id])
    return Math.min(Infinity, ...(inside.get(item.id) ?? []).slice(0, 1000).map((each) => first(each, within)))
  }
  const items: OutlineItem[] = []
  const done = new Set<string>()
  const add = (parent: string, depth: number): void => {
    const list = (inside.get(parent) ?? []).map((item) => ({ item, at: first(item, new Set()) }))
    for (const { item } of list.sort((a, b) => a.at - b.at)) {
      if (item.kind === 'groups' && done.has(item.id)) continue
      items.push({ ...item, depth })
      if (item.kind !== 'groups') continue
      done.add(item.id)
      add(item.id, depth + 1)
    }
  }
  add('', 0)
  return items
}

/** Node ids from sources to sinks; those of a circle come last, as the document has them. */
export function flowOrder(document: FlowDocument): string[] {
  const waiting = new Map<string, number>()
  for (const { id } of document.tables.nodes.list()) waiting.set(id, document.edgesInto(id).length)
  const order = upperFirst(
    document,
    [...waiting.keys()].filter((id) => waiting.get(id) === 0)
  )
  for (const id of order) {
    for (const edge of document.edgesOutOf(id)) {
      const left = (waiting.get(edge.target.node) ?? 0) - 1
      waiting.set(edge.target.node, left)
      if (left === 0) order.push(edge.target.node)
    }
  }
  const done = new Set(order)
  return [...order, ...[...waiting.keys()].filter((id) => !done.has(id))]
}
