// Mobility: how a run of a flow can go on in another place with every row once, or why it cannot.
import type { Engine, FlowSource, NodeType, Validation } from '../engine.ts'
import { drawn, type DrawnFlow } from '../run/flow-ends.ts'
import type { ServerCapabilities } from '../server/server-engine.ts'
import type { PlacementReason } from './reasons.ts'

export const INLET = 'page/inlet'
export const OUTLET = 'page/outlet'
/** What they give depends on when rows come: given once more, rows may come out otherwise. */
const TIMED = ['flow/debounce', 'flow/throttle', 'flow/rate-limit', 'flow/delay', 'flow/schedule']

/**
 * `cut`: all rows come from the page and no node remembers any, so the run may end between two rows and another go on.
 * `replay`: the same rows give the same again in the same order, so a run may begin anew elsewhere, and what was read
 * already is passed over.
 */
export interface Mobility {
  cut: boolean
  replay: boolean
  inlets: string[]
  /** Why it is not `replay`. */
  whyNot: string[]
}

export async function mobilityOf(engine: Engine, flow: FlowSource): Promise<Mobility> {
  const [types, validation] = await Promise.all([engine.nodes(), engine.validate(flow)])
  return judge(drawn(flow), types, validation)
}

function judge(flow: DrawnFlow, types: readonly NodeType[], validation: Validation): Mobility {
  const inlets = flow.nodes.filter((node) => node.typeId === INLET).map((node) => node.id)
  const others = flow.nodes.filter((node) => node.typeId !== INLET && node.typeId !== OUTLET)
  const typeOf = ({ typeId, version }: DrawnFlow['nodes'][number]): NodeType | undefined =>
    types.find((type) => type.id === typeId && (version === undefined || type.version === version))
  const cut = inlets.length > 0 && others.every((node) => typeOf(node)?.kind === 'pure')
  const whyNot: string[] = []
  for (const why of validation.whyNotDeterministic ?? []) {
    // What the page writes is kept, and written again as it was.
    if (!inlets.some((id) => why.startsWith(`'${id}' (${INLET})`))) whyNot.push(`${why}, so it may give other rows`)
  }
  for (const node of others) {
    const { id, typeId } = node
    if (TIMED.includes(typeId)) whyNot.push(`'${id}' (${typeId}) gives rows by when they come`)
    const touches = typeOf(node)?.touches
    if (touches === 'writes') whyNot.push(`'${id}' (${typeId}) writes outside of the run, and would write again`)
    if (touches === 'reads') whyNot.push(`'${id}' (${typeId}) reads what is in this place`)
    if (touches === undefined) whyNot.push(`nobody here knows '${id}' (${typeId})`)
  }
  for (const edge of flow.edges) {
    const {
      buffer = {},
      whenFull = {},
      guarantee
    } = edge as {
      buffer?: { ageMs?: number; order?: string }
      whenFull?: { rule?: string }
      guarantee?: string
    }
    const name = `the edge '${edge.id ?? ''}'`
    if ((whenFull.rule ?? 'block') !== 'block' || buffer.ageMs !== undefined) whyNot.push(`${name} drops rows by time`)
    if ((buffer.order ?? 'fifo') !== 'fifo') whyNot.push(`${name} gives rows in another order`)
    if (guarantee === 'durable') whyNot.push(`${name} has its journal in this place`)
  }
  return { cut, replay: whyNot.length === 0, inlets, whyNot }
}

/** What a server lacks for the run. */
export function lackingAt(server: ServerCapabilities, flow: FlowSource): PlacementReason[] {
  const reasons: PlacementReason[] = []
  for (const { id, typeId } of drawn(flow).nodes) {
    const isInlet = typeId === INLET
    if (isInlet ? server.features.includes('inlets') : server.supportedNodeTypes.includes(typeId)) continue
    const sentence = isInlet
      ? `The server takes no rows from a page, which '${id}' needs.`
      : `The server does not have the node '${id}' (${typeId}).`
    reasons.push({ code: 'server.node', blocking: true, node: id, typeId, sentence })
  }
  return reasons
}
