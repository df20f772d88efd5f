// What a flow document is made of, as types: nodes, edges, boxes, notes, widgets and all that has no id.
import { isList, isObject, memberOf, textMember, toNumber } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'

/** The lists whose elements have ids. */
export const kElementKinds = ['nodes', 'edges', 'groups', 'notes', 'widgets'] as const
export type ElementKind = (typeof kElementKinds)[number]

export interface FlowRetry {
  /** The first one counts. */
  attempts?: number
  delayMs?: number
  maxDelayMs?: number
  /** 0 to 1. */
  jitter?: number
}

export interface FlowBreaker {
  failures?: number
  windowMs?: number
  openMs?: number
  probes?: number
}

export interface FlowNode {
  readonly id: string
  readonly typeId: string
  readonly version: string
  /** Empty: none was given. So are `note` and `parent`. */
  readonly name: string
  readonly note: string
  readonly parent: string
  readonly bypass: boolean
  readonly settings: JsonObject
  readonly retry: FlowRetry
  readonly breaker: FlowBreaker
  readonly timeoutMs: number | undefined
}

export interface FlowEnd {
  readonly node: string
  readonly port: string
}

export interface FlowEdge {
  readonly id: string
  readonly source: FlowEnd
  readonly target: FlowEnd
  /** CEL; empty: none. */
  readonly filter: string
  readonly transform: string
  readonly guarantee: string
  readonly onRemove: string
  readonly whenFull: { readonly rule: string; readonly maxWaitMs: number | undefined }
  readonly buffer: {
    readonly rows: number | undefined
    readonly bytes: number | undefined
    readonly ageMs: number | undefined
    readonly order: string
    readonly threshold: number | 'adaptive' | undefined
    readonly dropThreshold: number | undefined
  }
  readonly batch: { readonly maxRows: number | undefined; readonly maxWaitMs: number | undefined }
}

/** A box on the canvas. */
export interface FlowGroup {
  readonly id: string
  readonly name: string
  readonly note: string
  readonly parent: string
  readonly color: string
  readonly collapsed: boolean
}

export interface FlowNote {
  readonly id: string
  readonly text: string
  readonly parent: string
  readonly color: string
}

export interface FlowWidget {
  readonly id: string
  readonly type: string
  readonly title: string
  readonly node: string
  readonly port: string
  readonly settings: JsonObject
}

export interface FlowParameter {
  readonly name: string
  readonly type: string
  readonly label: string
  readonly help: string
  readonly required: boolean
  /** Undefined: none; null is one. */
  readonly default: Json | undefined
  readonly options: readonly string[]
  readonly min: number | undefined
  readonly max: number | undefined
}

/** A port of the flow as a node of another. */
export interface FlowPort {
  readonly name: string
  readonly type: string
  readonly node: string
  readonly port: string
  readonly required: boolean
}

export interface FlowAlert {
  readonly name: string
  readonly metric: string
  readonly severity: string
  readonly over: number | undefined
  readonly under: number | undefined
  readonly where: string
  readonly key: string
  /** Milliseconds; undefined: as the engine has it (0, 0 and 10 s). */
  readonly forMs: number | undefined
  readonly quietMs: number | undefined
  readonly windowMs: number | undefined
  /** A time such as 2026-01-31T10:00:00Z; empty: it is not muted. */
  readonly muteUntil: string
  /** Who deals with it, in words (`x-owner`); empty if nobody is named. */
  readonly owner: string
}

/** A widget on a dashboard, in cells of its grid. */
export interface FlowPlaced {
  readonly widget: string
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
}

export interface FlowDashboard {
  readonly id: string
  readonly name: string
  readonly widgets: readonly FlowPlaced[]
}

/** Reads each value once: values are never changed, only replaced. */
function once<T>(read: (value: JsonObject) => T): (value: JsonObject) => T {
  const known = new WeakMap<JsonObject, { made: T }>()
  return (value) => {
    const found = known.get(value)
    if (found !== undefined) return found.made
    const made = read(value)
    known.set(value, { made })
    return made
  }
}

const kEmpty: JsonObject = new Map()

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value.get(key)
  return isObject(found) ? found : kEmpty
}

function numberAt(value: JsonObject, key: string): number | undefined {
  return toNumber(value.get(key))
}

function numbers<K extends string>(value: JsonObject, keys: readonly K[]): { [key in K]?: number } {
  const made: { [key in K]?: number } = {}
  for (const key of keys) {
    const number = numberAt(value, key)
    if (number !== undefined) made[key] = number
  }
  return made
}

export const readNode: (value: JsonObject) => FlowNode = once((value) => ({
  id: textMember(value, 'id'),
  typeId: textMember(value, 'typeId'),
  version: textMember(value, 'version'),
  name: textMember(value, 'name'),
  note: textMember(value, 'note'),
  parent: textMember(value, 'parent'),
  bypass: value.get('bypass') === true,
  settings: objectAt(value, 'settings'),
  retry: numbers(objectAt(value, 'retry'), ['attempts', 'delayMs', 'maxDelayMs', 'jitter']),
  breaker: numbers(objectAt(value, 'breaker'), ['failures', 'windowMs', 'openMs', 'probes']),
  timeoutMs: numberAt(value, 'timeoutMs')
}))

