// The document that an engine is given for a run: up to a node, with few rows, without effects; and where its rows are read.
import { WeirError } from '@weir/engine-client'
import { isList, textMember } from '@weir/flow-model'
import type { Json, NodeType } from '@weir/flow-model'
import { DocumentParts } from './document-parts.ts'
import { FlowOutputs } from './flow-texts.ts'
import type { PartNode, PortPlace, TypeTable } from './document-parts.ts'
import type { Stand } from './run-figures.ts'
import type { StartOptions } from './shown-run.ts'
import type { SampledFiles } from './sample-files.ts'
import { whatItWouldDo } from './held-back.ts'

/** Rows that are kept of a port at most. */
export const kKeptRows = 10_000
/** Rows of a source in a sample, unless said. */
export const kSampleRows = 1000
/** Of a flow with more nodes only the ends are read. */
const kMostReadNodes = 300
const kLimit = 'flow/limit'
/** More rows than any run has. */
const kAll = 2 ** 53 - 1
const kNoOwn: SampledFiles['own'] = new Map()

export interface HeldNode {
  node: string
  what: string
  /** Nodes behind it that get no rows and do not run. */
  waiting: readonly string[]
  /** Where its rows are read; undefined: it takes none. */
  outlet: PortPlace | undefined
}

export interface RunDocument {
  text: string
  outlets: readonly PortPlace[]
  /** Ports of the document by `portKey`, and the outlet that has their rows. */
  kept: ReadonlyMap<string, PortPlace>
  heldBack: readonly HeldNode[]
  /** Nodes and edges that are not the person's. */
  added: ReadonlySet<string>
  /** Whose work the nodes do that are not the person's. */
  stand: Stand
  /** Some source goes on until it is stopped. */
  isUnbounded: boolean
}

/** A document that runs as it is. */
export function plainDocument(text: string): RunDocument {
  const stand = { partOf: new Map<string, string>(), gives: new Map<string, string>() }
  return { text, outlets: [], kept: new Map(), heldBack: [], added: new Set(), stand, isUnbounded: false }
}

export function portKey({ node, port }: PortPlace): string {
  return `${node}\u0000${port}`
}

/** Those that lead to it, and itself. */
export function leadingTo(
  parts: { edges: readonly { source: { node: string }; target: { node: string } }[] },
  node: string
): Set<string> {
  const before = new Map<string, string[]>()
  for (const { source, target } of parts.edges) {
    const list = before.get(target.node)
    if (list === undefined) before.set(target.node, [source.node])
    else list.push(source.node)
  }
  const found = new Set([node])
  for (const each of found) for (const other of before.get(each) ?? []) found.add(other)
  return found
}

/**
 * `flows`: the texts of flows that it uses as nodes, whose ports are read where they lead to. `files`: of readers that
 * match many files, those that a sample reads.
 * @throws WeirError `flow.unknown_node` if there is no node to run up to
 */
export function runDocument(
  text: string,
  options: StartOptions,
  types: TypeTable,
  flows: Readonly<Record<string, string>> = {},
  files: ReadonlyMap<string, SampledFiles> = new Map()
): RunDocument {
  const parts = DocumentParts.of(text)
  if (parts === undefined) return plainDocument(text)
  return new Preparation(parts, options, types, text, new FlowOutputs(flows), files).result()
}

/** Of these columns alone; undefined: of all. */
function typesOf(schema: Json, columns: readonly string[] | undefined): Json {
  if (columns === undefined || !isList(schema)) return schema
  return schema.filter((each) => columns.includes(textMember(each, 'name')))
}

/** A flow that is used as a node, without effects; undefined: it has none. */
export function subflowWithoutEffects(text: string, types: TypeTable): string | undefined {
  const parts = DocumentParts.of(text)
  if (parts === undefined) return undefined
  const preparation = new Preparation(parts, { kind: 'sample' }, types, text)
  return preparation.holdBack() ? parts.text() : undefined
}

class Preparation {
  private readonly added = new Set<string>()
  private readonly partOf = new Map<string, string>()
  private readonly gives = new Map<string, string>()
  private outlets: PortPlace[] = []
  private readonly kept = new Map<string, PortPlace>()
  private heldBack: HeldNode[] = []

  constructor(
    private readonly parts: DocumentParts,
    private readonly options: StartOptions,
    private readonly types: TypeTable,
    private readonly given: string,
    private readonly flows = new FlowOutputs({}),
    private readonly files: ReadonlyMap<string, SampledFiles> = new Map()
  ) {}

