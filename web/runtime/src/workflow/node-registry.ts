// NodeRegistry: nodes written in JavaScript, which a workflow may use beside those of the engine.

export interface ValidationResult {
  valid: boolean
  errors?: string[]
}

/** Rows in, rows out; a row is an object. A node without inputs is called once, with undefined. */
export interface Node {
  id: string
  type: string
  execute(input: unknown): AsyncIterable<unknown>
  /** A row that is not valid fails, and is not executed. */
  validate?(input: unknown): ValidationResult
  /** Called once, when the run is over. */
  dispose?(): void
}

export interface NodeConfig {
  id: string
  settings: Record<string, unknown>
}

export type NodeFactory = (config: NodeConfig) => Node | Promise<Node>

export interface NodeType {
  type: string
}

export interface NodeRegistry {
  register(type: string, factory: NodeFactory): void
  create(type: string, config: NodeConfig): Promise<Node>
  list(): NodeType[]
}

export class MemoryNodeRegistry implements NodeRegistry {
  private readonly factories = new Map<string, NodeFactory>()

  /** @throws RangeError if the name is taken. */
  register(type: string, factory: NodeFactory): void {
    if (this.factories.has(type)) throw new RangeError(`a node of type '${type}' is registered already`)
    this.factories.set(type, factory)
  }

  /** @throws RangeError (a rejection) if there is no such type. */
  async create(type: string, config: NodeConfig): Promise<Node> {
    const factory = this.factories.get(type)
    if (!factory) throw new RangeError(`no node of type '${type}' is registered`)
    return factory(config)
  }

  list(): NodeType[] {
    return [...this.factories.keys()].sort().map((type) => ({ type }))
  }
}
