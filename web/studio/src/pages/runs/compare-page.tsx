// Two runs beside each other: what differs is marked.
import { Link } from 'react-router'
import { useGet } from '../../api/use-get.ts'
import type { Run } from '../../api/routes.ts'
import { count, duration } from '@weir/ui/figures/figures.ts'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { figuresOf } from '../run/metrics.ts'
import { factsOf, versionText } from './run-facts.ts'

export interface Difference {
  what: string
  a: string
  b: string
  /** How much more the second has, where it is a count. */
  more: number | null
}

function counted(what: string, a: number | null, b: number | null): Difference {
  const text = (value: number | null) => (value === null ? '–' : count(value))
  return { what, a: text(a), b: text(b), more: a === null || b === null ? null : b - a }
}

/** Line by line what is to be said of two runs. */
export function compare(a: Run, b: Run): Difference[] {
  const [factsA, factsB] = [factsOf(a, a.endedAt ?? 0), factsOf(b, b.endedAt ?? 0)]
  const took = (run: Run) =>
    run.startedAt === undefined || run.endedAt === undefined ? null : run.endedAt - run.startedAt
  const text = (ms: number | null) => (ms === null ? '–' : duration(ms))
  const lines: Difference[] = [
    { what: 'State', a: a.state ?? '', b: b.state ?? '', more: null },
    { what: 'Flow', a: a.flow, b: b.flow, more: null },
    { what: 'Version', a: versionText(a.version), b: versionText(b.version), more: null },
    { what: 'Parameters', a: JSON.stringify(a.parameters ?? {}), b: JSON.stringify(b.parameters ?? {}), more: null },
    { what: 'Environment', a: a.environment ?? '', b: b.environment ?? '', more: null },
    { what: 'Time', a: text(took(a)), b: text(took(b)), more: null },
    counted('Rows read', factsA.rows, factsB.rows),
    counted('Set aside', factsA.setAside, factsB.setAside)
  ]
  const [nodesA, nodesB] = [figuresOf(a.metrics)?.nodes ?? [], figuresOf(b.metrics)?.nodes ?? []]
  for (const id of new Set([...nodesA, ...nodesB].map((node) => node.id))) {
    const [inA, inB] = [nodesA.find((node) => node.id === id), nodesB.find((node) => node.id === id)]
    lines.push(counted(`${id}: rows out`, inA?.rowsOut ?? null, inB?.rowsOut ?? null))
    if ((inA?.failed ?? 0) + (inB?.failed ?? 0) > 0) {
      lines.push(counted(`${id}: failed`, inA?.failed ?? null, inB?.failed ?? null))
    }
  }
  return lines
}

/** The page at /runs/compare. */
export function ComparePage() {
  const filters = useFilters()
  const [a, b] = [filters.get('a'), filters.get('b')]
  if (a === '' || b === '') {
    return (
      <Page title="Compare two runs">
        <Empty title="Two runs are needed">
          Tick two of <Link to="/runs">the runs</Link>.
        </Empty>
      </Page>
    )
  }
  return <Compared a={a} b={b} />
}

function Compared({ a, b }: { a: string; b: string }) {
  const first = useGet('/api/v1/runs/{run}', { path: { run: a } }, { everyMs: 2000 })
  const second = useGet('/api/v1/runs/{run}', { path: { run: b } }, { everyMs: 2000 })
  return (
    <Page title="Compare two runs">
      <Shown of={first} what="the first run">
        {(one) => (
          <Shown of={second} what="the second run">
            {(other) => <Lines one={one} other={other} />}
          </Shown>
        )}
      </Shown>
    </Page>
  )
}

function Lines({ one, other }: { one: Run; other: Run }) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">What</th>
          {[one, other].map((run) => (
            <th scope="col" key={run.id}>
              <Link to={`/runs/${run.id}`}>{run.id}</Link>
            </th>
          ))}
          <th scope="col" className="figure">
            Difference
          </th>
        </tr>
      </thead>
      <tbody>
        {compare(one, other).map((line) => {
          const same = line.a === line.b
          return (
            <tr key={line.what}>
              <th scope="row">{line.what}</th>
              <td className={same ? 'text-mute' : ''}>{line.a}</td>
              <td className={same ? 'text-mute' : 'font-semibold'}>{line.b}</td>
              <td className="figure">
                {same
                  ? 'same'
                  : line.more === null
                    ? 'other'
                    : `${line.more > 0 ? '+' : '−'}${count(Math.abs(line.more))}`}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