  result(): RunDocument {
    const { kind, upTo, preview = kind === 'sample', sampleRows } = this.options
    const isSample = kind === 'sample' || sampleRows !== undefined
    if (upTo !== undefined) this.cutTo(upTo)
    const isPart = this.readOnly(this.options.files ?? {})
    if (preview) this.holdBack()
    const isUnbounded = this.parts.nodes.some((node) => this.types.isUnbounded(node))
    const count = this.parts.nodes.length
    const readsAll = isSample && count <= kMostReadNodes
    // Outputs are listed before nodes of ours are added.
    const own = [...this.parts.nodes]
    if (isSample) this.limitSources(own, sampleRows ?? kSampleRows)
    if (readsAll) this.readAll(own)
    else this.readEnds(own)
    const isPlain = isSample || preview || upTo !== undefined
    const isChanged = isPlain || isPart || this.added.size > 0
    return {
      text: isChanged ? this.parts.text(isPlain) : this.given,
      outlets: this.outlets,
      kept: this.kept,
      heldBack: this.heldBack,
      added: this.added,
      stand: { partOf: this.partOf, gives: this.gives },
      isUnbounded
    }
  }

  /** Has readers read only these files. False: there are none of them. */
  private readOnly(files: NonNullable<StartOptions['files']>): boolean {
    const found = this.parts.nodes.filter(({ id }) => (files[id] ?? []).length > 0)
    for (const node of found) {
      const [path = '', ...more] = files[node.id] ?? []
      const settings = new Map<string, Json>(node.settings).set('path', path)
      if (more.length > 0) settings.set('morePaths', more)
      else settings.delete('morePaths')
      this.parts.setSettings(node, settings)
    }
    return found.length > 0
  }

  private cutTo(node: string): void {
    if (!this.parts.nodes.some(({ id }) => id === node)) {
      throw new WeirError('flow.unknown_node', `there is no node '${node}' to run up to`)
    }
    this.parts.keepNodes(leadingTo(this.parts, node))
  }

  /** Nodes that write take their rows and do nothing; what is behind them gets none. False: there are none. */
  holdBack(): boolean {
    const allowed = new Set(this.options.writes ?? [])
    const held = this.parts.nodes.filter((node) => {
      const type = this.types.of(node)
      return type?.touches === 'writes' && !allowed.has(node.id)
    })
    const gone = new Set<string>()
    for (const node of held) {
      const type = this.types.of(node)
      if (gone.has(node.id) || type === undefined) continue
      const waiting = this.cutBehind(node.id)
      for (const each of waiting) gone.add(each)
      const what = whatItWouldDo(node, type)
      if (type.inputs.length === 0) {
        // A source that moves on what it reads (the place of a consumer) gives nothing.
        gone.add(node.id)
        this.heldBack.push({ node: node.id, what, waiting, outlet: undefined })
        continue
      }
      this.collect(node)
      const outlet = { node: node.id, port: 'rows' }
      this.outlets.push(outlet)
      this.heldBack.push({ node: node.id, what, waiting, outlet })
    }
    this.parts.keepNodes(new Set(this.parts.nodes.map(({ id }) => id).filter((id) => !gone.has(id))))
    // One that another one came to cut off: it has nothing to hold back.
    this.heldBack = this.heldBack.filter(({ node, outlet }) => outlet === undefined || !gone.has(node))
    this.outlets = this.outlets.filter(({ node }) => !gone.has(node))
    return held.length > 0
  }

  /** Cuts what leads out of a node, and all that then lacks its rows; ids of the nodes that do. */
  private cutBehind(node: string): string[] {
    const waiting: string[] = []
    const toCut = [node]
    for (const from of toCut) {
      const out = this.parts.edges.filter((edge) => edge.source.node === from)
      this.parts.edges = this.parts.edges.filter((edge) => edge.source.node !== from)
      for (const { target } of out) {
        if (waiting.includes(target.node) || !this.lacksRows(target)) continue
        waiting.push(target.node)
        toCut.push(target.node)
      }
    }
    this.parts.edges = this.parts.edges.filter((edge) => !waiting.includes(edge.target.node))
    return waiting
  }

  /** Nothing leads to the port any more, and the node cannot do without. */
  private lacksRows({ node, port }: PortPlace): boolean {
    if (this.parts.edges.some(({ target }) => target.node === node && target.port === port)) return false
    if (!this.parts.edges.some(({ target }) => target.node === node)) return true
    const found = this.parts.nodes.find(({ id }) => id === node)
    const type = found === undefined ? undefined : this.types.of(found)
    return type?.inputs.find((input) => input.name === port)?.required === true
  }

  private collect(node: PartNode): void {
    for (const edge of this.parts.edges) {
      if (edge.target.node === node.id) this.parts.setTarget(edge, { node: node.id, port: 'rows' })
    }
    this.parts.replaceNode(node, kLimit, this.limit().version, new Map([['count', kAll]]))
  }

