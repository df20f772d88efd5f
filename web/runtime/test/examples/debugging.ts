// Watches connections, and exports what happened.
import { StreamDebugger, StreamEngine } from '@weir/runtime'

const streamEngine = new StreamEngine()
const streamDebugger = new StreamDebugger(streamEngine)
streamDebugger.startRecording()

streamDebugger.debug$.subscribe((event) => {
  if (event.type === 'received') console.log(`[${event.type}] ${event.connectionId}`)
})
streamDebugger.alerts$.subscribe((alert) => {
  if (alert.severity === 'critical') console.error(`Critical alert: ${alert.message}`)
})

const id = streamEngine.createConnection('a', 'b', 'out', 'in')
const connection = streamEngine.getConnection(id)
connection.subscribe(() => undefined)
const from = { sourceNodeId: 'a', targetNodeId: 'b', port: 'out' }
await connection.writer.write({ ...from, id: 'm1', timestamp: Date.now(), data: 'hello' })
await connection.close()
await connection.finished

const debugData = streamDebugger.exportDebugData()
console.log(debugData.events.map((event) => event.type).filter((type) => type !== 'metrics'))
