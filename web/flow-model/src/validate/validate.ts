// The immediate checks of a document: what can be said at each keystroke without the engine, in the engine's words.
import { alertsOf, portsOf } from '../document/elements.ts'
import type { FlowEdge, FlowEnd, FlowNode } from '../document/elements.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { countsRows, kMeasureNames, parseMetric } from '../document/metrics.ts'
import { below } from '../json/pointer.ts'
import { textMember } from '../json/value.ts'
import { Problems, withSubjects } from '../problem.ts'
import type { Problem } from '../problem.ts'
import { didYouMean, nearestName } from '../suggest.ts'
import { portNamed } from '../catalogue/catalogue.ts'
import type { Catalogue, NodePorts } from '../catalogue/catalogue.ts'
import { misfit } from '../catalogue/connect.ts'
import type { NodeType } from '../catalogue/node-type.ts'
import { checkParameters, checkParameterUse } from './parameters.ts'
import { checkSettings } from './settings.ts'
import type { PatternCheck } from './settings.ts'

export interface ValidateOptions {
  catalogue: Catalogue
  /** Patterns of settings; as JavaScript's regular expressions if not given. */
  matches?: PatternCheck
}

/** What the engine says of a document: expressions, plans, fields. Given by who has an engine. */
export type DeepCheck = (text: string) => Promise<readonly Problem[]>

const kSubflow = 'subflow/'

function suggestionOf(wanted: string, names: readonly string[]): string {
  const nearest = nearestName(wanted, names)
  if (nearest !== '') return `Did you mean '${nearest}'?`
  return names.length === 0 || names.length > 12 ? '' : `There are: ${names.join(', ')}.`
}

function matchesHere(pattern: string, text: string): boolean | undefined {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return undefined
  }
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}

interface Bound {
  edge: FlowEdge
  pointer: string
}

class Validation {
  readonly problems = new Problems()
  private readonly types = new Map<string, NodeType | undefined>()
  private readonly ports = new Map<string, NodePorts>()
  private readonly lost = new Set<string>()
  private readonly exposed = new Set<string>()
  private readonly bound: Bound[] = []

  constructor(
    private readonly document: FlowDocument,
    private readonly options: ValidateOptions
  ) {}

  run(): void {
    const names = checkParameters(this.document.root, this.problems)
    this.ids()
    this.document.nodes().forEach((node, index) => {
      this.node(node, below('/nodes', index), names)
    })
    this.document.edges().forEach((edge, index) => {
      this.edge(edge, below('/edges', index))
    })
    this.expose()
    this.required()
    this.cycle()
    this.idle()
    this.alerts()
    this.durable()
  }

  private ids(): void {
    const { problems, document } = this
    for (const kind of ['nodes', 'edges', 'groups'] as const) {
      document.tables[kind].list().forEach(({ id }, index) => {
        const pointer = `/${kind}/${index}/id`
        if (id === '' || id.includes('/'))
          problems.error('flow.bad_id', pointer, `'${id}' is no id.`, "An id is a text without '/'.")
        else if (hasControls(id))
          problems.error(
            'flow.bad_id',
            pointer,
            `'${id}' is no id: it holds control characters.`,
            'Write it with letters, digits and signs.'
          )
      })
    }
    document.tables.nodes.list().forEach(({ value }, index) => {
      const parent = textMember(value, 'parent')
      if (parent === '' || document.tables.groups.has(parent)) return
      problems.error('flow.unknown_group', `/nodes/${index}/parent`, `there is no group '${parent}'.`)
    })
  }

  private node(node: FlowNode, pointer: string, parameters: string[]): void {
    const { catalogue, matches = matchesHere } = this.options
    const type = catalogue.typeOf(node)
    // A flow that is used as a node and was not read is the engine's to check.
    if (type === undefined && node.typeId.startsWith(kSubflow)) return
    this.types.set(node.id, type)
    this.ports.set(node.id, catalogue.portsOf(this.document, node))
    if (type === undefined) {
      this.unknownType(node, pointer)
      return
    }
    const settings = below(pointer, 'settings')
    checkParameterUse(node.settings, type.settings, undefined, settings, parameters, this.problems)
    checkSettings(type.settings, node.settings, settings, this.problems, matches)
    if (node.bypass && (type.inputs.length === 0 || type.outputs.length < 2))
      this.problems.error(
        'flow.cannot_bypass',
        pointer,
        `'${type.id}' has no input and output to be bypassed.`,
        'Remove `bypass`.'
      )
  }

