// What fits what: why an edge may be drawn or not, what converts, what can stand on an edge, and what fits a port.
import type { FlowEnd } from '../document/elements.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { didYouMean } from '../suggest.ts'
import { portNamed } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import { instancePorts } from './node-type.ts'
import type { NodeType, PortSpec } from './node-type.ts'

const kLikeRows = new Set(['rows', 'object', 'error_packet'])

/** Whether what an output gives can come into an input, by their types alone. */
export function typesFit(output: string, input: string): boolean {
  if (output === 'any' || input === 'any' || input === 'signal' || input === 'rows') return true
  return output === input || (input === 'object' && kLikeRows.has(output))
}

/** Why the ports do not fit, as the engine says it; empty if they do. */
export function misfit(output: PortSpec, input: PortSpec): string {
  if (!typesFit(output.type, input.type))
    return `the output '${output.name}' gives ${output.type}, the input '${input.name}' takes ${input.type}.`
  for (const [field, wanted] of input.fields) {
    const given = output.fields.get(field)
    if (given === undefined || given === '' || wanted === '' || given === wanted) continue
    if (given === 'any' || wanted === 'any') continue
    return `the field '${field}' is ${given}, '${input.name}' takes ${wanted}.`
  }
  return ''
}

export type Connection =
  | { fits: true }
  | {
      fits: false
      /** port, type, cycle, twice or node. */
      why: 'node' | 'port' | 'type' | 'cycle' | 'twice'
      /** In words. */
      reason: string
      /** Types of nodes that can stand between the two. */
      converters: { type: NodeType; input: string; output: string }[]
    }

function refusal(why: 'node' | 'port' | 'type' | 'cycle' | 'twice', reason: string): Connection {
  return { fits: false, why, reason, converters: [] }
}

/** Whether edges lead from one node to another, without going through more than the nodes behind it. */
export function leadsTo(document: FlowDocument, from: string, to: string): boolean {
  const waiting = [from]
  const seen = new Set(waiting)
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === to) return true
    for (const edge of document.edgesOutOf(at)) {
      if (seen.has(edge.target.node)) continue
      seen.add(edge.target.node)
      waiting.push(edge.target.node)
    }
  }
  return false
}

function portOf(
  document: FlowDocument,
  catalogue: Catalogue,
  end: FlowEnd,
  side: 'inputs' | 'outputs'
): PortSpec | Connection {
  const node = document.node(end.node)
  if (node === undefined) return refusal('node', `there is no node '${end.node}'.`)
  const ports = catalogue.portsOf(document, node)
  const port = portNamed(ports[side], end.port)
  if (port !== undefined) return port
  if (!ports.known)
    return { name: end.port, type: 'any', fields: new Map(), required: false, from: '', aliases: [], help: '' }
  const names = ports[side].map((each) => each.name)
  const what = side === 'inputs' ? 'input' : 'output'
  const meant = names.length === 0 ? 'It has none.' : didYouMean(end.port, names)
  return refusal('port', `'${end.node}' has no ${what} '${end.port}'.${meant === '' ? '' : ` ${meant}`}`)
}

function isPort(found: PortSpec | Connection): found is PortSpec {
  return 'name' in found
}

/** Whether an edge may be drawn from an output to an input; if not, why, and what could stand between them. */
export function mayConnect(document: FlowDocument, catalogue: Catalogue, source: FlowEnd, target: FlowEnd): Connection {
  const output = portOf(document, catalogue, source, 'outputs')
  if (!isPort(output)) return output
  const input = portOf(document, catalogue, target, 'inputs')
  if (!isPort(input)) return input
  const twice = document
    .edgesOutOf(source.node)
    .some(
      (edge) => edge.source.port === source.port && edge.target.node === target.node && edge.target.port === target.port
    )
  if (twice) return refusal('twice', 'there is an edge between the two already.')
  if (leadsTo(document, target.node, source.node))
    return refusal('cycle', `the flow would go round in a circle: rows come from '${target.node}' to '${source.node}'.`)
  const reason = misfit(output, input)
  if (reason === '') return { fits: true }
  return { fits: false, why: 'type', reason, converters: convertersBetween(catalogue, output, input) }
}

/** Types that take what an output gives and give what an input takes, at most 12. */
export function convertersBetween(
  catalogue: Catalogue,
  output: PortSpec,
  input: PortSpec
): { type: NodeType; input: string; output: string }[] {
  const found: { type: NodeType; input: string; output: string }[] = []
  for (const type of catalogue.types) {
    const way = wayThrough(type, output, input)
    if (way !== undefined && found.length < 12) found.push({ type, ...way })
  }
  return found
}

function wayThrough(type: NodeType, output: PortSpec, input: PortSpec): { input: string; output: string } | undefined {
  const into = type.inputs.find((port) => port.from === '' && misfit(output, port) === '')
  const settings = new Map()
  const out = instancePorts(type.outputs, settings, type.settings).find(
    (port) => port.name !== 'error' && misfit(port, input) === ''
  )
  return into === undefined || out === undefined ? undefined : { input: into.name, output: out.name }
}

/** The ports by which a node of this type can stand on an edge, or undefined if it cannot. */
export function insertable(
  document: FlowDocument,
  catalogue: Catalogue,
  edge: string,
  type: NodeType
): { input: string; output: string } | undefined {
  const value = document.edge(edge)
  if (value === undefined) return undefined
  const output = portOf(document, catalogue, value.source, 'outputs')
  const input = portOf(document, catalogue, value.target, 'inputs')
  return isPort(output) && isPort(input) ? wayThrough(type, output, input) : undefined
}

export interface Fitting {
  type: NodeType
  /** The port of it that the wire goes to. */
  port: string
}

/** The node types that fit a port which a wire was dragged from: for the filtered palette. The newest of each id. */
export function fits(catalogue: Catalogue, port: PortSpec, side: 'inputs' | 'outputs'): Fitting[] {
  const found: Fitting[] = []
  for (const type of catalogue.types) {
    if (catalogue.newest(type.id) !== type) continue
    const ports = side === 'outputs' ? type.inputs : instancePorts(type.outputs, new Map(), type.settings)
    const fit = ports.find((other) => {
      if (other.from !== '' || (side === 'inputs' && other.name === 'error' && port.type !== 'error_packet'))
        return false
      return misfit(side === 'outputs' ? port : other, side === 'outputs' ? other : port) === ''
    })
    if (fit !== undefined) found.push({ type, port: fit.name })
  }
  return found
}

/** Which old port is which new one when a node gets another type: by name or alias, else by place and fit. */
export function matchPorts(
  before: readonly PortSpec[],
  after: readonly PortSpec[],
  used: readonly string[]
): Map<string, string> {
  const mapping = new Map<string, string>()
  for (const name of used) {
    const old = portNamed(before, name)
    const same = portNamed(after, name)
    const rest = after.filter((port) => port.name !== 'error' && ![...mapping.values()].includes(port.name))
    const other = old === undefined ? rest[0] : (rest.find((port) => port.type === old.type) ?? rest[0])
    mapping.set(name, same?.name ?? other?.name ?? '')
  }
  return mapping
}
