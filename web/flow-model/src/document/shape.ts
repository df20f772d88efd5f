// Which keys an object of the flow document may have, in canonical order: the same table as engine/flow/shape.cpp.

export type Form =
  'any' | 'string' | 'integer' | 'number' | 'boolean' | 'map' | 'object' | 'list' | 'strings' | 'objects'

export interface ShapeKey {
  name: string
  form: Form
  /** Of object, list and objects: what each is. */
  shape?: Shape
  required?: boolean
  /** A text is one of these; of a number: texts that are allowed beside numbers. */
  choices?: readonly string[]
  least?: number
  most?: number
  nullable?: boolean
}

export interface Shape {
  /** For messages: "an edge". */
  name: string
  keys: readonly ShapeKey[]
  byName: ReadonlyMap<string, ShapeKey>
}

type Extra = Omit<ShapeKey, 'name' | 'form'>

function shape(name: string, keys: readonly ShapeKey[]): Shape {
  return { name, keys, byName: new Map(keys.map((key) => [key.name, key])) }
}

function key(name: string, form: Form, extra: Extra = {}): ShapeKey {
  return { name, form, ...extra }
}

function keys(form: Form, names: string): ShapeKey[] {
  return names.split(' ').map((name) => key(name, form))
}

const kNeeded: Extra = { required: true }

function choice(name: string, choices: string): ShapeKey {
  return key(name, 'string', { choices: choices.split('|') })
}

const point = shape('a position', [key('x', 'number', kNeeded), key('y', 'number', kNeeded)])
const size = shape('a size', keys('number', 'width height'))
const box = shape('a place in the layout', keys('number', 'x y width height'))
const layout = shape(
  'the layout',
  ['nodes', 'groups', 'notes', 'widgets'].map((name) => key(name, 'objects', { shape: box }))
)
const placing = [key('position', 'object', { shape: point }), key('size', 'object', { shape: size })]

const metadata = shape('the metadata', [
  ...keys('string', 'version author'),
  ...keys('number', 'createdAt updatedAt'),
  key('description', 'string'),
  key('tags', 'strings')
])

const alert = shape('an alert', [
  key('name', 'string', kNeeded),
  key('metric', 'string', kNeeded),
  ...keys('number', 'over under'),
  ...keys('integer', 'forMs quietMs'),
  key('windowMs', 'integer', { least: 1000, most: 86_400_000 }),
  ...keys('string', 'where key muteUntil'),
  choice('severity', 'info|warning|error|critical')
])

const limits = shape('the limits', [
  ...keys('integer', 'memoryBytes diskBytes'),
  key('threads', 'integer', { least: 1, most: 1024 }),
  key('maxRunMs', 'integer'),
  key('connections', 'integer', { least: 1, most: 1_000_000_000 }),
  key('egressBytes', 'integer', { least: 1, most: 1_125_899_906_842_624 })
])

const keep = shape('what is kept', [
  key('runMs', 'integer', { least: 1000, most: 315_360_000_000 }),
  key('runs', 'integer', { least: 1, most: 1_000_000_000 }),
  key('bytes', 'integer', { least: 1, most: 1_125_899_906_842_624 })
])

const config = shape('the config', [
  key('maxConcurrency', 'integer', { least: 1, most: 1024 }),
  choice('stateStorage', 'memory|file|redis'),
  key('maxErrors', 'integer'),
  choice('isolation', 'shared|process'),
  key('checkpoint', 'object', { shape: shape('a checkpoint', keys('integer', 'everyMs rows')) }),
  key('limits', 'object', { shape: limits }),
  key('keep', 'object', { shape: keep }),
  key('alerts', 'list', { shape: alert }),
  ...keys('strings', 'sensitive notSensitive')
])

const kParameterTypes = 'string|text|integer|number|boolean|enum|duration|bytesize|path|list|map'

const parameter = shape('a parameter', [
  key('name', 'string', kNeeded),
  key('type', 'string', { required: true, choices: kParameterTypes.split('|') }),
  ...keys('string', 'label help'),
  key('required', 'boolean'),
  key('default', 'any', { nullable: true }),
  key('options', 'strings'),
  ...keys('number', 'min max')
])

