// Drops what matters least when messages come too fast.
import { AdaptiveBackpressureHandler, DefaultBackpressureHandler, StreamEngine } from '@weir/runtime'

const streamEngine = new StreamEngine()
streamEngine.setBackpressureHandler(
  new DefaultBackpressureHandler({
    dropThreshold: 0.9, // messages are dropped when the buffer is 90 % full
    priorityDrop: true, // those of the lowest priority first
    maxWaitTime: 100 // and, while it is full, those that have waited 100 ms
  })
)

const id = streamEngine.createConnection('camera', 'screen', 'frames', 'in', { bufferSize: 100 })
const { writer } = streamEngine.getConnection(id)

// Nobody reads: the writer never waits, the least important messages go, and every one of them is counted.
for (let i = 0; i < 1000; i++) {
  const priority = i % 100 === 0 ? 1 : 0
  const from = { sourceNodeId: 'camera', targetNodeId: 'screen', port: 'frames' }
  await writer.write({ ...from, id: `frame-${i}`, timestamp: Date.now(), data: i, priority })
}
const metrics = await streamEngine.getConnection(id).metrics()
console.log('sent', metrics.sent, 'dropped', metrics.dropped > 800)

// This one follows how long messages wait and how busy the machine is.
streamEngine.setBackpressureHandler(new AdaptiveBackpressureHandler())
await streamEngine.dispose()
