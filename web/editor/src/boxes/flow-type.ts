// A flow as a node type: its ports, its parameters as settings, and what its nodes touch.
import { isList, memberOf, parametersOf, portNamed, portsOf, textMember } from '@weir/flow-model'
import type {
  Catalogue,
  FlowDocument,
  FlowParameter,
  FlowPort,
  NodeType,
  PortSpec,
  SettingSpec
} from '@weir/flow-model'

const kPrefix = 'subflow/'
/** The heading under which they stand in the palette. */
export const kOwnCategory = 'Your nodes'

/** The flow that a type is; undefined: it is none. */
export function flowOfType(typeId: string): string | undefined {
  return typeId.startsWith(kPrefix) ? typeId.slice(kPrefix.length) : undefined
}

export function typeIdOfFlow(flow: string): string {
  return kPrefix + flow
}

/** The version that a node which uses the flow has to name. */
export function versionOf(document: FlowDocument): string {
  return textMember(document.root.get('metadata'), 'version')
}

/** `clean-orders` as *Clean orders*. */
export function nameOfFlow(flow: string): string {
  const words = flow.replace(/[-_.]+/g, ' ').trim()
  return words === '' ? flow : words.charAt(0).toUpperCase() + words.slice(1)
}

const kSettingTypes: readonly string[] = ['string', 'text', 'integer', 'number', 'boolean', 'enum', 'duration'].concat([
  'bytesize',
  'expression',
  'schema',
  'path',
  'secret',
  'list',
  'map',
  'code'
])

function settingOf(parameter: FlowParameter): SettingSpec {
  const { name, type, label, help, required, min, max, options } = parameter
  const known = kSettingTypes.includes(type) ? (type as SettingSpec['type']) : 'string'
  return {
    name,
    type: options.length > 0 ? 'enum' : known,
    label: label === '' ? name : label,
    help,
    required: required && parameter.default === undefined,
    default: parameter.default,
    min,
    max,
    pattern: '',
    format: '',
    options,
    items: [],
    visibleWhen: '',
    acceptsSecret: false,
    gives: ''
  }
}

/** The port of the node in it that it stands for says what it takes or gives, unless it does itself. */
function portOf(document: FlowDocument, catalogue: Catalogue, side: 'inputs' | 'outputs', port: FlowPort): PortSpec {
  const node = document.node(port.node)
  const inner = node === undefined ? undefined : portNamed(catalogue.portsOf(document, node)[side], port.port)
  const type = port.type !== '' ? port.type : (inner?.type ?? 'any')
  const required = port.required || inner?.required === true
  return { name: port.name, type, fields: inner?.fields ?? new Map(), required, from: '', aliases: [], help: '' }
}

/** Undefined: it has no ports, and is no node. */
export function typeOfFlow(document: FlowDocument, catalogue: Catalogue): NodeType | undefined {
  const { inputs, outputs } = portsOf(document.root)
  if (inputs.length + outputs.length === 0) return undefined
  const types = document.nodes().map((node) => catalogue.typeOf(node))
  const metadata = document.root.get('metadata')
  const tags = memberOf(metadata, 'tags')
  const touches = (['writes', 'reads'] as const).find((kind) => types.some((type) => type?.touches === kind))
  const icon = textMember(document.root, 'x-icon')
  return {
    id: typeIdOfFlow(document.id),
    version: versionOf(document),
    aliases: [],
    name: nameOfFlow(document.id),
    category: kOwnCategory,
    description: textMember(metadata, 'description') || `The flow ${document.id} as a node`,
    keywords: isList(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    cardinality: 'many',
    touches: touches ?? 'nothing',
    unbounded: types.some((type) => type?.unbounded === true),
    needs: [...new Set(types.flatMap((type) => type?.needs ?? []))],
    inputs: inputs.map((port) => portOf(document, catalogue, 'inputs', port)),
    outputs: outputs.map((port) => portOf(document, catalogue, 'outputs', port)),
    settings: parametersOf(document.root).map(settingOf),
    resizable: false,
    color: '',
    icon: icon === '' ? 'box' : icon
  }
}
