// Nodes that go on under another id (engine/flow/node-renames.cpp).
import { parseMetric } from '../document/metrics.ts'
import type { MeasuredThing } from '../document/metrics.ts'
import { equalJson, isList, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { elementNamed, listOf } from './named.ts'

export interface NodeRename {
  from: string
  to: string
}

/** An edge as one of its nodes sees it: "out rows" and "paid.rows". */
type Connection = readonly [way: string, other: string]

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function connectionsOf(root: JsonObject): Map<string, Connection[]> {
  const found = new Map<string, Connection[]>()
  const add = (node: string, connection: Connection): void => {
    const list = found.get(node)
    if (list === undefined) found.set(node, [connection])
    else list.push(connection)
  }
  for (const edge of listOf(root.get('edges'))) {
    const [source, target] = ['source', 'target'].map((side) => memberOf(edge, side))
    const [from, output, to, input] = [
      textMember(source, 'node'),
      textMember(source, 'port'),
      textMember(target, 'node'),
      textMember(target, 'port')
    ]
    add(from, [`out ${output}`, `${to}.${input}`])
    add(to, [`in ${input}`, `${from}.${output}`])
  }
  for (const list of found.values()) list.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  return found
}

function settingsOf(node: Json): Json {
  return memberOf(node, 'settings') ?? new Map<string, Json>()
}

function size(value: Json): number {
  return isObject(value) ? value.size : isList(value) ? value.length : 0
}

function onlyIn(root: JsonObject, other: JsonObject): Json[] {
  const there = new Set(listOf(other.get('nodes')).map((node) => textMember(node, 'id')))
  return listOf(root.get('nodes')).filter((node) => !there.has(textMember(node, 'id')))
}

function withoutId(node: Json): Json {
  if (!isObject(node)) return node
  const rest = new Map(node)
  rest.delete('id')
  return rest
}

class Finder {
  private readonly gone: Json[]
  private readonly come: Json[]
  private readonly old: Map<string, Connection[]>
  private readonly now: Map<string, Connection[]>

  constructor(before: JsonObject, after: JsonObject) {
    this.gone = onlyIn(before, after)
    this.come = this.gone.length === 0 ? [] : onlyIn(after, before)
    const any = this.come.length > 0
    this.old = any ? connectionsOf(before) : new Map<string, Connection[]>()
    this.now = any ? connectionsOf(after) : new Map<string, Connection[]>()
  }

  alike(): NodeRename[] {
    const renames: NodeRename[] = []
    const taken = new Set<Json>()
    for (const node of this.gone) {
      let best: Json | undefined
      let most = -1
      for (const candidate of this.come) {
        if (taken.has(candidate) || !this.same(node, candidate)) continue
        const equal = this.equalConnections(textMember(node, 'id'), textMember(candidate, 'id'), new Map())
        if (!this.enough(node, candidate, equal) || equal <= most) continue
        best = candidate
        most = equal
      }
      if (best === undefined) continue
      taken.add(best)
      renames.push({ from: textMember(node, 'id'), to: textMember(best, 'id') })
    }
    return renames
  }

  /** Those that have all the edges they had, if the renames that are left are taken for granted. */
  certain(): NodeRename[] {
    let renames = this.alike()
    for (;;) {
      const names = new Map(renames.map(({ from, to }) => [from, to]))
      const left = renames.filter((rename) => {
        const was = this.old.get(rename.from)?.length ?? 0
        const is = this.now.get(rename.to)?.length ?? 0
        if (was === 0 && is === 0) return this.allEqual(rename)
        return was !== 0 && this.equalConnections(rename.from, rename.to, names) === was
      })
      if (left.length === renames.length) return renames
      renames = left
    }
  }

  private same(a: Json, b: Json): boolean {
    const texts = ['typeId', 'version'].every((key) => textMember(a, key) === textMember(b, key))
    return texts && equalJson(settingsOf(a), settingsOf(b))
  }

  private allEqual({ from, to }: NodeRename): boolean {
    const a = this.gone.find((node) => textMember(node, 'id') === from) ?? null
    const b = this.come.find((node) => textMember(node, 'id') === to) ?? null
    return equalJson(withoutId(a), withoutId(b))
  }

  private equalConnections(from: string, to: string, names: ReadonlyMap<string, string>): number {
    const is = [...(this.now.get(to) ?? [])]
    let equal = 0
    for (const [way, other] of this.old.get(from) ?? []) {
      const dot = other.lastIndexOf('.')
      const renamed = names.get(other.slice(0, dot))
      const meant = renamed === undefined ? other : renamed + other.slice(dot)
      const index = is.findIndex((connection) => connection[0] === way && connection[1] === meant)
      if (index < 0) continue
      is.splice(index, 1)
      ++equal
    }
    return equal
  }

  private enough(a: Json, b: Json, equal: number): boolean {
    if (equal > 0 || size(settingsOf(a)) > 0) return true
    const wired = this.old.has(textMember(a, 'id')) || this.now.has(textMember(b, 'id'))
    return !wired && equalJson(withoutId(a), withoutId(b))
  }
}

/**
 * Nodes that are gone, each with the new one that took its place; both documents canonical. `alike` for telling a
 * person (type, version and settings are equal), `certain` for acting on it (all edges are, too).
 */
export function findRenames(before: JsonObject, after: JsonObject, evidence: 'alike' | 'certain'): NodeRename[] {
  const finder = new Finder(before, after)
  return evidence === 'certain' ? finder.certain() : finder.alike()
}

function withText(value: Json, key: string, from: string, to: string): Json {
  return isObject(value) && textMember(value, key) === from ? new Map(value).set(key, to) : value
}

function eachIn(root: JsonObject, keys: readonly string[], change: (element: Json) => Json): JsonObject {
  const [key = '', ...rest] = keys
  const value = root.get(key)
  if (rest.length > 0) return isObject(value) ? new Map(root).set(key, eachIn(value, rest, change)) : root
  return isList(value) ? new Map(root).set(key, value.map(change)) : root
}

function renamedKey(root: JsonObject, keys: readonly string[], from: string, to: string): JsonObject {
  const [key, ...rest] = keys
  if (key === undefined) return new Map([...root].map(([name, value]) => [name === from ? to : name, value]))
  const value = root.get(key)
  return isObject(value) ? new Map(root).set(key, renamedKey(value, rest, from, to)) : root
}

/** In alerts of that kind of thing: `paid.errorRate` becomes `good.errorRate`. */
export function withMetrics(root: JsonObject, of: MeasuredThing, from: string, to: string): JsonObject {
  const change = (alert: Json): Json => {
    const metric = parseMetric(textMember(alert, 'metric'))
    if (metric?.of !== of || metric.subject !== from || !isObject(alert)) return alert
    return new Map(alert).set('metric', `${to}.${metric.measure}`)
  }
  return eachIn(eachIn(root, ['alerts'], change), ['config', 'alerts'], change)
}

/** The document with another id for a node, also where edges, ports, widgets, alerts and the layout name it. */
export function withNodeRenamed(root: JsonObject, from: string, to: string): JsonObject {
  const node = (value: Json): Json => withText(value, 'node', from, to)
  const edge = (value: Json): Json => {
    if (!isObject(value)) return value
    const made = new Map(value)
    for (const side of ['source', 'target']) {
      const end = value.get(side)
      if (end !== undefined) made.set(side, node(end))
    }
    return made
  }
  let made = eachIn(root, ['nodes'], (value) => withText(value, 'id', from, to))
  made = eachIn(made, ['edges'], edge)
  for (const list of [['ports', 'inputs'], ['ports', 'outputs'], ['widgets']]) made = eachIn(made, list, node)
  return renamedKey(withMetrics(made, 'node', from, to), ['layout', 'nodes'], from, to)
}

/** The document with another id for an edge or a note, also in the layout and in alerts. */
export function withElementRenamed(root: JsonObject, kind: 'edges' | 'notes', from: string, to: string): JsonObject {
  const made = eachIn(root, [kind], (value) => withText(value, 'id', from, to))
  const placed = renamedKey(made, ['layout', kind], from, to)
  return kind === 'edges' ? withMetrics(placed, 'edge', from, to) : placed
}

export function hasNode(root: JsonObject, id: string): boolean {
  return elementNamed(root.get('nodes'), 'id', id) !== undefined
}
