// What of a node is drawn that comes from the document and its type: name, key setting, icon and ports.
import { isList, isObject, numberText, isNumber } from '@weir/flow-model'
import type { Catalogue, FlowDocument, FlowNode, Json, NodeType, SettingSpec } from '@weir/flow-model'
import { portLook } from '../paint/ports.ts'
import type { PortShape } from '../paint/ports.ts'
import type { ColorName } from '../paint/theme.ts'

export interface DrawnPort {
  name: string
  /** As its type is written in the schema. */
  type: string
  shape: PortShape
  color: ColorName
  /** The port for what failed, which every node has: drawn where it is used. */
  isError: boolean
}

export interface NodeLook {
  name: string
  /** What its type is called; empty if the node has no other name. */
  typeName: string
  /** The one setting that says what the node does, as text. */
  key: string
  icon: string
  color: string
  /** False: nobody knows its type. */
  known: boolean
  bypass: boolean
  note: boolean
  inputs: readonly DrawnPort[]
  outputs: readonly DrawnPort[]
}

export function nodeLook(document: FlowDocument, catalogue: Catalogue, node: FlowNode): NodeLook {
  const type = catalogue.typeOf(node)
  const ports = catalogue.portsOf(document, node)
  const drawn = ({ name, type: portType }: { name: string; type: string }): DrawnPort => {
    const isError = name === 'error'
    return { name, type: portType, ...portLook(isError ? 'error_packet' : portType), isError }
  }
  const typeName = type?.name ?? node.typeId
  return {
    name: node.name === '' ? (type?.name ?? node.id) : node.name,
    typeName: node.name === '' || node.name === typeName ? '' : typeName,
    key: keySetting(node, type),
    icon: type === undefined ? 'unknown' : type.icon || 'box',
    color: type?.color ?? '',
    known: type !== undefined,
    bypass: node.bypass,
    note: node.note !== '',
    inputs: ports.inputs.map(drawn),
    outputs: ports.outputs.map(drawn)
  }
}

/** The setting that says most: the first required one that is set, else the first that is; never a secret. */
export function keySetting(node: FlowNode, type: NodeType | undefined): string {
  if (type === undefined) return `${node.typeId} ${node.version} is not known here`
  const set = (spec: SettingSpec): boolean => spec.type !== 'secret' && node.settings.has(spec.name)
  const spec = type.settings.find((each) => each.required && set(each)) ?? type.settings.find(set)
  return spec === undefined ? '' : shortText(node.settings.get(spec.name) ?? null)
}

const kMostParts = 8

/** A value in one line: lists by commas, maps as `name = value`. */
function shortText(value: Json, depth = 0): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value.slice(0, 200).replace(/\s+/g, ' ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (isNumber(value)) return numberText(value)
  if (depth > 2) return '…'
  if (isList(value))
    return value
      .slice(0, kMostParts)
      .map((part) => shortText(part, depth + 1))
      .join(', ')
  if (!isObject(value)) return ''
  const parts = [...value].slice(0, kMostParts)
  if (depth > 0) return parts.map(([, part]) => shortText(part, depth + 1)).join(' ')
  return parts.map(([name, part]) => `${name} = ${shortText(part, depth + 1)}`).join(', ')
}
