// Sends a message through a connection.
import { DefaultBackpressureHandler, GracefulErrorRecovery, StreamEngine } from '@weir/runtime'

const streamEngine = new StreamEngine()
streamEngine.setBackpressureHandler(new DefaultBackpressureHandler())
streamEngine.setErrorRecovery(new GracefulErrorRecovery())

const connectionId = streamEngine.createConnection('sourceNode', 'targetNode', 'outputPort', 'inputPort')
const connection = streamEngine.getConnection(connectionId)

connection.subscribe((message) => {
  console.log('received', message.id, message.data)
})

await connection.writer.write({
  id: 'msg-1',
  timestamp: Date.now(),
  sourceNodeId: 'sourceNode',
  targetNodeId: 'targetNode',
  port: 'outputPort',
  data: { value: 42 }
})

// What was written is still read; the connection is forgotten.
await streamEngine.removeConnection(connectionId)
await connection.finished
