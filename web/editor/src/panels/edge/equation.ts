// The equation of an edge: what it was given is what was taken, what waits, and what left it otherwise. Exact numbers.

/** Counts of an edge as the engine tells them. */
export interface EdgeCounts {
  offered: number
  taken: number
  held: number
  filtered: number
  dropped: number
  discarded: number
  failed: number
}

export interface EquationTerm {
  name: string
  /** In a person's words. */
  words: string
  count: number
}

export interface Equation {
  given: number
  /** Those that are always told, and the others where there are any. */
  terms: readonly EquationTerm[]
  /** What is given and accounted for nowhere; below zero: more is accounted for than was given. */
  missing: number
}

const kTerms: readonly (readonly [keyof EdgeCounts, string, boolean])[] = [
  ['taken', 'taken', true],
  ['held', 'waiting', true],
  ['dropped', 'dropped by rule', true],
  ['filtered', 'left out by its filter', false],
  ['failed', 'set aside', false],
  ['discarded', 'not wanted any more', false]
]

/** Reads the counts of an edge out of the figures of a run; undefined if they are not told in full. */
export function countsOf(figures: Readonly<Record<string, unknown>> | undefined): EdgeCounts | undefined {
  if (figures === undefined) return undefined
  const counts = { offered: 0, taken: 0, held: 0, filtered: 0, dropped: 0, discarded: 0, failed: 0 }
  for (const name of Object.keys(counts) as (keyof EdgeCounts)[]) {
    const value = figures[name]
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
    counts[name] = value
  }
  return counts
}

export function equationOf(counts: EdgeCounts): Equation {
  const terms = kTerms
    .filter(([name, , always]) => always || counts[name] !== 0)
    .map(([name, words]) => ({ name, words, count: counts[name] }))
  const told = kTerms.reduce((sum, [name]) => sum + counts[name], 0)
  return { given: counts.offered, terms, missing: counts.offered - told }
}

/** What came to a node and what became of it. */
export interface NodeCounts {
  rowsIn: number
  rowsOut: number
  failed: number
  /** Rows that its edges were given, by port; only of ports that lead somewhere. */
  given: readonly { port: string; rows: number }[]
}

/**
 * Of nodes whose rows are those that came: `one` gives each on, `filter` some; what others make of rows has no equation. Undefined
 * while it runs, since a row may be inside.
 */
export function nodeEquation(
  cardinality: string,
  { rowsIn, rowsOut, failed, given }: NodeCounts
): Equation | undefined {
  if (cardinality !== 'one' && cardinality !== 'filter') return undefined
  const terms: { name: string; words: string; count: number }[] = given.map(({ port, rows }) => ({
    name: port,
    words: `given on by ${port}`,
    count: rows
  }))
  const led = given.reduce((sum, { rows }) => sum + rows, 0)
  const rest = rowsIn - failed - led
  if (failed > 0) terms.push({ name: 'failed', words: 'set aside', count: failed })
  // A row may leave by a port that leads nowhere, or not be let through.
  if (cardinality === 'filter' && rest > 0) terms.push({ name: 'stopped', words: 'not let through', count: rest })
  if (cardinality === 'one' && given.length === 0)
    terms.push({ name: 'rows', words: 'given on, to nobody', count: rowsOut })
  const told = terms.reduce((sum, term) => sum + term.count, 0)
  return { given: rowsIn, terms, missing: rowsIn - told }
}
