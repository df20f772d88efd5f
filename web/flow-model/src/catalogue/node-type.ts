// Node types, as schema.json declares them, and the ports that a node of a type has.
import { fromPlain, isList, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'

export type SettingType =
  | 'string'
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'enum'
  | 'duration'
  | 'bytesize'
  | 'expression'
  | 'schema'
  | 'path'
  | 'secret'
  | 'list'
  | 'map'
  | 'code'

export interface SettingSpec {
  name: string
  type: SettingType
  label: string
  help: string
  required: boolean
  /** Undefined: none. */
  default: Json | undefined
  min: number | undefined
  max: number | undefined
  pattern: string
  format: string
  options: readonly string[]
  /** List of objects, or map: the members; list of scalars: one without a name. */
  items: readonly SettingSpec[]
  visibleWhen: string
  acceptsSecret: boolean
  /** Of an expression: the type it must have, such as bool. */
  gives: string
}

export interface PortSpec {
  name: string
  /** signal, any, object, string, number, tensor, rows, blob or error_packet. */
  type: string
  /** Of `rows{…}`: name to type. */
  fields: ReadonlyMap<string, string>
  required: boolean
  /** One port for each element of this list setting. */
  from: string
  aliases: readonly string[]
  help: string
}

export interface NodeType {
  id: string
  version: string
  aliases: readonly string[]
  name: string
  category: string
  description: string
  keywords: readonly string[]
  cardinality: string
  touches: string
  /** A source that goes on until it is stopped. */
  unbounded: boolean
  needs: readonly string[]
  inputs: readonly PortSpec[]
  /** They end with `error`, declared or not. */
  outputs: readonly PortSpec[]
  settings: readonly SettingSpec[]
  resizable: boolean
  color: string
  icon: string
}

function textsOf(value: Json | undefined): string[] {
  return isList(value) ? value.filter((item) => typeof item === 'string') : []
}

const kBytes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4
}

/** "64 MiB" in bytes; undefined if it is no size. */
export function parseByteSize(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text) ?? []
  const bytes = Object.hasOwn(kBytes, unit) ? kBytes[unit] : undefined
  return digits === '' || bytes === undefined ? undefined : Number(digits) * bytes
}

const kMillis: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6
}

/** "1m30s" in milliseconds; undefined if it is no duration. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|ns))+$/.test(body)) return undefined
  let sum = 0
  for (const [, amount = '', unit = ''] of body.matchAll(/(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|ns)/g))
    sum += Number(amount) * (kMillis[unit] ?? 0)
  return sign * sum
}

function boundOf(value: Json | undefined, type: string): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  return type === 'duration' ? parseDuration(value) : parseByteSize(value)
}

function settingOf(value: Json): SettingSpec {
  const items = memberOf(value, 'items')
  const type = textMember(value, 'type') as SettingType
  return {
    name: textMember(value, 'name'),
    type,
    label: textMember(value, 'label'),
    help: textMember(value, 'help'),
    required: memberOf(value, 'required') === true,
    default: memberOf(value, 'default'),
    min: boundOf(memberOf(value, 'min'), type),
    max: boundOf(memberOf(value, 'max'), type),
    pattern: textMember(value, 'pattern'),
    format: textMember(value, 'format'),
    options: textsOf(memberOf(value, 'options')),
    items: isList(items) ? items.map(settingOf) : items === undefined ? [] : [settingOf(items)],
    visibleWhen: textMember(value, 'visibleWhen'),
    acceptsSecret: memberOf(value, 'acceptsSecret') === true,
    gives: textMember(value, 'gives')
  }
}

function fieldsOf(type: string): ReadonlyMap<string, string> {
  const inner = /^rows\{(.*)\}$/.exec(type)?.[1] ?? ''
  const fields = new Map<string, string>()
  for (const part of inner.split(',')) {
    const [name = '', ...rest] = part.split(':')
    if (name.trim() !== '') fields.set(name.trim(), rest.join(':').trim())
  }
  return fields
}

function portOf(value: Json): PortSpec {
  const written = textMember(value, 'type')
  const type = written.startsWith('rows{') ? 'rows' : written === 'map' ? 'object' : written
  return {
    name: textMember(value, 'name'),
    type,
    fields: fieldsOf(written),
    required: memberOf(value, 'required') === true,
    from: textMember(value, 'from'),
    aliases: textsOf(memberOf(value, 'aliases')),
    help: textMember(value, 'help')
  }
}

function portsOf(value: Json | undefined): PortSpec[] {
  return isList(value) ? value.map(portOf) : []
}

const kErrorPort = portOf(fromPlain({ name: 'error', type: 'error_packet' }))

/** A type from its schema.json, which a catalogue has checked. */
export function nodeTypeOf(schema: Json): NodeType {
  const ports = memberOf(schema, 'ports')
  const ui = memberOf(schema, 'ui')
  const outputs = portsOf(memberOf(ports, 'outputs'))
  const own = outputs.filter((port) => port.name !== 'error')
  const touches = memberOf(schema, 'touches')
  return {
    id: textMember(schema, 'id'),
    version: textMember(schema, 'version'),
    aliases: textsOf(memberOf(schema, 'aliases')),
    name: textMember(schema, 'name'),
    category: textMember(schema, 'category'),
    description: textMember(schema, 'description'),
    keywords: textsOf(memberOf(schema, 'keywords')),
    cardinality: textMember(schema, 'cardinality') || 'one',
    touches: typeof touches === 'string' ? touches : 'writes',
    unbounded: memberOf(schema, 'unbounded') === true,
    needs: textsOf(memberOf(schema, 'needs')),
    inputs: portsOf(memberOf(ports, 'inputs')),
    outputs: [...own, outputs.find((port) => port.name === 'error') ?? kErrorPort],
    settings: ((memberOf(schema, 'settings') as Json[] | undefined) ?? []).map(settingOf),
    resizable: memberOf(ui, 'resizable') === true,
    color: textMember(ui, 'color'),
    icon: textMember(ui, 'icon')
  }
}

/** The ports of a node: those that follow a list setting come once for each of its elements. */
export function instancePorts(
  ports: readonly PortSpec[],
  settings: JsonObject,
  specs: readonly SettingSpec[]
): PortSpec[] {
  return ports.flatMap((port) => {
    if (port.from === '') return [port]
    const list = settings.get(port.from) ?? specs.find((spec) => spec.name === port.from)?.default
    if (!isList(list)) return []
    const names = list.map((element) => (typeof element === 'string' ? element : textMember(element, 'name')))
    return names.filter((name) => name !== '').map((name) => ({ ...port, name }))
  })
}
