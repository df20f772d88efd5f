// React components over a run of the real engine in this page.
import type { Execution } from '@weir/engine-client'
import { StrictMode, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { runOf } from './engine-run.ts'
import { BarChart, DataTable, LineChart, RunStreamer, StreamsProvider, useStreamData } from '../../src/index.ts'

/** As the specification writes it. */
function MyWidget({ streamId }: { streamId: string }): ReactElement {
  const { data, isConnected, metrics } = useStreamData(streamId, {
    bufferSize: 1000,
    updateInterval: 16,
    enableBackpressure: true
  })
  return (
    <div id="mine">
      <div>Status: {isConnected ? 'Connected' : 'Disconnected'}</div>
      <div>Messages: {metrics.messageCount}</div>
      <div>Latency: {metrics.averageLatency.toFixed(1)}ms</div>
      <div>Kept: {data.length}</div>
    </div>
  )
}

const FLOW = {
  id: 'waves',
  version: '1.0.0',
  nodes: [
    { id: 'wave', typeId: 'generate/pattern', version: '1.0.0', settings: { pattern: 'sine', rows: 20_000, seed: 1 } },
    {
      id: 'part',
      typeId: 'logic/map',
      version: '1.0.0',
      settings: { set: { side: "row.value > 0.0 ? 'above' : 'below'" } }
    }
  ],
  edges: [{ id: 'e', source: { node: 'wave', port: 'rows' }, target: { node: 'part', port: 'rows' } }]
}

export async function showReact(board: HTMLElement): Promise<Execution> {
  const run = await runOf(FLOW, 'part')
  const streamer = new RunStreamer(run)
  const place = document.createElement('div')
  place.id = 'react'
  board.append(place)
  createRoot(place).render(
    <StrictMode>
      <StreamsProvider streams={streamer}>
        <div className="s6x4">
          <LineChart nodeId="part" title="Wave" y={['value']} points={2000} />
        </div>
        <div className="s6x4">
          <BarChart nodeId="part" title="Rows above and below" show="count" category="side" />
        </div>
        <div className="s12x5">
          <DataTable nodeId="part" title="Rows" rows={500} timeZone="Europe/Berlin" />
        </div>
        <MyWidget streamId="part" />
      </StreamsProvider>
    </StrictMode>
  )
  return run
}
