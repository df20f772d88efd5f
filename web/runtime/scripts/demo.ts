// The demo: data patterns, live metrics, backpressure, a performance test and the debug export, in a terminal.
import {
  DATA_PATTERNS,
  DefaultBackpressureHandler,
  patternValues,
  PerformanceTestSuite,
  StreamDebugger,
  StreamEngine,
  type ConnectionMetrics,
  type DataPattern,
  type StreamConnection
} from '../src/index.ts'

const BARS = '▁▂▃▄▅▆▇█'
const say = (text = ''): void => void process.stdout.write(`${text}\n`)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function title(text: string): void {
  say(`\n${text}\n${'─'.repeat(text.length)}`)
}

function drawn(values: readonly number[]): string {
  const least = Math.min(...values)
  const span = Math.max(...values) - least || 1
  return values.map((one) => BARS[Math.round(((one - least) / span) * (BARS.length - 1))]).join('')
}

function figures(one: ConnectionMetrics): string {
  const share = `${Math.round(one.bufferUtilization * 100)} %`.padStart(5)
  const read = `${one.messageCount} read`.padStart(11)
  const dropped = `${one.dropped} dropped`.padStart(14)
  const rate = `${Math.round(one.throughput)}/s`.padStart(9)
  return `${read}${dropped}${rate}   buffer ${share}   ${one.averageLatency.toFixed(1)} ms on average`
}

function connect(streams: StreamEngine, config = {}): StreamConnection {
  return streams.getConnection(streams.createConnection('source', 'target', 'out', 'in', config))
}

async function write(to: StreamConnection, values: readonly number[], count: number, everyMs: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const data = { value: values[i % values.length] }
    const from = { sourceNodeId: 'source', targetNodeId: 'target', port: 'out' }
    await to.writer.write({ ...from, id: `m${i}`, timestamp: Date.now(), data, priority: i % 50 === 0 ? 1 : 0 })
    if (everyMs > 0) await pause(everyMs)
  }
}

async function showPatterns(streams: StreamEngine): Promise<Record<DataPattern, number[]>> {
  title('Data patterns, made by the engine')
  const values: Partial<Record<DataPattern, number[]>> = {}
  for (const pattern of DATA_PATTERNS) {
    values[pattern] = await patternValues(await streams.engine(), pattern, 100)
    say(`${pattern.padEnd(12)}${drawn(values[pattern].slice(0, 60))}`)
  }
  return values as Record<DataPattern, number[]>
}

async function showMetrics(streams: StreamEngine, values: readonly number[]): Promise<void> {
  title('Live metrics')
  const connection = connect(streams)
  connection.subscribe(() => undefined)
  const writing = write(connection, values, 250, 2)
  for (let i = 0; i < 4; i++) {
    await pause(150)
    say(figures(await connection.metrics()))
  }
  await writing
  await connection.close()
  await connection.finished
  say(figures(await connection.metrics()))
}

async function showBackpressure(streams: StreamEngine, values: readonly number[]): Promise<void> {
  title('Backpressure: a reader that takes 5 ms a message')
  const slow = (): Promise<void> => pause(5)
  const waits = connect(streams, { bufferSize: 20, maxBatchSize: 5, batchTimeout: 0 })
  waits.subscribe(slow)
  let began = performance.now()
  await write(waits, values, 150, 0)
  say(`without a handler the writer waits: 150 messages in ${Math.round(performance.now() - began)} ms, none dropped`)
  say(figures(await waits.metrics()))

  streams.setBackpressureHandler({
    policy: new DefaultBackpressureHandler().policy,
    onPressure: (event) => {
      say(`  ${event.kind}: ${event.message}`)
    }
  })
  const drops = connect(streams, { bufferSize: 20, maxBatchSize: 5, batchTimeout: 0 })
  let important = 0
  drops.subscribe(async (message) => {
    important += message.priority ?? 0
    await slow()
  })
  began = performance.now()
  await write(drops, values, 2000, 0)
  const took = Math.round(performance.now() - began)
  await drops.close()
  await drops.finished
  say(`with DefaultBackpressureHandler it does not wait: 2000 messages in ${took} ms`)
  say(figures(await drops.metrics()))
  say(`of 40 messages of a higher priority ${important} arrived`)
}

async function showPerformance(streams: StreamEngine): Promise<void> {
  title('A performance test: 5,000 messages a second over 10 connections, for 2 s')
  const suite = new PerformanceTestSuite(streams)
  await suite.runTest({
    name: 'Demo',
    duration: 2000,
    messageRate: 5000,
    messageSize: 200,
    concurrentConnections: 10,
    dataPattern: 'sine-wave'
  })
  say(suite.generateReport())
}

function showDebugData(watching: StreamDebugger): void {
  title('The debug export')
  watching.stopRecording()
  const data = watching.exportDebugData()
  const counts = new Map<string, number>()
  for (const { type } of data.events) counts.set(type, (counts.get(type) ?? 0) + 1)
  for (const [type, count] of counts) say(`${String(count).padStart(7)} ${type}`)
  for (const alert of data.alerts.slice(-3)) say(`  alert ${alert.severity}: ${alert.message}`)
  say(`${JSON.stringify(data).length} bytes of JSON; ${data.eventsLeftOut} older events had no room`)
}

const streams = new StreamEngine()
const watching = new StreamDebugger(streams)
watching.startRecording()
const values = await showPatterns(streams)
await showMetrics(streams, values['sine-wave'])
await showBackpressure(streams, values.step)
await showPerformance(new StreamEngine())
showDebugData(watching)
await streams.dispose()
