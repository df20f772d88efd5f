// Which node types are meant by what somebody typed, the best first.
import { fits } from '@weir/flow-model'
import type { Catalogue, NodeType, PortSpec } from '@weir/flow-model'

export interface FoundType {
  type: NodeType
  /** The port that a wire goes to; empty if none was dragged. */
  port: string
}

/** How well a word is in a type: 0 not at all, more is better. */
function weightOf(type: NodeType, word: string): number {
  const name = type.name.toLowerCase()
  if (name.startsWith(word)) return 8
  if (name.split(/[^a-z0-9]+/).some((part) => part.startsWith(word))) return 6
  if (type.id.includes(word)) return 5
  if (type.keywords.some((keyword) => keyword.toLowerCase().startsWith(word))) return 4
  if (name.includes(word)) return 3
  return type.description.toLowerCase().includes(word) ? 1 : 0
}

/** The newest of each type that has all words, those that fit the port alone if one is given. */
export function findTypes(
  catalogue: Catalogue,
  text: string,
  from?: { port: PortSpec; side: 'inputs' | 'outputs' }
): FoundType[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const all: FoundType[] =
    from === undefined
      ? catalogue.types.filter((type) => catalogue.newest(type.id) === type).map((type) => ({ type, port: '' }))
      : fits(catalogue, from.port, from.side)
  const weighed = all.flatMap((found) => {
    const weights = words.map((word) => weightOf(found.type, word))
    return weights.includes(0) ? [] : [{ found, weight: weights.reduce((sum, one) => sum + one, 0) }]
  })
  weighed.sort(
    (a, b) =>
      b.weight - a.weight ||
      a.found.type.category.localeCompare(b.found.type.category) ||
      a.found.type.name.localeCompare(b.found.type.name)
  )
  return weighed.map(({ found }) => found)
}
