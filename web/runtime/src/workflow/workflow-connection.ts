// WorkflowConnection: an edge of a workflow that runs, by the engine's figures; rows where the page is one of its ends.
import type { NodeMessage } from '../stream/message.ts'
import type { Figures, EdgeFigures } from '../stream/run-figures.ts'
import type { EdgeInstance } from './graph-schema.ts'

export class WorkflowConnection {
  readonly id: string
  private latest: EdgeFigures | undefined

  /** `write`: absent unless the edge's source is a `page/inlet`. */
  constructor(
    readonly executionId: string,
    readonly edge: Readonly<EdgeInstance>,
    private readonly now: () => Promise<Figures | undefined>,
    private readonly write: ((row: unknown) => Promise<void>) | undefined
  ) {
    this.id = edge.id
  }

  get sourceNodeId(): string {
    return this.edge.source.node
  }

  get targetNodeId(): string {
    return this.edge.target.node
  }

  /** `data` of each message is a row. @throws TypeError unless the source is a `page/inlet`. */
  readonly writer = {
    write: async (message: NodeMessage): Promise<void> => {
      if (!this.write) {
        throw new TypeError(
          `the edge '${this.id}' gets its rows from '${this.sourceNodeId}': a page writes to edges of nodes page/inlet`
        )
      }
      await this.write(message.data)
    }
  }

  /** Rows, of now; after the run, of its end. */
  async metrics(): Promise<EdgeFigures | undefined> {
    const figures = await this.now()
    return figures?.edges.find((edge) => edge.id === this.id) ?? this.latest
  }

  /** As the engine last told them, by itself ten times a second. */
  get lastMetrics(): EdgeFigures | undefined {
    return this.latest
  }

  told(figures: Figures): void {
    this.latest = figures.edges.find((edge) => edge.id === this.id) ?? this.latest
  }
}
