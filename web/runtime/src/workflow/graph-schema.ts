// GraphSchema: a flow document, as the specification writes it; what the engine reads, by the same names.

export interface GraphSchema {
  id: string
  /** Of the document's format. */
  version: '1.0.0'
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
    stateStorage?: 'memory' | 'file' | 'redis'
    limits?: { memoryBytes?: number; diskBytes?: number; threads?: number; maxRunMs?: number }
    [key: string]: unknown
  }
  nodes: NodeInstance[]
  edges: EdgeInstance[]
  widgets?: WidgetInstance[]
  [key: string]: unknown
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

export function parseWorkflow(workflow: Workflow | SerializedWorkflow): Workflow {
  return typeof workflow === 'string' ? (JSON.parse(workflow) as Workflow) : workflow
}
