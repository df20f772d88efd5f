// Decides whether a workflow can run here.
import { loadEngine, PlacementDecision, type GraphSchema } from '@weir/runtime'

const engine = await loadEngine()
const decision = await PlacementDecision.make(engine, {
  limits: { maxConcurrentNodes: 4, memoryThreshold: 512 << 20, executionTimeout: 600_000, streamBufferSize: 256 << 10 }
})
const workflow: GraphSchema = {
  id: 'hooked',
  version: '1.0.0',
  nodes: [{ id: 'hook', typeId: 'http/webhook', version: '1.0.0', settings: { path: '/in' } }],
  edges: []
}
console.log(decision.shouldScaleToServer(workflow), decision.canRunLocally(workflow).reasons)
