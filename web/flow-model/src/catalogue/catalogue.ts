// Catalogue: the node types that are there, by id and version; and what a node of no known type is taken for.
import type { FlowDocument } from '../document/flow-document.ts'
import type { FlowNode } from '../document/elements.ts'
import { fromPlain } from '../json/value.ts'
import { compareVersions, readVersion } from '../document/migrate.ts'
import { nearestName } from '../suggest.ts'
import { instancePorts, nodeTypeOf } from './node-type.ts'
import type { NodeType, PortSpec } from './node-type.ts'

export interface NodePorts {
  inputs: readonly PortSpec[]
  outputs: readonly PortSpec[]
  /** False: the type is not known, and these are the ports that its edges name. */
  known: boolean
}

export class Catalogue {
  private readonly byId = new Map<string, NodeType[]>()
  private readonly aliasOf = new Map<string, string>()
  private readonly listeners = new Set<() => void>()
  private all: readonly NodeType[] = []
  private count = 0

  constructor(types: readonly NodeType[]) {
    this.take(types)
  }

  get types(): readonly NodeType[] {
    return this.all
  }

  /** Counts what was learned; the same number means the same types. */
  get revision(): number {
    return this.count
  }

  /** Takes in types that come to be known later, such as flows that are used as nodes; of the same id and version the new one counts. */
  learn(types: readonly NodeType[]): void {
    if (types.length === 0) return
    ++this.count
    this.take(types)
    for (const listener of [...this.listeners]) listener()
  }

  /** Calls when types were learned. Gives what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private take(types: readonly NodeType[]): void {
    const keyOf = ({ id, version }: NodeType): string => `${id}\u0000${version}`
    const taken = new Set(types.map(keyOf))
    this.all = [...this.all.filter((type) => !taken.has(keyOf(type))), ...types]
    for (const type of types) {
      const versions = (this.byId.get(type.id) ?? []).filter((known) => known.version !== type.version)
      versions.push(type)
      versions.sort((a, b) => compareVersions(readVersion(a.version) ?? [], readVersion(b.version) ?? []))
      this.byId.set(type.id, versions)
      for (const alias of type.aliases) this.aliasOf.set(alias, type.id)
    }
  }

  /** Of schema.json values, as `weir nodes --json` and the engine give them. */
  static of(schemas: readonly unknown[]): Catalogue {
    return new Catalogue(schemas.map((schema) => nodeTypeOf(fromPlain(schema))))
  }

  /** Of exactly this version, or undefined. Aliases are ids, too. */
  find(id: string, version: string): NodeType | undefined {
    return this.versionsOf(id).find((type) => type.version === version)
  }

  /** The newest of this id. */
  newest(id: string): NodeType | undefined {
    return this.versionsOf(id).at(-1)
  }

  /** Oldest first. */
  versionsOf(id: string): readonly NodeType[] {
    return this.byId.get(id) ?? this.byId.get(this.aliasOf.get(id) ?? id) ?? []
  }

  /** The id that was probably meant, or an empty text. */
  nearest(id: string): string {
    return nearestName(id, [...this.byId.keys(), ...this.aliasOf.keys()])
  }

  typeOf(node: FlowNode): NodeType | undefined {
    return this.find(node.typeId, node.version)
  }

  /** The ports of a node as it is set. One of no known type has those that its edges name: it is a placeholder. */
  portsOf(document: FlowDocument, node: FlowNode): NodePorts {
    const type = this.typeOf(node)
    if (type !== undefined) {
      const inputs = instancePorts(type.inputs, node.settings, type.settings)
      return { inputs, outputs: instancePorts(type.outputs, node.settings, type.settings), known: true }
    }
    const named = (names: Iterable<string>): PortSpec[] => [...new Set(names)].sort().map(anyPort)
    return {
      inputs: named(document.edgesInto(node.id).map((edge) => edge.target.port)),
      outputs: named(document.edgesOutOf(node.id).map((edge) => edge.source.port)),
      known: false
    }
  }
}

function anyPort(name: string): PortSpec {
  return { name, type: 'any', fields: new Map(), required: false, from: '', aliases: [], help: '' }
}

/** The port of this name or alias. */
export function portNamed(ports: readonly PortSpec[], name: string): PortSpec | undefined {
  return ports.find((port) => port.name === name || port.aliases.includes(name))
}
