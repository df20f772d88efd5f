// The three versions of a merge, brought to one set of names, and what one removed while the other used it
// (engine/flow/merge-versions.cpp).
import { canonicalFlow } from '../document/canonical.ts'
import { valueAt } from '../json/pointer.ts'
import { compareText, writeJson } from '../json/text.ts'
import { equalJson, isList, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { elementNamed, listOf } from './named.ts'
import type { Side } from './order.ts'
import { findRenames, hasNode, withElementRenamed, withNodeRenamed } from './renames.ts'
import type { NodeRename } from './renames.ts'

export type ConflictKind = 'changed' | 'removed' | 'used' | 'added' | 'order' | 'renamed'

/** A node to which both gave another id. */
export interface TwiceRenamed {
  from: string
  ours: string
  theirs: string
}

export interface MergeVersions {
  /** Canonical; each is replaced, never changed. */
  base: JsonObject
  ours: JsonObject
  theirs: JsonObject
  /** All three have the id that ours gave. */
  twiceRenamed: TwiceRenamed[]
  /** Nodes that one removed while the other used them, and those beside them, without a message. */
  nodes: Map<string, { kind: ConflictKind; message: string }>
  /** Of contested nodes: whole as one side has them. */
  edges: Set<string>
  notes: string[]
}

function byId(root: JsonObject, kind: string): Map<string, Json> {
  const found = new Map<string, Json>()
  for (const element of listOf(root.get(kind))) {
    const id = textMember(element, 'id')
    if (!found.has(id)) found.set(id, element)
  }
  return found
}

function followRenames(
  versions: MergeVersions,
  mine: readonly NodeRename[],
  others: readonly NodeRename[],
  other: Side
): void {
  for (const { from, to } of mine) {
    if (others.some((rename) => rename.from === from) || hasNode(versions[other], to)) continue
    versions.base = withNodeRenamed(versions.base, from, to)
    versions[other] = withNodeRenamed(versions[other], from, to)
  }
}

function followBoth(versions: MergeVersions): void {
  const ours = findRenames(versions.base, versions.ours, 'certain')
  const theirs = findRenames(versions.base, versions.theirs, 'certain')
  for (const { from, to } of ours) {
    const other = theirs.find((rename) => rename.from === from)
    if (other === undefined) continue
    if (other.to !== to) {
      if (hasNode(versions.theirs, to) || hasNode(versions.ours, other.to)) continue
      versions.twiceRenamed.push({ from, ours: to, theirs: other.to })
      versions.theirs = withNodeRenamed(versions.theirs, other.to, to)
    }
    versions.base = withNodeRenamed(versions.base, from, to)
  }
  followRenames(versions, ours, theirs, 'theirs')
  followRenames(versions, theirs, ours, 'ours')
}

/** `read.rows → paid.rows` */
export function endsOf(edge: Json): string {
  const [source, target] = [memberOf(edge, 'source'), memberOf(edge, 'target')]
  if (source === undefined || target === undefined) return ''
  return `${textMember(source, 'node')}.${textMember(source, 'port')} → ${textMember(target, 'node')}.${textMember(target, 'port')}`
}

/** Both drew an edge, or wrote a note, and the editor gave both the next free id. */
function separate(versions: MergeVersions, kind: 'edges' | 'notes'): void {
  const edges = kind === 'edges'
  const was = byId(versions.base, kind)
  const others = byId(versions.theirs, kind)
  const shared = [...byId(versions.ours, kind)].filter(([id, mine]) => {
    const other = others.get(id)
    if (was.has(id) || other === undefined) return false
    return edges ? endsOf(mine) !== endsOf(other) : !equalJson(mine, other)
  })
  for (const id of shared.map(([name]) => name).sort(compareText)) {
    const mine = elementNamed(versions.ours.get(kind), 'id', id) ?? null
    const other = elementNamed(versions.theirs.get(kind), 'id', id) ?? null
    let fresh = ''
    const taken = (root: JsonObject): boolean => elementNamed(root.get(kind), 'id', fresh) !== undefined
    for (let number = 2; fresh === '' || [versions.base, versions.ours, versions.theirs].some(taken); ++number)
      fresh = `${id}-${number}`
    const oursMoves = compareText(writeJson(other), writeJson(mine)) < 0
    const side = oursMoves ? 'ours' : 'theirs'
    const what = edges ? ` (${endsOf(oursMoves ? mine : other)})` : ''
    versions.notes.push(
      `both added ${edges ? 'an edge' : 'a note'} '${id}': the one of ${side}${what} is now '${fresh}'`
    )
    versions[side] = withElementRenamed(versions[side], kind, id, fresh)
  }
}

function touches(edge: Json, node: string): boolean {
  return ['source', 'target'].some((side) => textMember(memberOf(edge, side), 'node') === node)
}

/** What `other` says of the node that `base` did not, in words; empty: nothing. */
function newUse(base: JsonObject, other: JsonObject, node: string): string {
  const unchanged = (keys: readonly string[], key: string, element: Json): boolean => {
    const was = elementNamed(valueAt(base, keys), key, textMember(element, key))
    return was !== undefined && equalJson(was, element)
  }
  for (const edge of listOf(other.get('edges'))) {
    if (touches(edge, node) && !unchanged(['edges'], 'id', edge))
      return `wired it with edge '${textMember(edge, 'id')}'`
  }
  for (const widget of listOf(other.get('widgets'))) {
    if (textMember(widget, 'node') === node && !unchanged(['widgets'], 'id', widget))
      return `shows it in widget '${textMember(widget, 'id')}'`
  }
  for (const side of ['inputs', 'outputs']) {
    for (const port of listOf(valueAt(other, ['ports', side]))) {
      if (textMember(port, 'node') === node && !unchanged(['ports', side], 'name', port))
        return `made it the flow's port '${textMember(port, 'name')}'`
    }
  }
  return ''
}

function contest(versions: MergeVersions, remover: Side): void {
  const other = remover === 'ours' ? versions.theirs : versions.ours
  const was = byId(versions.base, 'nodes')
  const left = byId(versions[remover], 'nodes')
  const others = byId(other, 'nodes')
  const removed = (id: string): boolean => was.has(id) && !left.has(id) && others.has(id)
  /** The edges of a contested node are in question with it, and so are removed nodes at their other ends. */
  const follow = (id: string): void => {
    for (const root of [versions.base, other]) {
      for (const edge of listOf(root.get('edges'))) {
        if (!touches(edge, id)) continue
        versions.edges.add(textMember(edge, 'id'))
        for (const side of ['source', 'target']) {
          const name = textMember(memberOf(edge, side), 'node')
          if (!removed(name) || versions.nodes.has(name)) continue
          versions.nodes.set(name, { kind: 'removed', message: '' })
          follow(name)
        }
      }
    }
  }
  const names = remover === 'ours' ? 'ours removed it, theirs ' : 'theirs removed it, ours '
  for (const node of listOf(versions.base.get('nodes'))) {
    const id = textMember(node, 'id')
    if (!removed(id)) continue
    const use = newUse(versions.base, other, id)
    if (use === '' && equalJson(others.get(id), node)) continue
    versions.nodes.set(id, {
      kind: use === '' ? 'removed' : 'used',
      message: names + (use === '' ? 'changed it' : use)
    })
    follow(id)
  }
}

/** `base` undefined: both added everything. */
export function prepareMerge(base: Json | undefined, ours: Json, theirs: Json): MergeVersions {
  const versions: MergeVersions = {
    base: base === undefined ? new Map() : canonicalFlow(base),
    ours: canonicalFlow(ours),
    theirs: canonicalFlow(theirs),
    twiceRenamed: [],
    nodes: new Map(),
    edges: new Set(),
    notes: []
  }
  followBoth(versions)
  separate(versions, 'edges')
  separate(versions, 'notes')
  contest(versions, 'ours')
  contest(versions, 'theirs')
  return versions
}

function filtered(root: JsonObject, keys: readonly string[], keeps: (element: Json) => boolean): JsonObject {
  const [key = '', ...rest] = keys
  const value = root.get(key)
  const made = new Map(root)
  if (rest.length > 0) return isObject(value) ? made.set(key, filtered(value, rest, keeps)) : root
  if (!isList(value)) return root
  const kept = value.filter(keeps)
  if (kept.length === 0 && key === 'widgets') made.delete(key)
  else made.set(key, kept)
  return made
}

/** Whether something was removed by one side while the other went on to name it. */
function lostInMerge(
  merged: JsonObject,
  versions: MergeVersions,
  kind: string,
  id: string,
  names: (side: JsonObject) => boolean
): boolean {
  const has = (root: JsonObject): boolean => elementNamed(root.get(kind), 'id', id) !== undefined
  if (id === '' || has(merged)) return false
  return ![versions.ours, versions.theirs].some((side) => !has(side) && names(side))
}

/** Takes out what names nodes, groups and widgets that are not there any more because one side removed them. */
export function withoutDangling(merged: JsonObject, versions: MergeVersions, notes: string[]): JsonObject {
  let root = merged
  for (const id of [...versions.nodes.keys()].sort(compareText)) {
    if (hasNode(root, id)) continue
    root = filtered(root, ['edges'], (edge) => !touches(edge, id))
    for (const list of [['widgets'], ['ports', 'inputs'], ['ports', 'outputs']])
      root = filtered(root, list, (value) => textMember(value, 'node') !== id)
  }
  for (const kind of ['nodes', 'groups', 'notes']) {
    const list = root.get(kind)
    if (!isList(list)) continue
    const whole = root
    const made = list.map((thing) => {
      const parent = textMember(thing, 'parent')
      const isThere = (side: JsonObject): boolean => {
        const same = elementNamed(side.get(kind), 'id', textMember(thing, 'id'))
        return same !== undefined && textMember(same, 'parent') === parent
      }
      if (!isObject(thing) || !lostInMerge(whole, versions, 'groups', parent, isThere)) return thing
      notes.push(
        `'${textMember(thing, 'id')}' stands in no group: one side put it into '${parent}', which the other removed`
      )
      const free = new Map(thing)
      free.delete('parent')
      return free
    })
    root = new Map(root).set(kind, made)
  }
  return withoutLostWidgets(root, versions, notes)
}

function withoutLostWidgets(root: JsonObject, versions: MergeVersions, notes: string[]): JsonObject {
  const dashboards = root.get('dashboards')
  if (!isList(dashboards)) return root
  const made = dashboards.map((dashboard) => {
    const name = textMember(dashboard, 'id')
    if (!isObject(dashboard)) return dashboard
    return filtered(dashboard, ['widgets'], (placed) => {
      const widget = textMember(placed, 'widget')
      const isThere = (side: JsonObject): boolean => {
        const same = elementNamed(side.get('dashboards'), 'id', name)
        return elementNamed(memberOf(same, 'widgets'), 'widget', widget) !== undefined
      }
      if (!lostInMerge(root, versions, 'widgets', widget, isThere)) return true
      notes.push(`dashboard '${name}' is without widget '${widget}', which one side removed`)
      return false
    })
  })
  return new Map(root).set('dashboards', made)
}
