// The equation of an edge as it runs: exact numbers that add up, or a report that they do not.
import { count } from '@weir/ui/figures/figures.ts'
import { useEffect, useState } from 'react'
import type { FigureStore } from '../../run/figure-store.ts'
import type { ShownRun } from '../../run/shown-run.ts'
import { usePart } from '../../session/use-session.ts'
import { Part } from '../part.tsx'
import { followFigures } from '../run/live-figures.tsx'
import { countsOf, equationOf } from './equation.ts'
import type { EdgeCounts, Equation } from './equation.ts'

function readCounts(figures: FigureStore, id: string): EdgeCounts | undefined {
  return countsOf(figures.last?.edges.find((edge) => edge.id === id))
}

function same(a: EdgeCounts | undefined, b: EdgeCounts | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** At most four times a second, and only while an edge is chosen. */
function useCounts(figures: FigureStore, id: string): EdgeCounts | undefined {
  const [counts, setCounts] = useState<EdgeCounts | undefined>(undefined)
  useEffect(
    () =>
      followFigures(figures, () => {
        const next = readCounts(figures, id)
        setCounts((before) => (same(before, next) ? before : next))
      }),
    [figures, id]
  )
  return counts
}

export function EdgeEquation({ run, id }: { run: ShownRun; id: string }) {
  const counts = useCounts(run.figures, id)
  const ended = usePart(run.facts, (facts) => facts.endedAt !== undefined)
  if (counts === undefined)
    return (
      <Part title={`Rows · ${run.label}`}>
        <p className="text-data text-mute">This run tells no exact counts of the edge.</p>
      </Part>
    )
  const lost = counts.dropped + counts.failed
  return (
    <Part title={`Rows · ${run.label}`}>
      <EquationTable equation={equationOf(counts)} words="given by the source" isSound={ended && lost === 0} />
    </Part>
  )
}

interface TableProps {
  equation: Equation
  /** What is to add up. */
  words: string
  /** It has ended, and nothing is lost. */
  isSound: boolean
}

/** An equation written out; one that does not add up is a fault of the engine, and said to be one. */
export function EquationTable({ equation: { given, terms, missing }, words, isSound }: TableProps) {
  return (
    <>
      <table className="w-full text-data">
        <tbody>
          <Line words={words} number={given} sign="" />
          {terms.map(({ name, words: term, count: number }, at) => (
            <Line key={name} words={term} number={number} sign={at === 0 ? '=' : '+'} />
          ))}
          {missing !== 0 && (
            <tr className="border-t border-line text-error">
              <td className="w-4" aria-hidden="true">
                ✕
              </td>
              <td>{missing > 0 ? 'accounted for nowhere' : 'more than were given'}</td>
              <td className="text-right font-mono">{count(Math.abs(missing))}</td>
            </tr>
          )}
        </tbody>
      </table>
      {missing === 0 && isSound && (
        <p className="text-small text-ok">
          <span aria-hidden="true">✓</span> nothing lost
        </p>
      )}
      {missing !== 0 && (
        <p className="text-small text-error" role="alert">
          These numbers have to add up. That they do not is a fault of the engine: please report it with this flow.
        </p>
      )}
    </>
  )
}

function Line({ words, number, sign }: { words: string; number: number; sign: string }) {
  const warns = number > 0 && (words === 'set aside' || words === 'dropped by rule')
  return (
    <tr className={warns ? 'text-warn' : ''}>
      <td className="w-4 text-faint">{sign}</td>
      <td className={warns ? '' : 'text-mute'}>{words}</td>
      <td className="text-right font-mono">{count(number)}</td>
    </tr>
  )
}
