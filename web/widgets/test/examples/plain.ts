// A chart of a run, without a framework.
import { BrowserEngine } from '@weir/engine-client/browser'
import { LineChartView, RunStreamer } from '@weir/widgets/core'

const engine = await BrowserEngine.make({
  module: '/weir.wasm',
  makeWorker: () => new Worker('/engine-worker.js', { type: 'module' })
})
const settings = { pattern: 'sine', rows: 5000 }
const nodes = [{ id: 'sensor', typeId: 'generate/pattern', version: '1.0.0', settings }]
const flow = { id: 'waves', version: '1.0.0', nodes, edges: [] }
const run = await engine.run(flow, { outlets: [{ node: 'sensor', port: 'rows' }] })

const streams = new RunStreamer(run)
const chart = new LineChartView({ title: 'Load', clock: streams.clock, y: ['value'] })
document.body.append(chart.element)
streams.attach('sensor', chart)
