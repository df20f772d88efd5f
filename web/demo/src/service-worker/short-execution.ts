// ShortExecution: a flow that the service worker runs itself, told as events; it is cut at 20 seconds.
import {
  LateZones,
  LocalEngine,
  MemoryFiles,
  WeirError,
  type Execution,
  type NodeType,
  type PortName,
  type StreamMessage
} from '@weir/engine-client'
import { EventRing } from './event-ring.ts'

export const LONGEST_MS = 20_000
const ROWS_A_MESSAGE = 100
const HOLD_MS = 50

/** The body of POST execute: a flow document, or one with how to run it. */
export interface ExecuteRequest {
  flow: Record<string, unknown>
  parameters?: Record<string, unknown>
  seed?: number
  /** Ports whose rows are told; by default those that lead to the ends of the flow. */
  outlets?: PortName[]
  /** Files of the mount `project`: path to text. */
  files?: Record<string, string>
}

interface Drawn {
  nodes?: { id: string; typeId: string }[]
  edges?: { source: PortName; target: PortName }[]
}

/** The ports at the ends of the flow: outputs of nodes that lead nowhere, and what flows into sinks. */
export function endsOf(flow: Drawn, types: NodeType[]): PortName[] {
  const edges = flow.edges ?? []
  const found: PortName[] = []
  for (const node of flow.nodes ?? []) {
    if (edges.some((edge) => edge.source.node === node.id)) continue
    const ports = types.find((type) => type.id === node.typeId)?.ports as { outputs?: { name: string }[] } | undefined
    const output = ports?.outputs?.find((port) => port.name !== 'error')
    if (output) found.push({ node: node.id, port: output.name })
    else found.push(...edges.filter((edge) => edge.target.node === node.id).map((edge) => edge.source))
  }
  const keys = new Set<string>()
  return found.filter(({ node, port }) => keys.size !== keys.add(`${node} ${port}`).size)
}

export class ShortExecution {
  readonly id: string
  readonly ring = new EventRing()
  /** Never rejects: what goes wrong is an event. */
  readonly ended: Promise<void>
  private last = 0

  private constructor(
    private readonly run: Execution,
    outlets: PortName[]
  ) {
    this.id = run.id
    this.ended = this.follow(outlets)
  }

  /** @throws FlowError with every problem of the document. */
  static async start(module: WebAssembly.Module, request: ExecuteRequest): Promise<ShortExecution> {
    const files = new MemoryFiles()
    for (const [path, text] of Object.entries(request.files ?? {})) files.put(path, text)
    // A service worker's own requests do not come to it: offline the file is in the shell only.
    const zones = new LateZones(async () => (await caches.match('/zones.bin')) ?? fetch('/zones.bin'))
    await zones.ready
    const engine = await LocalEngine.make(module, { files, zones })
    const outlets = request.outlets ?? endsOf(request.flow, await engine.nodes())
    const { parameters, seed } = request
    const run = await engine.run(request.flow, { outlets, ...(parameters && { parameters }), ...(seed && { seed }) })
    return new ShortExecution(run, outlets)
  }

  cancel(): void {
    this.run.cancel()
  }

  private async follow(outlets: PortName[]): Promise<void> {
    const late = new AbortController()
    const timer = setTimeout(() => {
      late.abort()
      this.run.cancel()
    }, LONGEST_MS)
    try {
      await this.tell('execution-update', { status: 'running' })
      await Promise.all(outlets.map((port) => this.tellRows(port)))
      const result = await this.run.result
      const error = late.signal.aborted ? tooLong() : result.error
      if (error) await this.tell('error', { code: error.code, message: error.message, recoverable: error.recoverable })
      await this.tell('execution-update', { status: late.signal.aborted ? 'cut' : result.outcome, result })
    } catch (reason) {
      const { code = 'host.failed', message } = reason as { code?: string; message: string }
      await this.tell('error', { code, message, recoverable: false })
    }
    clearTimeout(timer)
    this.run.dispose()
    this.ring.end()
  }

  /** Rows that come close together go together. */
  private async tellRows({ node, port }: PortName): Promise<void> {
    let held: unknown[] = []
    let told = Promise.resolve()
    const flush = (): Promise<void> => {
      if (held.length > 0) told = this.tell('node-output', held, { node, port })
      held = []
      return told
    }
    const timer = setInterval(() => void flush(), HOLD_MS)
    try {
      for await (const row of this.run.rows(node, port)) {
        held.push(row)
        if (held.length >= ROWS_A_MESSAGE) await flush()
      }
      await flush()
    } finally {
      clearInterval(timer)
    }
  }

  private tell(type: StreamMessage['type'], data: unknown, metadata?: Record<string, unknown>): Promise<void> {
    this.last += 1
    const message: StreamMessage = { id: `${this.id}-${this.last}`, timestamp: Date.now(), type, data }
    return this.ring.add(type, JSON.stringify(metadata ? { ...message, metadata } : message))
  }
}

function tooLong(): WeirError {
  return new WeirError(
    'run.too_long_here',
    `a run inside the service worker is cut at ${LONGEST_MS / 1000} s; start it from a page, whose worker has no limit`
  )
}