function readEnd(value: Json | undefined): FlowEnd {
  return { node: textMember(value, 'node'), port: textMember(value, 'port') }
}

export const readEdge: (value: JsonObject) => FlowEdge = once((value) => {
  const buffer = objectAt(value, 'buffer')
  const batch = objectAt(value, 'batch')
  const full = objectAt(value, 'whenFull')
  return {
    id: textMember(value, 'id'),
    source: readEnd(value.get('source')),
    target: readEnd(value.get('target')),
    filter: textMember(value, 'filter'),
    transform: textMember(value, 'transform'),
    guarantee: textMember(value, 'guarantee'),
    onRemove: textMember(value, 'onRemove'),
    whenFull: { rule: textMember(full, 'rule'), maxWaitMs: numberAt(full, 'maxWaitMs') },
    buffer: {
      rows: numberAt(buffer, 'rows'),
      bytes: numberAt(buffer, 'bytes'),
      ageMs: numberAt(buffer, 'ageMs'),
      order: textMember(buffer, 'order'),
      threshold: buffer.get('threshold') === 'adaptive' ? 'adaptive' : numberAt(buffer, 'threshold'),
      dropThreshold: numberAt(buffer, 'dropThreshold')
    },
    batch: { maxRows: numberAt(batch, 'maxRows'), maxWaitMs: numberAt(batch, 'maxWaitMs') }
  }
})

export const readGroup: (value: JsonObject) => FlowGroup = once((value) => ({
  id: textMember(value, 'id'),
  name: textMember(value, 'name'),
  note: textMember(value, 'note'),
  parent: textMember(value, 'parent'),
  color: textMember(value, 'color'),
  collapsed: value.get('collapsed') === true
}))

export const readNote: (value: JsonObject) => FlowNote = once((value) => ({
  id: textMember(value, 'id'),
  text: textMember(value, 'text'),
  parent: textMember(value, 'parent'),
  color: textMember(value, 'color')
}))

export const readWidget: (value: JsonObject) => FlowWidget = once((value) => ({
  id: textMember(value, 'id'),
  type: textMember(value, 'type'),
  title: textMember(value, 'title'),
  node: textMember(value, 'node'),
  port: textMember(value, 'port'),
  settings: objectAt(value, 'settings')
}))

function readAll<T>(list: Json | undefined, read: (value: JsonObject) => T): T[] {
  return isList(list) ? list.filter(isObject).map(read) : []
}

const readParameter: (value: JsonObject) => FlowParameter = once((value) => {
  const options = value.get('options')
  return {
    name: textMember(value, 'name'),
    type: textMember(value, 'type'),
    label: textMember(value, 'label'),
    help: textMember(value, 'help'),
    required: value.get('required') === true,
    default: value.get('default'),
    options: isList(options) ? options.filter((option) => typeof option === 'string') : [],
    min: numberAt(value, 'min'),
    max: numberAt(value, 'max')
  }
})

const readPort: (value: JsonObject) => FlowPort = once((value) => ({
  name: textMember(value, 'name'),
  type: textMember(value, 'type'),
  node: textMember(value, 'node'),
  port: textMember(value, 'port'),
  required: value.get('required') === true
}))

const readAlert: (value: JsonObject) => FlowAlert = once((value) => ({
  name: textMember(value, 'name'),
  metric: textMember(value, 'metric'),
  severity: textMember(value, 'severity'),
  over: numberAt(value, 'over'),
  under: numberAt(value, 'under'),
  where: textMember(value, 'where'),
  key: textMember(value, 'key'),
  forMs: numberAt(value, 'forMs'),
  quietMs: numberAt(value, 'quietMs'),
  windowMs: numberAt(value, 'windowMs'),
  muteUntil: textMember(value, 'muteUntil'),
  owner: textMember(value, 'x-owner')
}))

const readDashboard: (value: JsonObject) => FlowDashboard = once((value) => ({
  id: textMember(value, 'id'),
  name: textMember(value, 'name'),
  widgets: readAll(value.get('widgets'), (placed) => ({
    widget: textMember(placed, 'widget'),
    ...numbers(placed, ['x', 'y', 'width', 'height'])
  }))
}))

/** The parameters of a document (or of what is left of it without its elements). */
export function parametersOf(root: JsonObject): FlowParameter[] {
  return readAll(root.get('parameters'), readParameter)
}

/** The ports that the flow has as a node of another. */
export function portsOf(root: JsonObject): { inputs: FlowPort[]; outputs: FlowPort[] } {
  const ports = root.get('ports')
  return {
    inputs: readAll(memberOf(ports, 'inputs'), readPort),
    outputs: readAll(memberOf(ports, 'outputs'), readPort)
  }
}

/** Alerts with their pointers: those of the document, then those of its config. */
export function alertsOf(root: JsonObject): { alert: FlowAlert; pointer: string }[] {
  const own = readAll(root.get('alerts'), readAlert)
  const configured = readAll(memberOf(root.get('config'), 'alerts'), readAlert)
  return [
    ...own.map((alert, index) => ({ alert, pointer: `/alerts/${index}` })),
    ...configured.map((alert, index) => ({ alert, pointer: `/config/alerts/${index}` }))
  ]
}

export function dashboardsOf(root: JsonObject): FlowDashboard[] {
  return readAll(root.get('dashboards'), readDashboard)
}
