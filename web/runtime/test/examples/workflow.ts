// Runs a workflow with a node of this page in it.
import { WorkflowEngine, type GraphSchema } from '@weir/runtime'

const workflowEngine = new WorkflowEngine()
const streamEngine = workflowEngine.getStreamEngine()

// A node of the page, beside those of the engine.
workflowEngine.registry.register('page/greet', ({ id, settings }) => ({
  id,
  type: 'page/greet',
  async *execute(row) {
    const { value } = row as { value: number }
    yield await Promise.resolve({ text: `${String(settings.greeting)} ${value}` })
  }
}))

const workflowDefinition: GraphSchema = {
  id: 'greetings',
  version: '1.0.0',
  metadata: { author: 'me', createdAt: 1750000000000, description: 'Numbers that are greeted', tags: ['example'] },
  config: { maxConcurrency: 4, stateStorage: 'memory' },
  nodes: [
    node('numbers', 'generate/pattern', { pattern: 'sequential', rows: 10 }),
    node('even', 'logic/filter', { condition: 'row.id % 2 == 0' }),
    node('greet', 'page/greet', { greeting: 'hello' })
  ],
  edges: [
    { id: 'e1', source: { node: 'numbers', port: 'rows' }, target: { node: 'even', port: 'rows' } },
    { id: 'e2', source: { node: 'even', port: 'match' }, target: { node: 'greet', port: 'rows' } }
  ]
}

// Connections are there for each edge while the workflow runs.
const execution = await workflowEngine.executeWorkflow(workflowDefinition, {
  outlets: [{ node: 'greet', port: 'rows' }]
})
console.log(streamEngine.listWorkflowConnections().map((one) => `${one.sourceNodeId} -> ${one.targetNodeId}`))
for await (const row of execution.rows('greet', 'rows')) console.log((row as { text: string }).text)
console.log((await execution.result).outcome)

function node(id: string, typeId: string, settings: Record<string, unknown>): GraphSchema['nodes'][number] {
  return { id, typeId, version: '1.0.0', settings, position: { x: 0, y: 0 } }
}
