// The names and shapes of the specification: what is written by them compiles, and what they promise is there.
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import * as runtime from '../src/index.ts'
import type {
  BrowserLimits,
  ComputeService,
  ExecutionUpdate,
  GraphSchema,
  LocalExecution,
  Node,
  NodeFactory,
  NodeInstance,
  NodeOutput,
  NodeRegistry,
  NodeSecurity,
  NodeType,
  P2PCoordinator,
  P2PExecution,
  P2PMessage,
  P2PProtocol,
  PeerInfo,
  PeerMesh,
  PluginInterface,
  PluginSandbox,
  ResourceCheck,
  ScalingDecision,
  ScalingInterface,
  SerializedWorkflow,
  ServerCapabilities,
  ServerExecution,
  ServerProtocol,
  ServiceWorkerRuntime,
  StreamConfig,
  StreamingNodeSystem,
  StreamingProtocol,
  StreamingState,
  StreamMessage,
  StreamSubscription,
  WidgetData,
  WidgetStreamer,
  Workflow
} from '../src/index.ts'
import { useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

describe('the specification', () => {
  it('names classes and functions, which are there', () => {
    const names = [
      'StreamEngine',
      'DefaultBackpressureHandler',
      'AdaptiveBackpressureHandler',
      'GracefulErrorRecovery',
      'StreamDebugger',
      'PerformanceTestSuite',
      'STANDARD_PERFORMANCE_TESTS',
      'WorkflowEngine'
    ]
    expect(Object.keys(runtime)).toEqual(expect.arrayContaining(names))
  })

  it('has configurations of six numbers', () => {
    expectTypeOf<StreamConfig>().toEqualTypeOf<{
      bufferSize: number
      batchTimeout: number
      maxBatchSize: number
      backpressureThreshold: number
      retryAttempts: number
      retryDelay: number
    }>()
    expectTypeOf<BrowserLimits>().toEqualTypeOf<
      Record<'maxConcurrentNodes' | 'memoryThreshold' | 'executionTimeout' | 'streamBufferSize', number>
    >()
  })

  it('has messages of four types', () => {
    expectTypeOf<StreamMessage['type']>().toEqualTypeOf<'node-output' | 'execution-update' | 'widget-data' | 'error'>()
    expectTypeOf<Pick<StreamMessage, 'id' | 'timestamp'>>().toEqualTypeOf<{ id: string; timestamp: number }>()
    expectTypeOf<StreamMessage>().toHaveProperty('data')
    expectTypeOf<StreamMessage>().toHaveProperty('metadata')
    expectTypeOf<runtime.NodeMessage>().toExtend<{
      id: string
      timestamp: number
      sourceNodeId: string
      targetNodeId: string
      port: string
      data: unknown
    }>()
  })

  it('decides, scales and falls back', () => {
    expectTypeOf<ScalingDecision>().toEqualTypeOf<{
      shouldScaleToServer(workflow: Workflow): boolean
      shouldUseP2P(workflow: Workflow, peers: PeerInfo[]): boolean
      canRunLocally(workflow: Workflow): ResourceCheck
    }>()
    expectTypeOf<ScalingInterface>().toEqualTypeOf<{
      canScale(): boolean
      scaleToServer(workflow: Workflow): Promise<ServerExecution>
      scaleToP2P(workflow: Workflow): Promise<P2PExecution>
      fallbackToLocal(): Promise<LocalExecution>
    }>()
  })

  it('streams workflows, nodes and widgets', () => {
    expectTypeOf<StreamingProtocol['createWorkflowStream']>().toEqualTypeOf<
      (workflow: Workflow) => ReadableStream<ExecutionUpdate>
    >()
    expectTypeOf<StreamingProtocol['createNodeStream']>().toEqualTypeOf<(id: string) => ReadableStream<NodeOutput>>()
    expectTypeOf<StreamingProtocol['createWidgetStream']>().toEqualTypeOf<(id: string) => ReadableStream<WidgetData>>()
    expectTypeOf<StreamingProtocol>().toHaveProperty('bridgeToServer')
    expectTypeOf<StreamingProtocol>().toHaveProperty('bridgeToP2P')
    expectTypeOf<WidgetStreamer['createStream']>().returns.toExtend<ReadableStream>()
    expectTypeOf<Parameters<WidgetStreamer['subscribeToNode']>[0]>().toEqualTypeOf<string>()
    expectTypeOf<WidgetStreamer['cleanup']>().toEqualTypeOf<(widgetId: string) => void>()
  })

  it('executes on servers', () => {
    expectTypeOf<ServerExecution>().toEqualTypeOf<{
      id: string
      workflow: SerializedWorkflow
      stream: ReadableStream<ExecutionUpdate>
      cancel(): Promise<void>
    }>()
    expectTypeOf<ComputeService['execute']>().toEqualTypeOf<
      (workflow: SerializedWorkflow) => AsyncIterable<ExecutionUpdate>
    >()
    expectTypeOf<ServerProtocol['health']>().toEqualTypeOf<() => Promise<Response>>()
    expectTypeOf<ServerCapabilities['estimatedLatency']>().toEqualTypeOf<number>()
    expectTypeOf<ServerCapabilities['supportedNodeTypes']>().toEqualTypeOf<string[]>()
  })

  it('registers nodes that execute as async iterables', () => {
    expectTypeOf<NodeRegistry['register']>().toEqualTypeOf<(type: string, factory: NodeFactory) => void>()
    expectTypeOf<NodeRegistry['create']>().returns.toEqualTypeOf<Promise<Node>>()
    expectTypeOf<NodeRegistry['list']>().toEqualTypeOf<() => NodeType[]>()
    expectTypeOf<Node['execute']>().returns.toEqualTypeOf<AsyncIterable<unknown>>()
  })

  it('has a runtime of four parts and a state of four', () => {
    expectTypeOf<keyof ServiceWorkerRuntime>().toEqualTypeOf<'executor' | 'streamer' | 'storage' | 'scaling'>()
    expectTypeOf<keyof StreamingState>().toEqualTypeOf<'workflow' | 'execution' | 'connections' | 'subscriptions'>()
    expectTypeOf<StreamingState['connections']>().toEqualTypeOf<Map<string, ReadableStream>>()
    expectTypeOf<StreamingState['subscriptions']>().toEqualTypeOf<Set<StreamSubscription>>()
  })

  it('has the shapes of peers, and refuses to run among them', async () => {
    expectTypeOf<keyof P2PExecution>().toEqualTypeOf<'mesh' | 'coordinator' | 'discovery' | 'security'>()
    expectTypeOf<PeerMesh['connect']>().toEqualTypeOf<(peerId: string) => Promise<RTCPeerConnection>>()
    expectTypeOf<PeerMesh['route']>().toEqualTypeOf<(nodeId: string) => Promise<string>>()
    expectTypeOf<keyof P2PCoordinator>().toEqualTypeOf<'electLeader' | 'synchronizeState' | 'handlePeerFailure'>()
    expectTypeOf<P2PProtocol['discoverPeers']>().toEqualTypeOf<() => Promise<PeerInfo[]>>()
    expectTypeOf<P2PMessage['type']>().toEqualTypeOf<
      'workflow-distribute' | 'node-execute' | 'result-stream' | 'peer-status'
    >()
    const scaling: ScalingInterface = new runtime.PageScaling(new runtime.WorkflowEngine())
    const graph: GraphSchema = { id: 'g', version: '1.0.0', nodes: [], edges: [] }
    await expect(scaling.scaleToP2P(graph)).rejects.toMatchObject({ code: 'p2p.none' })
  })

  it('has the shapes of plugins, of checks and of the node system', () => {
    expectTypeOf<keyof StreamingNodeSystem>().toEqualTypeOf<'registry' | 'executor' | 'streamer' | 'serializer'>()
    expectTypeOf<StreamingNodeSystem['registry']>().toEqualTypeOf<Map<string, NodeFactory>>()
    expectTypeOf<runtime.WorkflowEngine>().toExtend<StreamingNodeSystem['executor']>()
    expectTypeOf<runtime.WorkflowStreams>().toExtend<StreamingNodeSystem['streamer']>()
    expectTypeOf<PluginInterface['load']>().toEqualTypeOf<(source: string) => Promise<NodeRegistry>>()
    expectTypeOf<PluginInterface['sandbox']>().toEqualTypeOf<PluginSandbox | undefined>()
    expectTypeOf<keyof PluginSandbox>().toEqualTypeOf<'executeInSandbox' | 'limitResources' | 'restrictAPIs'>()
    expectTypeOf<keyof NodeSecurity>().toEqualTypeOf<'validateInput' | 'sanitizeOutput' | 'checkPermissions'>()
  })

  it('takes its examples as they are written, without a type beside them', async () => {
    const customTest = {
      name: 'Custom High Load Test',
      duration: 100,
      messageRate: 200,
      messageSize: 1000,
      concurrentConnections: 10,
      dataPattern: 'random'
    }
    const suite = new runtime.PerformanceTestSuite(new runtime.StreamEngine())
    expect((await suite.runTest(customTest)).sent).toBe(20)
    await expect(suite.runTest({ ...customTest, dataPattern: 'square' })).rejects.toThrow(/one of sequential/)
    const workflowDefinition = {
      id: 'w',
      version: '1.0.0',
      metadata: { author: 'a', createdAt: 1, description: 'd', tags: [] },
      config: { maxConcurrency: 2, stateStorage: 'memory' },
      nodes: [
        { id: 'a', typeId: 'generate/pattern', version: '1.0.0', settings: { rows: 3 }, position: { x: 0, y: 0 } }
      ],
      edges: []
    }
    const execution = await new runtime.WorkflowEngine().executeWorkflow(workflowDefinition)
    expect(await execution.result).toMatchObject({ outcome: 'done' })
    const wrong = { ...workflowDefinition, config: { stateStorage: 'cloud' } }
    await expect(new runtime.WorkflowEngine().executeWorkflow(wrong)).rejects.toThrow(/cloud/)
  })

  it('has the defaults of the specification', () => {
    expect(runtime.DEFAULT_STREAM_CONFIG).toEqual({
      bufferSize: 1000,
      batchTimeout: 16,
      maxBatchSize: 50,
      backpressureThreshold: 0.8,
      retryAttempts: 3,
      retryDelay: 100
    })
    expect(runtime.DEFAULT_BACKPRESSURE).toEqual({ dropThreshold: 0.9, priorityDrop: true, maxWaitTime: 100 })
    const presets = [runtime.HIGH_FREQUENCY_CONFIG, runtime.LOW_LATENCY_CONFIG, runtime.MEMORY_CONSTRAINED_CONFIG]
    expect(presets).toMatchObject([
      { bufferSize: 2000, batchTimeout: 8, maxBatchSize: 100, backpressureThreshold: 0.7 },
      { bufferSize: 500, batchTimeout: 4, maxBatchSize: 20, backpressureThreshold: 0.9 },
      { bufferSize: 200, batchTimeout: 50, maxBatchSize: 10, backpressureThreshold: 0.6 }
    ])
  })

  it('draws workflows that run as they are', async () => {
    const node: NodeInstance = {
      id: 'fetch',
      typeId: 'generate/pattern',
      version: '1.0.0',
      settings: { rows: 3 },
      position: { x: 10, y: 20 }
    }
    const graph: GraphSchema = {
      id: 'graph',
      version: '1.0.0',
      metadata: { author: 'me', createdAt: 1750000000000, description: 'as specified', tags: ['one', 'two'] },
      config: { maxConcurrency: 4, stateStorage: 'memory' },
      nodes: [node],
      edges: []
    }
    const workflowEngine = new runtime.WorkflowEngine()
    const execution = await workflowEngine.executeWorkflow(graph)
    expect(await execution.result).toMatchObject({ outcome: 'done' })
  })
})
