// Configures connections.
import {
  DEFAULT_STREAM_CONFIG,
  HIGH_FREQUENCY_CONFIG,
  LOW_LATENCY_CONFIG,
  MEMORY_CONSTRAINED_CONFIG,
  StreamEngine
} from '@weir/runtime'

const streamEngine = new StreamEngine({ config: HIGH_FREQUENCY_CONFIG }) // for all connections
streamEngine.createConnection('a', 'b', 'out', 'in')
streamEngine.createConnection('a', 'c', 'out', 'in', LOW_LATENCY_CONFIG) // for one
streamEngine.createConnection('a', 'd', 'out', 'in', { ...MEMORY_CONSTRAINED_CONFIG, retryAttempts: 0 })

for (const { config } of streamEngine.listConnections()) {
  console.log(config.bufferSize, config.batchTimeout, config.maxBatchSize, config.backpressureThreshold)
}
console.log(DEFAULT_STREAM_CONFIG)
await streamEngine.dispose()
