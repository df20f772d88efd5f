// The order of a list that two people changed (engine/flow/merge-order.cpp).
import { compareText } from '../json/text.ts'

export type Side = 'ours' | 'theirs'

export interface MergedOrder {
  names: string[]
  /** Both put what was there into another order, each into a different one. */
  conflict: boolean
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); ++i) {
    const order = compareText(a[i] ?? '', b[i] ?? '')
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Per gap of the backbone (before its first name, behind each) the names that stand there on one side. */
function gapsOf(side: readonly string[], backbone: ReadonlyMap<string, number>, kept: ReadonlySet<string>): string[][] {
  const gaps = Array.from({ length: backbone.size + 1 }, (): string[] => [])
  let at = 0
  for (const name of side) {
    const place = backbone.get(name)
    if (place !== undefined) at = place + 1
    else if (kept.has(name)) gaps[at]?.push(name)
  }
  return gaps
}

/** What both have at different gaps stays at the first of them. */
function keepFirst(gaps: string[][], others: string[][]): void {
  const first = new Map<string, number>()
  for (const side of [gaps, others]) {
    side.forEach((names, index) => {
      for (const name of names) first.set(name, Math.min(first.get(name) ?? index, index))
    })
  }
  for (const side of [gaps, others]) {
    side.forEach((names, index) => {
      side[index] = names.filter((name) => first.get(name) === index)
    })
  }
}

/** Two lists that may share names, chunk by chunk between what they share. */
function joined(leftNames: readonly string[], rightNames: readonly string[]): string[] {
  const out: string[] = []
  let left = [...leftNames]
  let right = [...rightNames]
  /** How many stand before the first name that the other has too. */
  const before = (names: readonly string[], other: readonly string[]): number => {
    const index = names.findIndex((name) => other.includes(name))
    return index < 0 ? names.length : index
  }
  while (left.length > 0 || right.length > 0) {
    let a = left.splice(0, before(left, right))
    let b = right.splice(0, before(right, left))
    if (a.length > 0 && b.length > 0 && compareText(b[0] ?? '', a[0] ?? '') < 0) [a, b] = [b, a]
    out.push(...a, ...b)
    const [x] = left
    const [y] = right
    if (x === undefined || y === undefined) continue
    const next = compareText(x, y) <= 0 ? x : y
    out.push(next)
    left = left.filter((name) => name !== next)
    right = right.filter((name) => name !== next)
  }
  return out
}

/**
 * Puts `kept` in order: what was there stays where it was, or where the one who moved it put it; what was added stands
 * behind what it was added behind. Of a conflict `favour` wins, or if there is none the order that is the lesser text.
 */
export function mergeOrder(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  kept: ReadonlySet<string>,
  favour: Side | undefined
): MergedOrder {
  const inOurs = new Set(ours)
  const inTheirs = new Set(theirs)
  const stayed = new Set(base.filter((name) => kept.has(name) && inOurs.has(name) && inTheirs.has(name)))
  const only = (names: readonly string[]): string[] => names.filter((name) => stayed.has(name))
  const was = only(base)
  const left = only(ours)
  const right = only(theirs)
  let backbone = same(left, was) ? right : left
  const conflict = !same(left, was) && !same(right, was) && !same(left, right)
  if (conflict && (favour === undefined ? compareLists(right, left) < 0 : favour === 'theirs')) backbone = right
  const places = new Map(backbone.map((name, index) => [name, index]))
  const gaps = gapsOf(ours, places, kept)
  const others = gapsOf(theirs, places, kept)
  keepFirst(gaps, others)
  const names: string[] = []
  for (let i = 0; i <= backbone.length; ++i) {
    const name = backbone[i - 1]
    if (name !== undefined) names.push(name)
    names.push(...joined(gaps[i] ?? [], others[i] ?? []))
  }
  return { names, conflict }
}