  private unknownType(node: FlowNode, pointer: string): void {
    const versions = this.options.catalogue.versionsOf(node.typeId).map((type) => type.version)
    if (versions.length > 0) {
      const message = `'${node.typeId}' has no version '${node.version}'; there are: ${versions.join(', ')}.`
      const advice = `Set one of these, and compare the settings with what \`weir nodes ${node.typeId}\` says.`
      this.problems.error('flow.unknown_version', below(pointer, 'version'), message, advice)
      return
    }
    const nearest = this.options.catalogue.nearest(node.typeId)
    const advice = nearest === '' ? 'See `weir nodes`.' : `Did you mean '${nearest}'?`
    this.problems.error(
      'flow.unknown_type',
      below(pointer, 'typeId'),
      `there is no node type '${node.typeId}'.`,
      advice
    )
  }

  /** Whether the port is there; what is not known is not judged. */
  private end(end: FlowEnd, side: 'inputs' | 'outputs', pointer: string): boolean {
    const { nodes } = this.document.tables
    if (!nodes.has(end.node)) {
      const names = nodes
        .list()
        .map((entry) => entry.id)
        .sort()
      const advice = suggestionOf(end.node, names)
      this.problems.error('flow.unknown_node', below(pointer, 'node'), `there is no node '${end.node}'.`, advice)
      return false
    }
    const ports = this.ports.get(end.node)
    if (ports?.known !== true) return false
    if (portNamed(ports[side], end.port) !== undefined) return true
    const names = ports[side].map((port) => port.name)
    const what = side === 'inputs' ? 'input' : 'output'
    const advice = names.length === 0 ? 'It has none.' : suggestionOf(end.port, names)
    this.problems.error(
      'flow.unknown_port',
      below(pointer, 'port'),
      `'${end.node}' has no ${what} '${end.port}'.`,
      advice
    )
    return false
  }

  private edge(edge: FlowEdge, pointer: string): void {
    const { source, target, buffer, batch } = edge
    const goods = [this.end(source, 'outputs', `${pointer}/source`), this.end(target, 'inputs', `${pointer}/target`)]
    if (buffer.rows === 0 || buffer.bytes === 0 || batch.maxRows === 0)
      this.problems.error(
        'flow.range',
        pointer,
        'the buffer and the batch of an edge hold at least one row.',
        'Leave it out for the default.'
      )
    const { threshold, dropThreshold } = buffer
    if (typeof threshold === 'number' && dropThreshold !== undefined && threshold > dropThreshold)
      this.problems.error(
        'flow.range',
        `${pointer}/buffer`,
        'threshold is above dropThreshold.',
        'The producer is slowed first, then rows are dropped.'
      )
    if ((typeof threshold === 'number' && threshold <= 0) || (dropThreshold !== undefined && dropThreshold <= 0))
      this.problems.error(
        'flow.range',
        `${pointer}/buffer`,
        'a threshold is a share of the buffer above 0.',
        'Give a number up to 1, such as 0.8.'
      )
    if (!goods.every(Boolean)) {
      this.lost.add(source.node).add(target.node)
      return
    }
    this.bound.push({ edge, pointer })
    this.fit(edge, pointer)
  }

  private fit(edge: FlowEdge, pointer: string): void {
    const output = portNamed(this.ports.get(edge.source.node)?.outputs ?? [], edge.source.port)
    const input = portNamed(this.ports.get(edge.target.node)?.inputs ?? [], edge.target.port)
    if (output === undefined || input === undefined) return
    const plain = edge.transform === '' ? output : { ...output, fields: new Map<string, string>() }
    const reason = misfit(plain, input)
    if (reason === '') return
    const advice = reason.startsWith('the output')
      ? 'Put a node between them that converts.'
      : 'Convert it in a map before.'
    this.problems.error('flow.port_type', pointer, reason, advice)
  }

  private expose(): void {
    const ports = portsOf(this.document.root)
    for (const side of ['inputs', 'outputs'] as const) {
      ports[side].forEach((port, index) => {
        if (this.end(port, side, `/ports/${side}/${index}`)) this.exposed.add(port.node)
      })
    }
  }

