// The document as `weir fmt` writes it, as a value: keys in their order, presets expanded, places in the layout.
import { countOf, isList, isObject, memberOf } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { compareText } from '../json/text.ts'
import { flowShape, layoutShape } from './shape.ts'
import type { Shape, ShapeKey } from './shape.ts'

/** The lists whose elements have places. */
export const kPlacedLists = ['nodes', 'groups', 'notes', 'widgets'] as const
export type PlacedList = (typeof kPlacedLists)[number]

const kPresets = new Map<string, [number, number, number, number, number]>([
  ['highFrequency', [2000, 0.7, 0.9, 100, 8]],
  ['lowLatency', [500, 0.9, 0.95, 20, 4]],
  ['smallMemory', [200, 0.6, 0.9, 10, 50]]
])

/** What an edge's preset stands for: buffer and batch; an empty object if there is no such preset. */
export function presetOf(name: string): JsonObject {
  const preset = kPresets.get(name)
  if (preset === undefined) return new Map()
  const [rows, threshold, dropThreshold, maxRows, maxWaitMs] = preset
  const buffer = new Map<string, Json>(Object.entries({ rows, threshold, dropThreshold }))
  return new Map<string, Json>([
    ['buffer', buffer],
    ['batch', new Map<string, Json>(Object.entries({ maxRows, maxWaitMs }))]
  ])
}

/** An edge with what its preset stands for in the preset's place. */
export function withoutPreset(edge: JsonObject): JsonObject {
  const preset = edge.get('preset')
  if (typeof preset !== 'string') return edge
  const made = new Map(edge)
  made.delete('preset')
  for (const [key, part] of presetOf(preset)) {
    const own = made.get(key)
    if (!isObject(own) || !isObject(part)) {
      if (own === undefined) made.set(key, part)
      continue
    }
    made.set(key, new Map([...own, ...[...part].filter(([name]) => !own.has(name))]))
  }
  return made
}

function orderedBy(value: Json, key: ShapeKey): Json {
  const { shape, form } = key
  if (shape === undefined) return value
  if (form === 'object') return orderedObject(value, shape)
  if (isList(value)) return value.map((element) => orderedObject(element, shape))
  if (!isObject(value)) return form === 'list' ? [] : new Map()
  return new Map([...value].map(([name, member]) => [name, orderedObject(member, shape)]))
}

/** Members by the shape, those of one's own last, no nulls. */
export function orderedObject(value: Json, shape: Shape): Json {
  if (!isObject(value)) return value
  const made = new Map<string, Json>()
  for (const key of shape.keys) {
    const found = value.get(key.name)
    if (found === undefined || (found === null && key.name !== 'default')) continue
    made.set(key.name, orderedBy(found, key))
  }
  const own = [...value.keys()].filter((name) => !shape.byName.has(name)).sort(compareText)
  for (const name of own) made.set(name, value.get(name) ?? null)
  return made
}

const kBoxParts = [
  ['position', 'x'],
  ['position', 'y'],
  ['size', 'width'],
  ['size', 'height']
] as const

/** The place of a thing: its own, or that which the layout has had. */
export function boxOf(item: Json, before: Json | undefined): JsonObject {
  const box = new Map<string, Json>()
  for (const [key, part] of kBoxParts) {
    const number = memberOf(memberOf(item, key) ?? before, part)
    if (number !== undefined) box.set(part, number)
  }
  return box
}

/** The layout with the places of all things that are there, in their order. */
export function layoutOf(root: JsonObject): JsonObject {
  const given = root.get('layout')
  const layout = new Map<string, Json>(isObject(given) ? given : [])
  for (const kind of kPlacedLists) {
    const list = root.get(kind)
    if (!isList(list)) continue
    const old = layout.get(kind)
    const places = new Map<string, Json>()
    for (const item of list) {
      const id = memberOf(item, 'id')
      if (typeof id !== 'string') continue
      const box = boxOf(item, memberOf(old, id))
      if (box.size > 0) places.set(id, box)
    }
    if (places.size > 0) layout.set(kind, places)
    else layout.delete(kind)
  }
  return layout
}

function withoutPlace(item: Json): Json {
  if (!isObject(item) || typeof item.get('id') !== 'string') return item
  if (!item.has('position') && !item.has('size')) return item
  const made = new Map(item)
  made.delete('position')
  made.delete('size')
  return made
}

/** What `weir diff` and `weir merge` compare. */
export function canonicalFlow(document: Json): JsonObject {
  const root = new Map<string, Json>(isObject(document) ? document : [])
  const layout = layoutOf(root)
  for (const kind of kPlacedLists) {
    const list = root.get(kind)
    if (isList(list)) root.set(kind, list.map(withoutPlace))
  }
  root.delete('layout')
  const edges = root.get('edges')
  if (isList(edges))
    root.set(
      'edges',
      edges.map((edge) => (isObject(edge) ? withoutPreset(edge) : edge))
    )
  const made = new Map(orderedObject(root, flowShape) as JsonObject)
  if (countOf(layout) > 0) made.set('layout', orderedObject(layout, layoutShape))
  return made
}
