// What the catalogue says of a node, read into what the reference shows.
import type { NodeType } from '../../api/routes.ts'

export interface Setting {
  name: string
  label: string
  type: string
  required: boolean
  fallback: string
  help: string
  options: string[]
}

export interface Port {
  name: string
  type: string
  help: string
  way: 'in' | 'out'
}

export interface NodeFacts {
  keywords: string[]
  touches: string
  hosts: string[]
  ports: Port[]
  settings: Setting[]
}

type Raw = Record<string, unknown>

function objects(value: unknown): Raw[] {
  return Array.isArray(value) ? (value as Raw[]) : []
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).map(text) : []
}

function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function portsOf(list: unknown, way: Port['way']): Port[] {
  return objects(list).map((port) => ({ name: text(port.name), type: text(port.type), help: text(port.help), way }))
}

/** The facts of a node. */
export function factsOf(node: NodeType): NodeFacts {
  const raw = node as NodeType & Raw
  const compatibility = (raw.compatibility ?? {}) as Raw
  const ports = node.ports as Raw
  return {
    keywords: texts(raw.keywords),
    touches: text(raw.touches) === '' ? 'writes' : text(raw.touches),
    hosts: texts(compatibility.hosts),
    ports: [...portsOf(ports.inputs, 'in'), ...portsOf(ports.outputs, 'out')],
    settings: objects(node.settings).map((setting) => ({
      name: text(setting.name),
      label: text(setting.label),
      type: text(setting.type),
      required: setting.required === true,
      fallback: text(setting.default),
      help: text(setting.help),
      options: texts(setting.options)
    }))
  }
}

/** Nodes whose id, name, description or keywords have all the words. */
export function nodesLike(nodes: readonly NodeType[], words: string, category: string): NodeType[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((one) => one !== '')
  return nodes.filter((node) => {
    if (category !== '' && node.category !== category) return false
    const said = [node.id, node.name, node.description, ...factsOf(node).keywords].join(' ').toLowerCase()
    return wanted.every((one) => said.includes(one))
  })
}
