// What one version of a flow says otherwise than another, thing by thing (engine/flow/flow-diff.cpp, value-diff.cpp).
import { canonicalFlow } from '../document/canonical.ts'
import { below, findPointer } from '../json/pointer.ts'
import { countOf, equalJson, isList, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { elementNamed, indexNamed, listOf, namingKey, pathBelow } from './named.ts'
import { findRenames, withNodeRenamed } from './renames.ts'
import { endsOf } from './versions.ts'

export type FlowPart =
  | 'flow'
  | 'parameter'
  | 'input'
  | 'output'
  | 'node'
  | 'edge'
  | 'group'
  | 'note'
  | 'widget'
  | 'dashboard'
  | 'alert'
  | 'place'

export interface Difference {
  /** From the part, for a person: `settings.measures[revenue].of`. */
  path: string
  /** Into the canonical new document; of what is gone: into the old one. */
  pointer: string
  before: Json | undefined
  after: Json | undefined
}

export interface PartDiff {
  part: FlowPart
  change: 'added' | 'removed' | 'changed'
  /** In the new document; of what is removed: in the old one. */
  id: string
  /** Of one that was renamed. */
  formerId: string
  /** `logic/filter 1.0.0`, `read.rows → paid.rows` */
  about: string
  pointer: string
  differences: Difference[]
}

export interface FlowDiff {
  flow: string
  parts: PartDiff[]
}

interface Place {
  path: string
  was: string
  is: string
}

function isThing(value: Json | undefined): boolean {
  return value === undefined || isObject(value)
}

function addDifferences(before: Json | undefined, after: Json | undefined, at: Place, out: Difference[]): void {
  if (before === undefined && after === undefined) return
  const filled = countOf(before) > 0 || countOf(after) > 0
  if (isThing(before) && isThing(after) && filled) {
    addMembers(before, after, at, out)
    return
  }
  if (before !== undefined && after !== undefined) {
    if (equalJson(before, after)) return
    if (isList(before) && isList(after) && before.length > 0 && after.length > 0) {
      const key = namingKey([before, after])
      if (key !== '') {
        addElements(before, after, key, at, out)
        return
      }
    }
  }
  out.push({ path: at.path, pointer: after === undefined ? at.was : at.is, before, after })
}

function addMembers(before: Json | undefined, after: Json | undefined, at: Place, out: Difference[]): void {
  const keys = new Set(isObject(after) ? after.keys() : [])
  if (isObject(before)) for (const key of before.keys()) keys.add(key)
  for (const key of keys) {
    const inner = { path: pathBelow(at.path, key), was: below(at.was, key), is: below(at.is, key) }
    addDifferences(memberOf(before, key), memberOf(after, key), inner, out)
  }
}

function addElements(before: readonly Json[], after: readonly Json[], key: string, at: Place, out: Difference[]): void {
  const inside = (name: string): string => `${at.path}[${name}]`
  const newOrder: string[] = []
  const oldOrder: string[] = []
  after.forEach((element, index) => {
    const name = textMember(element, key)
    const place = indexNamed(before, key, name)
    const is = below(at.is, index)
    if (place < 0) {
      out.push({ path: inside(name), pointer: is, before: undefined, after: element })
      return
    }
    newOrder.push(name)
    addDifferences(before[place], element, { path: inside(name), was: below(at.was, place), is }, out)
  })
  before.forEach((element, index) => {
    const name = textMember(element, key)
    if (elementNamed(after, key, name) !== undefined) oldOrder.push(name)
    else out.push({ path: inside(name), pointer: below(at.was, index), before: element, after: undefined })
  })
  if (oldOrder.join('\n') !== newOrder.join('\n'))
    out.push({ path: `order of ${at.path}`, pointer: at.is, before: oldOrder, after: newOrder })
}

interface PartList {
  part: FlowPart
  pointer: string
  key: string
}

const kLists: readonly PartList[] = [
  { part: 'parameter', pointer: '/parameters', key: 'name' },
  { part: 'input', pointer: '/ports/inputs', key: 'name' },
  { part: 'output', pointer: '/ports/outputs', key: 'name' },
  { part: 'node', pointer: '/nodes', key: 'id' },
  { part: 'edge', pointer: '/edges', key: 'id' },
  { part: 'group', pointer: '/groups', key: 'id' },
  { part: 'note', pointer: '/notes', key: 'id' },
  { part: 'widget', pointer: '/widgets', key: 'id' },
  { part: 'dashboard', pointer: '/dashboards', key: 'id' },
  { part: 'alert', pointer: '/alerts', key: 'name' },
  { part: 'alert', pointer: '/config/alerts', key: 'name' }
]

function without(value: Json, ...keys: string[]): Json {
  if (!isObject(value) || !keys.some((key) => value.has(key))) return value
  const made = new Map(value)
  for (const key of keys) made.delete(key)
  return made
}

function eachOf(root: Map<string, Json>, key: string, change: (value: Json) => Json): void {
  const list = root.get(key)
  if (isList(list)) root.set(key, list.map(change))
}

function withoutLooks(root: JsonObject): JsonObject {
  const made = new Map(root)
  const metadata = made.get('metadata')
  if (metadata !== undefined) {
    const plain = without(metadata, 'createdAt', 'updatedAt')
    if (countOf(plain) === 0) made.delete('metadata')
    else made.set('metadata', plain)
  }
  eachOf(made, 'groups', (group) => without(group, 'color', 'collapsed'))
  eachOf(made, 'notes', (note) => without(note, 'color'))
  eachOf(made, 'dashboards', (dashboard) => {
    const list = memberOf(dashboard, 'widgets')
    if (!isObject(dashboard) || !isList(list)) return dashboard
    const placed = list.map((widget) => without(widget, 'x', 'y', 'width', 'height'))
    return new Map(dashboard).set('widgets', placed)
  })
  return made
}

function aboutOf(part: FlowPart, value: Json): string {
  if (part === 'node') return `${textMember(value, 'typeId')} ${textMember(value, 'version')}`
  if (part === 'edge') return endsOf(value)
  return part === 'parameter' || part === 'widget' ? textMember(value, 'type') : ''
}

interface Element {
  value: Json
  index: number
}

/** By name, in the order of the list; those that share a name are told apart by their number. */
function elementsOf(root: JsonObject, list: PartList): Map<string, Element> {
  const found = new Map<string, Element>()
  const seen = new Map<string, number>()
  listOf(findPointer(root, list.pointer)).forEach((value, index) => {
    const name = textMember(value, list.key)
    const number = (seen.get(name) ?? 0) + 1
    seen.set(name, number)
    const own = number > 1 ? `${name} (${number})` : name
    if (!found.has(own)) found.set(own, { value, index })
  })
  return found
}

const kSaid: Partial<Record<FlowPart, string[]>> = {
  node: ['typeId', 'version'],
  edge: ['source', 'target'],
  parameter: ['type'],
  widget: ['type']
}

const kOfWhole = [
  'parameters',
  'ports',
  'nodes',
  'edges',
  'groups',
  'notes',
  'widgets',
  'dashboards',
  'alerts',
  'layout',
  'tests',
  '$schema'
]

function wholeOf(root: JsonObject): Json {
  const made = new Map(without(root, ...kOfWhole) as JsonObject)
  const config = made.get('config')
  if (config !== undefined) made.set('config', without(config, 'alerts'))
  return made
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || ((isObject(value) || isList(value)) && countOf(value) === 0)
}

/** New edges that join what a removed one joined: name, former name. */
function sameEnds(before: Map<string, Element>, after: Map<string, Element>): Map<string, string> {
  const gone: [string, string][] = []
  for (const [name, { value }] of before) if (!after.has(name)) gone.push([aboutOf('edge', value), name])
  const found = new Map<string, string>()
  for (const [name, { value }] of after) {
    if (before.has(name)) continue
    const index = gone.findIndex(([about]) => about === aboutOf('edge', value))
    const [match] = index < 0 ? [] : gone.splice(index, 1)
    if (match !== undefined) found.set(name, match[1])
  }
  return found
}

class Comparison {
  readonly parts: PartDiff[] = []
  private readonly former = new Map<string, string>()
  private before: JsonObject
  private after: JsonObject

  constructor(before: JsonObject, after: JsonObject) {
    let old = before
    for (const { from, to } of findRenames(before, after, 'alike')) {
      old = withNodeRenamed(old, from, to)
      this.former.set(to, from)
    }
    this.before = withoutLooks(old)
    this.after = withoutLooks(after)
  }

  run(name: string): void {
    const differences: Difference[] = []
    addDifferences(wholeOf(this.before), wholeOf(this.after), { path: '', was: '', is: '' }, differences)
    if (differences.length > 0)
      this.parts.push({ part: 'flow', change: 'changed', id: name, formerId: '', about: '', pointer: '', differences })
    for (const list of kLists) this.compareList(list)
  }

  private compareList(list: PartList): void {
    const before = elementsOf(this.before, list)
    const after = elementsOf(this.after, list)
    const renamed = list.part === 'edge' ? sameEnds(before, after) : new Map<string, string>()
    const taken = new Set<string>()
    for (const [name, element] of after) {
      const other = renamed.get(name) ?? name
      const old = before.get(other)
      if (old !== undefined) taken.add(other)
      this.one(list, old, element, name, old !== undefined && other !== name ? other : '')
    }
    for (const [name, element] of before) if (!taken.has(name)) this.one(list, element, undefined, name, '')
  }

  private one(
    list: PartList,
    before: Element | undefined,
    after: Element | undefined,
    id: string,
    former: string
  ): void {
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
    const shown = after ?? before
    if (shown === undefined) return
    const formerId = (list.part === 'node' ? this.former.get(id) : undefined) ?? former
    const drop = change === 'changed' ? [list.key] : [list.key, ...(kSaid[list.part] ?? [])]
    const [was, is] = [before, after].map((side) => (side === undefined ? undefined : without(side.value, ...drop)))
    const pointer = below(list.pointer, shown.index)
    const all: Difference[] = []
    const at = { path: '', was: below(list.pointer, before?.index ?? 0), is: below(list.pointer, after?.index ?? 0) }
    addDifferences(was, is, at, all)
    const differences = all.filter(
      (each) => each.path !== '' && !(each.path === 'settings' && isEmpty(each.before) && isEmpty(each.after))
    )
    if (change === 'changed' && differences.length === 0 && formerId === '') return
    const about = aboutOf(list.part, shown.value)
    this.parts.push({ part: list.part, change, id, formerId, about, pointer, differences })
  }
}

/**
 * What differs, as `weir diff` tells it: nodes, edges and the like are told apart by id (else name), so that moving one in
 * its list, its place and its looks are no difference. What is the same but for its place is told by `movedBetween`.
 */
export function diffFlows(before: Json, after: Json): FlowDiff {
  const [was, is] = [canonicalFlow(before), canonicalFlow(after)]
  const flow = textMember(is, 'id') || textMember(was, 'id')
  const comparison = new Comparison(was, is)
  comparison.run(flow)
  return { flow, parts: comparison.parts }
}

/** Things of both versions that stand elsewhere or have another size. */
export function movedBetween(before: Json, after: Json): { kind: string; id: string }[] {
  const [was, is] = [canonicalFlow(before), canonicalFlow(after)]
  const moved: { kind: string; id: string }[] = []
  for (const kind of ['nodes', 'groups', 'notes', 'widgets']) {
    const places = findPointer(is, `/layout/${kind}`)
    if (!isObject(places)) continue
    const old = findPointer(was, `/layout/${kind}`)
    for (const [id, place] of places) {
      const there = elementNamed(was.get(kind), 'id', id) !== undefined
      if (there && !equalJson(memberOf(old, id) ?? new Map(), place)) moved.push({ kind, id })
    }
  }
  return moved
}
