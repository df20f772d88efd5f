// The equation of a node in a run that has ended: what came to it is what it gave on, what was set aside, and what it did not let through.
import { useMemo } from 'react'
import type { ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { EquationTable } from '../edge/edge-equation.tsx'
import { countsOf, nodeEquation } from '../edge/equation.ts'
import type { Equation } from '../edge/equation.ts'
import { Part } from '../part.tsx'

export function NodeEquation({ session, id }: { session: EditorSession; id: string }) {
  const shown = usePart(session.run, (state) => state.shown)
  return shown === undefined ? null : <OfRun session={session} run={shown} id={id} />
}

function OfRun({ session, run, id }: { session: EditorSession; run: ShownRun; id: string }) {
  // While it goes on a row may be inside; samples are ended where they have enough.
  const ended = usePart(run.facts, ({ status }) => status === 'done') && run.kind !== 'sample'
  const equation = useMemo(() => (ended ? equationAt(session, run, id) : undefined), [session, run, id, ended])
  if (equation === undefined) return null
  const lost = run.figures.node(id, 'failed')
  return (
    <Part title="Where its rows are">
      <EquationTable equation={equation} words="came to it" isSound={lost === 0} />
    </Part>
  )
}

/** Undefined: nothing is told of it, or rows come and go otherwise than one by one. */
export function equationAt({ document, catalogue }: EditorSession, run: ShownRun, id: string): Equation | undefined {
  const node = document.node(id)
  const type = node === undefined ? undefined : catalogue.typeOf(node)
  const told = run.figures.last?.nodes.find((one) => one.id === id)
  if (type === undefined || told === undefined || node?.bypass === true) return undefined
  const number = (name: string): number => (typeof told[name] === 'number' ? told[name] : 0)
  const ports = new Map<string, number>()
  // Of several edges of one port each is given all of its rows.
  for (const edge of document.edgesOutOf(id)) {
    const counts = countsOf(run.figures.last?.edges.find((one) => one.id === edge.id))
    if (counts === undefined) return undefined
    if (edge.source.port !== 'error')
      ports.set(edge.source.port, Math.max(ports.get(edge.source.port) ?? 0, counts.offered))
  }
  return nodeEquation(type.cardinality, {
    rowsIn: number('rowsIn'),
    rowsOut: number('rowsOut'),
    failed: number('failed'),
    given: [...ports].map(([port, rows]) => ({ port, rows }))
  })
}
