// Page nodes: nodes of a NodeRegistry inside a workflow. To the engine each is an outlet and an inlet; this side executes.
import type { Execution, Problem } from '@weir/engine-client'
import type { EdgeInstance, NodeInstance, Workflow } from './graph-schema.ts'
import type { Node, NodeRegistry } from './node-registry.ts'
import { problemsOfEdges } from './page-edges.ts'
import { rowFrom } from './row-check.ts'

/** Bytes that may wait for the engine before a node has to. */
const INLET_BYTES = 64 << 10

/** A row that a node of this side could not execute. */
export interface PageNodeFailure {
  nodeId: string
  message: string
  /** Absent where it was no row that failed, but `dispose`. */
  row?: unknown
}

export interface PageNode {
  instance: NodeInstance
  /** Rows go in here; a node that no edge leads to has none. */
  outlet: string | undefined
  inlet: string
  /** ErrorPackets, if an edge leaves the port `error`. */
  errors: string | undefined
}

export interface Prepared {
  /** What the engine runs. */
  flow: Workflow
  pageNodes: PageNode[]
  /** What is wrong at the nodes of the page; the engine does not see it. */
  problems: Problem[]
}

/** Puts outlets and inlets where the workflow has nodes of the registry. */
export function prepare(workflow: Workflow, registry: NodeRegistry): Prepared {
  const types = new Set(registry.list().map((one) => one.type))
  const own = workflow.nodes.filter((node) => types.has(node.typeId))
  const pageNodes = own.map((instance) => pageNodeOf(instance, workflow.edges))
  const byId = new Map(pageNodes.map((one) => [one.instance.id, one]))
  const nodes = workflow.nodes.flatMap((node) => {
    const found = byId.get(node.id)
    return found ? pageEnds(found) : [node]
  })
  const edges = workflow.edges.map((edge) => {
    const from = byId.get(edge.source.node)
    const to = byId.get(edge.target.node)
    const source = from ? { node: sourceOf(from, edge.source.port), port: 'rows' } : edge.source
    const target = to ? { node: to.outlet ?? '', port: 'rows' } : edge.target
    return { ...edge, source, target }
  })
  const problems = problemsOfEdges(workflow, new Set(byId.keys()))
  return { flow: { ...workflow, nodes, edges }, pageNodes, problems }
}

function pageNodeOf(instance: NodeInstance, edges: readonly EdgeInstance[]): PageNode {
  const fed = edges.some((edge) => edge.target.node === instance.id)
  const fails = edges.some((edge) => edge.source.node === instance.id && edge.source.port === 'error')
  return {
    instance,
    outlet: fed ? `${instance.id}.input` : undefined,
    inlet: instance.id,
    errors: fails ? `${instance.id}.error` : undefined
  }
}

function pageEnds(page: PageNode): NodeInstance[] {
  const end = (id: string, typeId: string): NodeInstance => ({ id, typeId, version: '1.0.0', settings: {} })
  return [
    end(page.inlet, 'page/inlet'),
    ...(page.outlet === undefined ? [] : [end(page.outlet, 'page/outlet')]),
    ...(page.errors === undefined ? [] : [end(page.errors, 'page/inlet')])
  ]
}

function sourceOf(page: PageNode, port: string): string {
  return port === 'error' && page.errors !== undefined ? page.errors : page.inlet
}

/**
 * Executes a node until its rows end, or the run. Rows that fail go to the port `error` if an edge leaves it, and to
 * `failed`.
 */
export async function executePageNode(
  page: PageNode,
  node: Node,
  execution: Execution,
  failed: (failure: PageNodeFailure) => void
): Promise<void> {
  const fail = (message: string, more: { row?: unknown } = {}): void => {
    failed({ nodeId: page.instance.id, message, ...more })
  }
  const results = execution.inlet(page.inlet, INLET_BYTES).getWriter()
  const errors = page.errors === undefined ? undefined : execution.inlet(page.errors, INLET_BYTES).getWriter()
  try {
    for await (const row of rowsInto(page, execution)) {
      const failure = await executeRow(node, row, (result) => written(results, result))
      if (failure === 'over') return
      if (failure === undefined) continue
      const message = failure.message
      fail(message, { row })
      const packet = { code: 'node.failed', message, nodeId: page.instance.id, recoverable: false, row }
      if (errors && !(await written(errors, packet))) return
    }
    for (const one of [errors, results]) await one?.close().catch(() => undefined)
  } finally {
    await disposeOf(node).catch((reason: unknown) => {
      fail(`dispose failed: ${textOf(reason)}`)
    })
  }
}

/** What a node throws then harms no run: its rows are through. */
export async function disposeOf(node: Node): Promise<void> {
  // Nodes that are written as classes may have an async one.
  await (node.dispose?.() as unknown)
}

/** Why the row failed; nothing if it did not. `give`: false if the run is over. */
async function executeRow(
  node: Node,
  row: unknown,
  give: (result: object) => Promise<boolean>
): Promise<Error | 'over' | undefined> {
  try {
    check(node, row)
    for await (const result of node.execute(row)) if (!(await give(rowFrom(result)))) return 'over'
    return undefined
  } catch (reason) {
    return reason instanceof Error ? reason : new Error(String(reason))
  }
}

/** False if the run is over. */
function written(writer: WritableStreamDefaultWriter<unknown[]>, row: object): Promise<boolean> {
  return writer.write([row]).then(
    () => true,
    () => false
  )
}

async function* rowsInto(page: PageNode, execution: Execution): AsyncGenerator {
  if (page.outlet === undefined) {
    yield undefined
    return
  }
  const reader = execution.rows(page.outlet, 'rows').getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
}

function check(node: Node, row: unknown): void {
  const found = node.validate?.(row)
  if (found && !found.valid) throw new TypeError(found.errors?.join('; ') ?? 'the row is not valid')
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
