// The parts of a flow document that are changed before it runs: nodes and edges, exact to the last digit.
import {
  Catalogue,
  instancePorts,
  isList,
  isObject,
  memberOf,
  parseJson,
  textMember,
  writeJson
} from '@weir/flow-model'
import type { Json, JsonObject, NodeType, PortSpec } from '@weir/flow-model'
import type { NodeType as NodeSchema } from '@weir/engine-client'

export interface PortPlace {
  node: string
  port: string
}

export interface PartNode {
  id: string
  typeId: string
  version: string
  settings: JsonObject
  /** As it stands in the document. */
  json: Json
}

export interface PartEdge {
  id: string
  source: PortPlace
  target: PortPlace
  json: Json
}

const kNone: JsonObject = new Map()

/** Node types as a document's nodes name them. */
export class TypeTable {
  readonly catalogue: Catalogue
  private readonly unbounded: ReadonlySet<string>

  constructor(schemas: readonly NodeSchema[]) {
    this.catalogue = Catalogue.of(schemas)
    this.unbounded = new Set(schemas.filter((schema) => schema['unbounded'] === true).map((schema) => schema.id))
  }

  of(node: PartNode): NodeType | undefined {
    return this.catalogue.find(node.typeId, node.version)
  }

  /** Whether it goes on until it is stopped. */
  isUnbounded(node: PartNode): boolean {
    return this.unbounded.has(this.of(node)?.id ?? '')
  }

  /** The outputs that a node has, without `error`. */
  outputsOf(node: PartNode): readonly PortSpec[] {
    const type = this.of(node)
    if (type === undefined) return []
    return instancePorts(type.outputs, node.settings, type.settings).filter((port) => port.name !== 'error')
  }

  isSource(node: PartNode): boolean {
    return this.of(node)?.inputs.length === 0
  }
}

/** A document taken apart. What is no document is `undefined`: the engine says what is wrong with it. */
export class DocumentParts {
  nodes: PartNode[]
  edges: PartEdge[]

  private constructor(
    private readonly members: JsonObject,
    readonly id: string
  ) {
    this.nodes = listOf(members.get('nodes')).map(nodeOf)
    this.edges = listOf(members.get('edges')).map(edgeOf)
  }

  static of(text: string): DocumentParts | undefined {
    const read = parseJson(text)
    if (!read.ok || !isObject(read.value)) return undefined
    return new DocumentParts(read.value, textMember(read.value, 'id'))
  }

  /** A node of our own; its id is one that no other has. */
  addNode(wanted: string, typeId: string, version: string, settings: JsonObject): string {
    let id = wanted
    for (let i = 2; this.nodes.some((node) => node.id === id); ++i) id = `${wanted}-${String(i)}`
    const json = new Map<string, Json>([
      ['id', id],
      ['typeId', typeId],
      ['version', version],
      ['settings', settings]
    ])
    this.nodes.push({ id, typeId, version, settings, json })
    return id
  }

  addEdge(wanted: string, source: PortPlace, target: PortPlace): string {
    let id = wanted
    for (let i = 2; this.edges.some((edge) => edge.id === id); ++i) id = `${wanted}-${String(i)}`
    const json = new Map<string, Json>([
      ['id', id],
      ['source', placeJson(source)],
      ['target', placeJson(target)]
    ])
    this.edges.push({ id, source, target, json })
    return id
  }

  /** Puts another type in the place of a node; its id, place and name stay. */
  replaceNode(node: PartNode, typeId: string, version: string, settings: JsonObject): void {
    const json = new Map(isObject(node.json) ? node.json : kNone)
    json.set('typeId', typeId).set('version', version).set('settings', settings)
    // Rules for when things go wrong are those of the type that was there.
    for (const member of ['retry', 'timeoutMs', 'breaker']) json.delete(member)
    Object.assign(node, { typeId, version, settings, json })
  }

  setSettings(node: PartNode, settings: JsonObject): void {
    node.settings = settings
    node.json = new Map(isObject(node.json) ? node.json : kNone).set('settings', settings)
  }

  /** Only these nodes stay, and the edges between them. */
  keepNodes(ids: ReadonlySet<string>): void {
    this.nodes = this.nodes.filter((node) => ids.has(node.id))
    this.edges = this.edges.filter((edge) => ids.has(edge.source.node) && ids.has(edge.target.node))
  }

  setSource(edge: PartEdge, source: PortPlace): void {
    edge.source = source
    edge.json = new Map(isObject(edge.json) ? edge.json : kNone).set('source', placeJson(source))
  }

  setTarget(edge: PartEdge, target: PortPlace): void {
    edge.target = target
    edge.json = new Map(isObject(edge.json) ? edge.json : kNone).set('target', placeJson(target))
  }

  /** As text; `plain`: without what is for those who look, and without what lasts (alerts, checkpoints, durable edges). */
  text(plain = false): string {
    const members = new Map(this.members)
    if (plain) {
      for (const member of ['widgets', 'dashboards', 'alerts', 'ports', 'layout']) members.delete(member)
      const config = members.get('config')
      if (isObject(config)) members.set('config', withoutMembers(config, ['alerts', 'checkpoint']))
    }
    members.set(
      'nodes',
      this.nodes.map((node) => node.json)
    )
    members.set(
      'edges',
      this.edges.map(({ json }) => (plain && isObject(json) ? withoutMembers(json, ['guarantee']) : json))
    )
    return writeJson(members)
  }
}

function withoutMembers(object: JsonObject, names: readonly string[]): JsonObject {
  const left = new Map(object)
  for (const name of names) left.delete(name)
  return left
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : []
}

function nodeOf(json: Json): PartNode {
  const settings = memberOf(json, 'settings')
  return {
    id: textMember(json, 'id'),
    typeId: textMember(json, 'typeId'),
    version: textMember(json, 'version'),
    settings: isObject(settings) ? settings : kNone,
    json
  }
}

function edgeOf(json: Json): PartEdge {
  const place = (member: string): PortPlace => {
    const found = memberOf(json, member)
    return { node: textMember(found, 'node'), port: textMember(found, 'port') }
  }
  return { id: textMember(json, 'id'), source: place('source'), target: place('target'), json }
}

function placeJson({ node, port }: PortPlace): Json {
  return new Map<string, Json>([
    ['node', node],
    ['port', port]
  ])
}
