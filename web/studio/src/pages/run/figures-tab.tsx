// The figures of a run: rows over time, and a line for each node and edge.
import { useMemo } from 'react'
import { bytes, count, rate, short } from '@weir/ui/figures/figures.ts'
import { Section } from '@weir/ui/section.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { Empty } from '@weir/ui/states.tsx'
import { Chart } from './chart.tsx'
import type { EdgeFigures, NodeFigures, RunFigures } from './metrics.ts'
import type { Moment } from './use-run-live.ts'

/** The tab. */
export function FiguresTab({ figures, moments }: { figures: RunFigures | null; moments: readonly Moment[] }) {
  const [seconds, speeds, held] = useMemo(
    () => [moments.map((one) => one.seconds), moments.map((one) => one.rowsPerSecond), moments.map((one) => one.held)],
    [moments]
  )
  if (figures === null)
    return <Empty title="There are no figures yet">They come a second after the run has begun.</Empty>
  return (
    <>
      {moments.length > 1 && (
        <div className="grid gap-4 border-b border-line p-4 lg:grid-cols-2">
          <Chart title="Rows a second" seconds={seconds} values={speeds} colour="--water" text={rate} />
          <Chart title="Waiting rows" seconds={seconds} values={held} colour="--state-warn" text={count} />
        </div>
      )}
      <Section
        title="Nodes"
        actions={
          <span className="text-mute">
            memory {bytes(figures.usedBytes)}, at most {bytes(figures.peakBytes)}
          </span>
        }
      >
        <NodeTable nodes={figures.nodes} elapsedMicros={figures.elapsedMicros} />
      </Section>
      <Section title="Edges">
        <EdgeTable edges={figures.edges} />
      </Section>
    </>
  )
}

function NodeTable({ nodes, elapsedMicros }: { nodes: readonly NodeFigures[]; elapsedMicros: number }) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">State</th>
          {['Rows in', 'Rows out', 'Failed', 'Retries', 'Busy', 'p95 a step', 'Bytes out'].map((head) => (
            <th key={head} scope="col" className="figure">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <tr key={node.id}>
            <td>
              <b className="font-semibold">{node.id}</b> <span className="text-mute">{node.typeId}</span>
            </td>
            <td>
              {node.done ? (
                <StateBadge tone="ok">done</StateBadge>
              ) : (
                <StateBadge tone="flow">{node.waitsFor === '' ? 'working' : `waits for ${node.waitsFor}`}</StateBadge>
              )}
            </td>
            <td className="figure">{count(node.rowsIn)}</td>
            <td className="figure">{count(node.rowsOut)}</td>
            <td className={`figure ${node.failed > 0 ? 'text-error' : 'text-mute'}`}>{count(node.failed)}</td>
            <td className="figure">{count(node.retries)}</td>
            <td className="figure">
              {elapsedMicros > 0 ? `${Math.round(node.busyNanos / elapsedMicros / 10)} %` : ''}
            </td>
            <td className="figure">{short(node.p95Nanos)}</td>
            <td className="figure">{bytes(node.bytesOut)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function EdgeTable({ edges }: { edges: readonly EdgeFigures[] }) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">Edge</th>
          <th scope="col">From, to</th>
          {['Passed', 'Filtered', 'Dropped', 'Waiting', 'Fill'].map((head) => (
            <th key={head} scope="col" className="figure">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {edges.map((edge) => (
          <tr key={edge.id}>
            <td>{edge.id}</td>
            <td className="text-mute">
              {edge.source} → {edge.target}
            </td>
            <td className="figure">{count(edge.taken)}</td>
            <td className="figure">{count(edge.filtered)}</td>
            <td className={`figure ${edge.dropped > 0 ? 'text-error' : 'text-mute'}`}>{count(edge.dropped)}</td>
            <td className="figure">{count(edge.held)}</td>
            <td className="figure">
              {edge.capacityRows === 0 ? '' : `${Math.round((100 * edge.held) / edge.capacityRows)} %`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
