// The flow that a connection is in the engine: page/inlet, an edge with the connection's rules, page/outlet.
import { edgeSettings, type BackpressurePolicy, type StreamConfig } from './config.ts'

export const INLET = 'source'
export const OUTLET = 'target'
export const EDGE = 'connection'

/** A rule of `config.alerts` (docs/guide/watching-a-flow.md), about a connection: its metric without the edge's name. */
export interface AlertRule {
  name: string
  metric: 'fill' | 'waitMs' | 'dropsPerSecond' | 'rowsPerSecond' | 'idleMs' | 'underPressure'
  over?: number
  under?: number
  forMs?: number
  windowMs?: number
  severity?: 'info' | 'warning' | 'error' | 'critical'
}

export const DEFAULT_ALERTS: readonly AlertRule[] = [
  { name: 'dropping', metric: 'dropsPerSecond', over: 0, windowMs: 1000, severity: 'critical' },
  { name: 'full', metric: 'fill', over: 0.95, forMs: 1000, severity: 'critical' },
  { name: 'slow', metric: 'waitMs', over: 1000, forMs: 1000, severity: 'warning' }
]

export interface ConnectionEnds {
  sourceNode: string
  targetNode: string
  outputPort: string
  inputPort: string
}

/** A flow document. */
export function connectionFlow(
  id: string,
  ends: ConnectionEnds,
  config: StreamConfig,
  policy: BackpressurePolicy,
  alerts: readonly AlertRule[]
): Record<string, unknown> {
  const ranked = policy.rule === 'dropLowestPriority'
  const nodes: object[] = [
    node(INLET, 'page/inlet', ends.sourceNode, {}),
    // One batch at a time: what waits, waits on the edge, where it is counted and dropped by rule.
    node(OUTLET, 'page/outlet', ends.targetNode, { creditBytes: 1 })
  ]
  const edges: object[] = []
  if (ranked) {
    nodes.push(node('priority', 'flow/priority', 'priority', { priority: 'row.priority' }))
    edges.push(edge('written', INLET, 'priority', { buffer: { rows: config.maxBatchSize } }))
  }
  edges.push(edge(EDGE, ranked ? 'priority' : INLET, OUTLET, edgeSettings(config, policy)))
  return {
    id,
    version: '1.0.0',
    config: { alerts: alerts.map((rule) => ({ ...rule, metric: `${EDGE}.${rule.metric}` })) },
    nodes,
    edges
  }
}

function node(id: string, typeId: string, name: string, settings: object): object {
  return { id, typeId, version: '1.0.0', name, settings }
}

function edge(id: string, source: string, target: string, settings: object): object {
  return { id, source: { node: source, port: 'rows' }, target: { node: target, port: 'rows' }, ...settings }
}
