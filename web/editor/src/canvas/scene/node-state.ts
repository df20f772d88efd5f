// The state of a node as it is drawn: a mark with its own shape, and a line of figures.
import { count, rate } from '@weir/ui/figures/figures.ts'
import type { FigureStore } from '../../run/figure-store.ts'
import type { RunFacts } from '../../run/shown-run.ts'
import type { ColorName } from '../paint/theme.ts'

/** Each has a shape: ▶ ✓ ▲ ✕ ‖, or none. */
export type Mark = 'none' | 'running' | 'done' | 'warning' | 'error' | 'held'

export const kMarkColors: Readonly<Record<Mark, ColorName>> = {
  none: 'rest',
  running: 'ok',
  done: 'ok',
  warning: 'warn',
  error: 'error',
  held: 'rest'
}

export const kMarkWords: Readonly<Record<Mark, string>> = {
  none: '',
  running: 'running',
  done: 'done',
  warning: 'needs attention',
  error: 'failed',
  held: 'held'
}

export interface NodeFacts {
  figures: FigureStore | undefined
  run: RunFacts | undefined
  /** The worst problem that was found in it. */
  problem: 'error' | 'warning' | undefined
  /** It is not what the shown run runs. */
  changed: boolean
  /** How often it failed in this run. */
  failures: number
  isHeld: boolean
  isHeldBack: boolean
  /** The fullest queue before it, 0 to 1. */
  queue: number
}

export interface NodeState {
  mark: Mark
  /** The mark in a word: of a run that failed, or of what is wrong in the document. */
  words: string
  /** The last line: figures, or what is to be known instead. */
  line: string
  /** It holds up the others. */
  slow: boolean
  aside: number
}

export function nodeState(id: string, facts: NodeFacts): NodeState {
  const { run, figures } = facts
  if (facts.changed && run !== undefined) return { ...atRest(facts), line: 'not running yet' }
  if (run === undefined || figures === undefined) return atRest(facts)
  const slow = run.heldUpBy === id && (run.status === 'running' || run.status === 'held')
  const aside = figures.node(id, 'failed')
  const mark = markOf(id, facts, slow)
  const words = facts.failures > 0 ? kMarkWords.error : wordsOf(mark)
  return { mark, words, line: lineOf(id, facts, figures, slow), slow, aside }
}

/** Of no run: what is wrong with it alone. */
function atRest(facts: NodeFacts): NodeState {
  const mark = problemMark(facts)
  return { mark, words: wordsOf(mark), line: '', slow: false, aside: 0 }
}

/** Of a node that did not fail. */
function wordsOf(mark: Mark): string {
  return mark === 'error' ? 'has a problem' : kMarkWords[mark]
}

function problemMark(facts: NodeFacts): Mark {
  return facts.problem === 'error' ? 'error' : facts.problem === 'warning' ? 'warning' : 'none'
}

function markOf(id: string, facts: NodeFacts, slow: boolean): Mark {
  const { run, figures } = facts
  if (facts.failures > 0) return 'error'
  if (facts.isHeld || facts.isHeldBack) return 'held'
  if (slow) return 'warning'
  if (facts.problem !== undefined) return problemMark(facts)
  if (run === undefined || figures?.hasNode(id) !== true) return 'none'
  if (run.status === 'done') return 'done'
  if (run.status === 'failed' || run.status === 'cancelled') return 'none'
  const busy = figures.node(id, 'inRate') + figures.node(id, 'outRate') > 0
  return busy ? 'running' : 'none'
}

function lineOf(id: string, facts: NodeFacts, figures: FigureStore, slow: boolean): string {
  if (slow) return facts.queue > 0 ? `slowest · queue ${Math.round(facts.queue * 100)} %` : 'slowest'
  const [into, out] = [figures.node(id, 'inRate'), figures.node(id, 'outRate')]
  const held = facts.isHeldBack ? 'held back · ' : ''
  if (into + out > 0) return held + rates(into, out)
  const [rowsIn, rowsOut] = [figures.node(id, 'rowsIn'), figures.node(id, 'rowsOut')]
  if (rowsIn + rowsOut === 0) return facts.isHeldBack ? 'held back' : ''
  const rows =
    rowsIn > 0 && rowsOut > 0 && rowsIn !== rowsOut
      ? `${short(rowsIn)} → ${short(rowsOut)}`
      : short(Math.max(rowsIn, rowsOut))
  return `${held}${rows} rows`
}

/** In and out in one unit, as 1.28 → 1.02 M/s. */
function rates(into: number, out: number): string {
  if (into === 0 || out === 0 || rate(into) === rate(out)) return rate(Math.max(into, out))
  const [a, b] = [rate(into), rate(out)]
  const unit = /[\u2009/].*$/.exec(b)?.[0] ?? ''
  return unit !== '' && a.endsWith(unit) ? `${a.slice(0, -unit.length)} → ${b}` : `${a} → ${b}`
}

/** Rows, exact up to a million. */
export function short(rows: number): string {
  if (rows < 1e6) return count(Math.round(rows))
  const [size, unit] = rows < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  return `${(rows / size).toFixed(rows / size < 100 ? 1 : 0)}\u2009${unit}`
}