const documentPort = shape('a port of the flow', [
  key('name', 'string', kNeeded),
  key('type', 'string'),
  key('node', 'string', kNeeded),
  key('port', 'string', kNeeded),
  key('required', 'boolean'),
  key('help', 'string')
])

const ports = shape('the ports', [
  key('inputs', 'list', { shape: documentPort }),
  key('outputs', 'list', { shape: documentPort })
])

const retry = shape('a retry', [
  key('attempts', 'integer', { least: 1, most: 1000 }),
  ...keys('integer', 'delayMs maxDelayMs'),
  key('jitter', 'number', { most: 1 })
])

export const nodeShape = shape('a node', [
  key('id', 'string', kNeeded),
  key('typeId', 'string', kNeeded),
  key('version', 'string', kNeeded),
  ...keys('string', 'name note parent'),
  key('bypass', 'boolean'),
  key('settings', 'map'),
  key('retry', 'object', { shape: retry }),
  key('timeoutMs', 'integer'),
  key('breaker', 'object', { shape: shape('a breaker', keys('integer', 'failures windowMs openMs probes')) }),
  ...placing
])

const end = shape('an end of an edge', [key('node', 'string', kNeeded), key('port', 'string', kNeeded)])

const buffer = shape('a buffer', [
  ...keys('integer', 'rows bytes ageMs'),
  choice('order', 'fifo|newest|priority'),
  key('threshold', 'number', { choices: ['adaptive'], most: 1 }),
  key('dropThreshold', 'number', { most: 1 })
])

const whenFull = shape('whenFull', [
  choice('rule', 'block|dropOldest|dropNewest|dropLowestPriority|sample'),
  key('maxWaitMs', 'integer')
])

export const edgeShape = shape('an edge', [
  key('id', 'string', kNeeded),
  key('source', 'object', { shape: end, required: true }),
  key('target', 'object', { shape: end, required: true }),
  choice('preset', 'highFrequency|lowLatency|smallMemory'),
  key('filter', 'string', { nullable: true }),
  key('transform', 'string', { nullable: true }),
  key('buffer', 'object', { shape: buffer }),
  key('batch', 'object', { shape: shape('a batch', keys('integer', 'maxRows maxWaitMs')) }),
  key('whenFull', 'object', { shape: whenFull }),
  choice('guarantee', 'memory|durable'),
  choice('onRemove', 'drain|deadLetter|discard')
])

export const groupShape = shape('a group', [
  key('id', 'string', kNeeded),
  ...keys('string', 'name note parent color'),
  key('collapsed', 'boolean'),
  ...placing
])

export const noteShape = shape('a note', [
  key('id', 'string', kNeeded),
  key('text', 'string', kNeeded),
  ...keys('string', 'parent color'),
  ...placing
])

export const widgetShape = shape('a widget', [
  key('id', 'string', kNeeded),
  key('type', 'string', kNeeded),
  ...keys('string', 'title node port'),
  key('settings', 'map'),
  ...placing
])

const placed = shape('a widget of a dashboard', [
  key('widget', 'string', kNeeded),
  ...keys('number', 'x y width height')
])

const dashboard = shape('a dashboard', [
  key('id', 'string', kNeeded),
  key('name', 'string'),
  key('widgets', 'list', { shape: placed })
])

export const flowShape = shape('a flow document', [
  key('$schema', 'string'),
  key('id', 'string', kNeeded),
  key('version', 'string', kNeeded),
  key('metadata', 'object', { shape: metadata }),
  key('config', 'object', { shape: config }),
  key('parameters', 'list', { shape: parameter }),
  key('ports', 'object', { shape: ports }),
  key('nodes', 'list', { shape: nodeShape, required: true }),
  key('edges', 'list', { shape: edgeShape, required: true }),
  key('groups', 'list', { shape: groupShape }),
  key('notes', 'list', { shape: noteShape }),
  key('widgets', 'list', { shape: widgetShape }),
  key('dashboards', 'list', { shape: dashboard }),
  key('alerts', 'list', { shape: alert }),
  key('layout', 'object', { shape: layout })
])

export const layoutShape = layout