  private limitSources(nodes: readonly PartNode[], rows: number): void {
    for (const node of nodes) {
      if (!this.types.isSource(node)) continue
      for (const { name } of this.types.outputsOf(node)) {
        const place = { node: node.id, port: name }
        const limiter = this.spread(node, name, rows) ?? this.limiter(`${node.id}~sample`, place, rows)
        this.gives.set(limiter.node, node.id)
        for (const edge of this.parts.edges) {
          if (edge.source.node !== node.id || edge.source.port !== name || this.added.has(edge.id)) continue
          this.parts.setSource(edge, limiter)
        }
        this.kept.set(portKey(place), limiter)
      }
    }
  }

  /** A reader of many files reads some of them, so many rows of each; where they come out. Undefined: it reads one. */
  private spread(node: PartNode, port: string, rows: number): PortPlace | undefined {
    const { paths, schema, own } = this.files.get(node.id) ?? { paths: [], schema: undefined, own: kNoOwn }
    const merge = this.types.catalogue.newest('flow/merge')
    if (paths.length < 2 || merge === undefined) return undefined
    const { typeId, version } = node
    const parts = paths.map((path, i) => {
      const settings = new Map<string, Json>(node.settings).set('path', path)
      settings.delete('morePaths')
      if (schema !== undefined) settings.set('schema', typesOf(schema, own.get(path)))
      if (i === 0) this.parts.replaceNode(node, typeId, version, settings)
      const from = i === 0 ? node.id : this.parts.addNode(`${node.id}~file`, typeId, version, settings)
      if (i > 0) {
        this.added.add(from)
        this.partOf.set(from, node.id)
      }
      return this.limiter(`${node.id}~rows`, { node: from, port }, rows)
    })
    const names = parts.map((_, i) => `file${String(i + 1)}`)
    const settings = new Map<string, Json>([
      ['inputs', names],
      ['order', 'inputs']
    ])
    const id = this.parts.addNode(`${node.id}~sample`, 'flow/merge', merge.version, settings)
    this.added.add(id)
    parts.forEach((place, i) => {
      this.added.add(this.parts.addEdge(`${id}~edge`, place, { node: id, port: names[i] ?? '' }))
    })
    return { node: id, port: 'rows' }
  }

  private readAll(nodes: readonly PartNode[]): void {
    for (const node of nodes) {
      if (this.heldBack.some((held) => held.node === node.id)) continue
      for (const { name } of this.outputsOf(node)) this.read({ node: node.id, port: name })
    }
  }

  /** What leads nowhere, and what flows into sinks: of the latter the first rows, so that the run has no more to do. */
  private readEnds(nodes: readonly PartNode[]): void {
    const fed = new Map<string, PortPlace>()
    for (const node of nodes) {
      if (this.heldBack.some((held) => held.node === node.id)) continue
      const outputs = this.outputsOf(node)
      if (outputs.length === 0) {
        for (const { source, target } of this.parts.edges) {
          if (target.node === node.id && !this.isError(source)) fed.set(portKey(source), source)
        }
      }
      for (const { name } of outputs) {
        const place = { node: node.id, port: name }
        const leads = this.parts.edges.some(({ source }) => portKey(source) === portKey(place))
        if (!leads) this.read(place)
      }
    }
    for (const place of fed.values()) {
      const limiter = this.limiter(`${place.node}~kept`, place, kKeptRows)
      this.kept.set(portKey(place), limiter)
      this.outlets.push(limiter)
    }
  }

  private isError({ port }: PortPlace): boolean {
    return port === 'error'
  }

  private outputsOf(node: PartNode): readonly { name: string }[] {
    return this.flows.of(node) ?? this.types.outputsOf(node)
  }

  private read(place: PortPlace): void {
    const node = this.parts.nodes.find(({ id }) => id === place.node)
    const isFlow = node !== undefined && this.flows.of(node) !== undefined
    // A flow that is used as a node is no node of the run: its rows are read behind it.
    const outlet =
      this.kept.get(portKey(place)) ?? (isFlow ? this.limiter(`${place.node}~kept`, place, kKeptRows) : place)
    this.kept.set(portKey(place), outlet)
    this.outlets.push(outlet)
  }

  /** A node behind a port that lets so many rows pass; where they come out. */
  private limiter(id: string, from: PortPlace, rows: number): PortPlace {
    const settings = new Map<string, Json>([['count', rows]])
    const node = this.parts.addNode(id, kLimit, this.limit().version, settings)
    this.added.add(node)
    this.added.add(this.parts.addEdge(`${node}~edge`, from, { node, port: 'rows' }))
    return { node, port: 'rows' }
  }

  private limit(): NodeType {
    const type = this.types.catalogue.newest(kLimit)
    if (type === undefined)
      throw new WeirError('flow.unknown_type', `this place has no node '${kLimit}', which samples need`)
    return type
  }
}
