// GraphSchema: a flow document, as the specification writes it; what the engine reads, by the same names.

/** A flow document as a program may have it: its literals are texts to the compiler, and the engine checks them. */
export interface WorkflowDefinition {
  id: string
  /** Of the document's format. */
  version: string
  metadata?: {
    author?: string
    /** Milliseconds since 1970. */
    createdAt?: number
    description?: string
    tags?: string[]
    version?: string
  }
  config?: {
    maxConcurrency?: number
    stateStorage?: string
    limits?: {
      memoryBytes?: number
      diskBytes?: number
      threads?: number
      maxRunMs?: number
      connections?: number
      egressBytes?: number
    }
    [key: string]: unknown
  }
  nodes: NodeInstance[]
  edges: EdgeInstance[]
  widgets?: WidgetInstance[]
  [key: string]: unknown
}

export interface GraphSchema extends WorkflowDefinition {
  version: '1.0.0'
  config?: WorkflowDefinition['config'] & { stateStorage?: 'memory' | 'file' | 'redis' }
}

export interface NodeInstance {
  id: string
  typeId: string
  /** Strict: this version runs, or none. */
  version: string
  settings: Record<string, unknown>
  position?: { x: number; y: number }
  [key: string]: unknown
}

export interface PortInstance {
  node: string
  port: string
}

export interface EdgeInstance {
  id: string
  source: PortInstance
  target: PortInstance
  [key: string]: unknown
}

export interface WidgetInstance {
  id: string
  type: string
  node?: string
  port?: string
  [key: string]: unknown
}

/** Also called so by the specification. */
export type Workflow = GraphSchema
/** A workflow as JSON text. */
export type SerializedWorkflow = string

/** Undefined for what is no document of nodes and edges, so that the engine may say what is wrong with it. */
export function parseWorkflow(workflow: unknown): Workflow | undefined {
  const found = typeof workflow === 'string' ? parsed(workflow) : workflow
  if (!isRecord(found) || !Array.isArray(found.nodes) || !Array.isArray(found.edges)) return undefined
  const nodes = found.nodes.every(
    (one) => isRecord(one) && typeof one.id === 'string' && typeof one.typeId === 'string'
  )
  const edges = found.edges.every((one) => isRecord(one) && isPort(one.source) && isPort(one.target))
  return nodes && edges ? (found as Workflow) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isPort(value: unknown): value is PortInstance {
  return isRecord(value) && typeof value.node === 'string' && typeof value.port === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
