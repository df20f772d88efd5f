// Keeps a document in its form: what operations make of it is what the engine reads.
import { checkMember, checkShape } from '../document/check-shape.ts'
import type { ElementKind } from '../document/elements.ts'
import { edgeShape, flowShape, groupShape, nodeShape, noteShape, widgetShape } from '../document/shape.ts'
import type { Shape } from '../document/shape.ts'
import { Problems } from '../problem.ts'
import type { Json, JsonObject } from '../json/value.ts'

const kShapes: Record<ElementKind | 'flow', Shape> = {
  nodes: nodeShape,
  edges: edgeShape,
  groups: groupShape,
  notes: noteShape,
  widgets: widgetShape,
  flow: flowShape
}

/** Why this is no element of its kind; empty if it is one. */
export function wrongElement(kind: ElementKind, value: JsonObject): string {
  const problems = new Problems()
  checkShape(value, kShapes[kind], '', problems)
  return problems.list[0]?.message ?? ''
}

/** Why an element, or the document, cannot have this value under a key (undefined: none); empty if it can. */
export function wrongMember(kind: ElementKind | 'flow', key: string, value: Json | undefined): string {
  const shape = kShapes[kind]
  const known = shape.byName.get(key)
  if (value === undefined) return known?.required === true ? `${shape.name} needs the key '${key}'.` : ''
  const problems = new Problems()
  checkMember(key, value, shape, '', problems)
  return problems.list[0]?.message ?? ''
}

/** Whether null means that there is nothing, which is how it is written then. */
export function nullIsNothing(kind: ElementKind | 'flow', keys: readonly string[]): boolean {
  return keys.length === 1 && kShapes[kind].byName.get(keys[0] ?? '')?.nullable === true
}