  private required(): void {
    const connected = new Set(this.bound.map(({ edge }) => this.inputKey(edge)))
    this.document.nodes().forEach((node, index) => {
      if (this.exposed.has(node.id) || this.lost.has(node.id) || this.types.get(node.id) === undefined) return
      for (const input of this.ports.get(node.id)?.inputs ?? []) {
        if (!input.required || connected.has(`${node.id}\n${input.name}`)) continue
        const message = `the input '${input.name}' of '${node.id}' needs an edge.`
        this.problems.error('flow.unconnected', below('/nodes', index), message, 'Connect it, or remove the node.')
      }
    })
  }

  private inputKey(edge: FlowEdge): string {
    const port = portNamed(this.ports.get(edge.target.node)?.inputs ?? [], edge.target.port)
    return `${edge.target.node}\n${port?.name ?? ''}`
  }

  private cycle(): void {
    const waiting = new Map<string, number>()
    for (const { id } of this.document.tables.nodes.list()) waiting.set(id, 0)
    for (const { edge } of this.bound) waiting.set(edge.target.node, (waiting.get(edge.target.node) ?? 0) + 1)
    const after = new Map<string, string[]>()
    for (const { edge } of this.bound) {
      const list = after.get(edge.source.node)
      if (list === undefined) after.set(edge.source.node, [edge.target.node])
      else list.push(edge.target.node)
    }
    const order = [...waiting.keys()].filter((id) => waiting.get(id) === 0)
    for (const id of order) {
      for (const to of after.get(id) ?? []) {
        const left = (waiting.get(to) ?? 0) - 1
        waiting.set(to, left)
        if (left === 0) order.push(to)
      }
    }
    if (order.length < waiting.size) this.nameCycle(waiting)
  }

  // Every node that is left has a predecessor that is left: going back must come round.
  private nameCycle(waiting: ReadonlyMap<string, number>): void {
    const into = new Map<string, Bound>()
    for (const each of this.bound) {
      const { source, target } = each.edge
      if ((waiting.get(source.node) ?? 0) > 0 && !into.has(target.node)) into.set(target.node, each)
    }
    let at = [...waiting.keys()].find((id) => (waiting.get(id) ?? 0) > 0) ?? ''
    const way: string[] = []
    let last: Bound | undefined
    while (!way.includes(at)) {
      way.push(at)
      last = into.get(at)
      if (last === undefined) return
      at = last.edge.source.node
    }
    const round = way.slice(way.indexOf(at)).reverse()
    const message = `the flow goes round in a circle: ${[at, ...round].join(' > ')}.`
    this.problems.error('flow.cycle', last?.pointer ?? '', message, 'Remove one of these edges.')
  }

  private idle(): void {
    if (this.document.tables.nodes.size === 0) this.problems.warning('flow.empty', '/nodes', 'the flow has no nodes.')
    const fed = new Set<string>()
    const waiting: string[] = []
    const feed = (id: string): void => {
      if (!fed.has(id)) waiting.push(id)
      fed.add(id)
    }
    const wired = new Set(this.bound.map(({ edge }) => edge.source.node))
    for (const { id } of this.document.tables.nodes.list()) {
      const type = this.types.get(id)
      const source = type === undefined || type.inputs.length === 0 || this.exposed.has(id) || this.lost.has(id)
      if (source) feed(id)
    }
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      for (const edge of this.document.edgesOutOf(id)) feed(edge.target.node)
    this.document.nodes().forEach((node, index) => {
      const type = this.types.get(node.id)
      if (type === undefined) return
      const pointer = below('/nodes', index)
      if (!fed.has(node.id))
        this.problems.warning(
          'flow.unreachable',
          pointer,
          `no rows can come to '${node.id}'.`,
          'Connect it to a source, or remove it.'
        )
      if (this.exposed.has(node.id) || this.lost.has(node.id) || wired.has(node.id)) return
      const shown = type.category === 'Debug' || type.cardinality === 'sink' || type.touches === 'writes'
      if (shown || (this.ports.get(node.id)?.outputs.length ?? 0) < 2) return
      const message = `nobody reads what '${node.id}' gives.`
      this.problems.warning('flow.no_effect', pointer, message, 'Connect an output, or remove it.')
    })
  }

