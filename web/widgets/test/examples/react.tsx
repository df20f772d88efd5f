// The same in React, with a component of the page's own beside it.
import type { Execution } from '@weir/engine-client'
import { LineChart, RunStreamer, StreamsProvider, useStreamData } from '@weir/widgets'
import { createRoot } from 'react-dom/client'

function Newest({ streamId }: { streamId: string }) {
  const { data, isConnected, metrics } = useStreamData(streamId, {
    bufferSize: 1000,
    updateInterval: 16,
    enableBackpressure: true
  })
  return (
    <p id="newest">
      {isConnected ? 'live' : 'ended'}: {metrics.messageCount} rows, {data.length} kept
    </p>
  )
}

export function show(run: Execution, place: HTMLElement) {
  createRoot(place).render(
    <StreamsProvider streams={new RunStreamer(run)}>
      <LineChart nodeId="sensor" title="Load" y={['value']} points={500_000} />
      <Newest streamId="sensor" />
    </StreamsProvider>
  )
}