  private alerts(): void {
    const seen = new Map<string, string>()
    for (const { alert, pointer } of alertsOf(this.document.root)) {
      if (alert.over === undefined && alert.under === undefined)
        this.problems.error('alert.bound', pointer, 'an alert needs a bound.', 'Set over, under, or both.')
      this.metric(alert.metric, alert.where !== '' || alert.key !== '', pointer)
      const first = seen.get(alert.name)
      if (first === undefined) seen.set(alert.name, pointer)
      else
        this.problems.error(
          'alert.duplicate',
          below(pointer, 'name'),
          `the alert ${first} has the name '${alert.name}', too.`,
          'Give each alert a name of its own: mute and history go by it.'
        )
    }
  }

  private metric(text: string, tellsRows: boolean, pointer: string): void {
    const metric = parseMetric(text)
    const at = below(pointer, 'metric')
    if (metric === undefined) {
      const word = text.slice(text.lastIndexOf('.') + 1)
      const message = `'${text}' is no metric: write NODE, EDGE or run, a dot, and one of ${kMeasureNames.join(', ')}.`
      this.problems.error('alert.metric', at, message, didYouMean(word, kMeasureNames))
      return
    }
    const { of, subject, measure } = metric
    const { nodes, edges } = this.document.tables
    const ids = of === 'run' ? ['run'] : (of === 'node' ? nodes : edges).list().map((entry) => entry.id)
    const kind = of === 'node' ? 'a node' : of === 'edge' ? 'an edge' : 'the run'
    if (!ids.includes(subject)) {
      const message = `'${measure}' is measured of ${kind}, and '${subject}' is none.`
      this.problems.error('alert.metric', at, message, didYouMean(subject, ids))
    }
    if (tellsRows && !countsRows(measure))
      this.problems.error(
        'alert.rows',
        pointer,
        `conditions and keys tell rows of an edge apart, and '${measure}' does not count rows.`,
        'Use EDGE.rows, EDGE.rowsPerSecond or EDGE.idleMs.'
      )
  }

  private durable(): void {
    const config = this.document.root.get('config')
    for (const { edge, pointer } of this.bound) {
      if (edge.guarantee !== 'durable') continue
      const { rule } = edge.whenFull
      const { ageMs, order } = edge.buffer
      if (ageMs !== undefined)
        this.problems.error(
          'flow.durable_age',
          `${pointer}/buffer`,
          'a durable edge sheds no old rows.',
          'Remove ageMs.'
        )
      if (rule !== '' && rule !== 'block')
        this.problems.error(
          'flow.durable_sheds',
          `${pointer}/whenFull/rule`,
          `a durable edge keeps every row, and '${rule}' sheds rows when it is full.`,
          "Use 'block', or the guarantee 'memory'."
        )
      if (order !== '' && order !== 'fifo')
        this.problems.error(
          'flow.durable_order',
          `${pointer}/buffer/order`,
          `a durable edge gives rows in the order in which they came, not by '${order}'.`,
          "Use 'fifo', or the guarantee 'memory'."
        )
      if (textMember(config, 'stateStorage') === 'memory')
        this.problems.error(
          'state.not_durable',
          `${pointer}/guarantee`,
          "a durable edge needs a state that lasts, and config.stateStorage is 'memory'.",
          "Set stateStorage to 'file'."
        )
    }
  }
}

/**
 * Everything that can be said at once, with pointers into the document's canonical text and the ids of what it is about.
 * Expressions and what follows from them are for the engine (DeepCheck).
 */
export function validate(document: FlowDocument, options: ValidateOptions): Problem[] {
  const validation = new Validation(document, options)
  validation.run()
  return withSubjects(validation.problems.list, document.toJson())
}

/** The immediate problems together with what the engine finds besides. */
export async function validateDeeply(
  document: FlowDocument,
  options: ValidateOptions,
  deep: DeepCheck
): Promise<Problem[]> {
  const found = validate(document, options)
  const known = new Set(found.map((problem) => `${problem.code} ${problem.pointer}`))
  const more = (await deep(document.text())).filter((problem) => !known.has(`${problem.code} ${problem.pointer}`))
  return [...found, ...withSubjects(more, document.toJson())]
}
