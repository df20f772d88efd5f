// Documents for tests: small ones by hand, and any that has the form of one.
import fc from 'fast-check'
import { parseJson } from '../src/json/parse.ts'
import { ExactNumber, fromPlain } from '../src/json/value.ts'
import type { Json, JsonObject } from '../src/json/value.ts'

/** The value of a text that is JSON. */
export function parsed(text: string): Json {
  const read = parseJson(text)
  if (!read.ok) throw new Error(read.fault.message)
  return read.value
}

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.constantFrom(new ExactNumber('1e3'), new ExactNumber('-0.0'), new ExactNumber('0.1000000000000000055511151'))
)
const word = fc.constantFrom('a', 'b', 'row', 'rows', 'name', 'id', '10', '2', '__proto__', 'ä', '😀', 'x-own')
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 60 }), word)

const tree = fc.letrec<{ json: Json; map: Json; list: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.oneof(number as fc.Arbitrary<Json>, text, fc.boolean(), fc.constant(null)),
    tie('map'),
    tie('list')
  ),
  map: fc
    .uniqueArray(fc.tuple(fc.oneof(word, text), tie('json')), { maxLength: 4, selector: ([key]) => key })
    .map((members) => new Map(members)),
  list: fc.array(tie('json'), { maxLength: 4 })
}))

export const anyJson: fc.Arbitrary<Json> = tree.json
export const anySettings: fc.Arbitrary<JsonObject> = tree.map as fc.Arbitrary<JsonObject>

function object(members: Record<string, fc.Arbitrary<Json>>, required: string[]): fc.Arbitrary<JsonObject> {
  return fc
    .record(members, { requiredKeys: required, noNullPrototype: true })
    .map((made) => fromPlain(made) as JsonObject)
}

const coordinate = fc.oneof(fc.integer({ min: -2000, max: 2000 }), fc.constantFrom(0.5, -12.25))
const position = object({ x: coordinate, y: coordinate }, ['x', 'y'])
const size = object({ width: coordinate, height: coordinate }, [])
const ids = ['a', 'b', 'c', 'd', 'e', 'read', 'paid', 'ä/1']

function unique(elements: fc.Arbitrary<JsonObject>): fc.Arbitrary<Json> {
  return fc.uniqueArray(elements, { maxLength: 5, selector: (element) => element.get('id') })
}

const id = fc.constantFrom(...ids)
const end = object({ node: id, port: fc.constantFrom('rows', 'match') }, ['node', 'port'])
const node = object(
  {
    id,
    typeId: fc.constantFrom('logic/filter', 'logic/map', 'no/such'),
    version: fc.constant('1.0.0'),
    name: text,
    bypass: fc.boolean(),
    settings: anySettings,
    retry: object({ attempts: fc.integer({ min: 1, max: 9 }), jitter: fc.constantFrom(0, 0.5) }, []),
    position,
    size,
    'x-own': tree.json,
    'x-a': tree.json
  },
  ['id', 'typeId', 'version']
)
const edge = object(
  {
    id,
    source: end,
    target: end,
    preset: fc.constantFrom('highFrequency', 'lowLatency', 'smallMemory'),
    filter: fc.oneof(text, fc.constant(null)),
    transform: fc.constant(null),
    buffer: object({ rows: fc.integer({ min: 1, max: 9 }), threshold: fc.constantFrom('adaptive', 0.5) }, []),
    whenFull: object({ rule: fc.constant('block') }, [])
  },
  ['id', 'source', 'target']
)
const box = object({ x: coordinate, y: coordinate, width: coordinate, height: coordinate }, [])
const placeMap = fc
  .uniqueArray(fc.tuple(id, box), { maxLength: 4, selector: ([key]) => key })
  .map((places) => new Map(places))

/** Any document that `weir fmt` takes. */
export function anyFlow(): fc.Arbitrary<JsonObject> {
  return object(
    {
      version: fc.constant('1.0.0'),
      id: text,
      nodes: unique(node),
      edges: unique(edge),
      metadata: object(
        { tags: fc.array(word, { maxLength: 3 }), createdAt: fc.integer({ min: 0 }), description: text },
        []
      ),
      config: object(
        { maxConcurrency: fc.integer({ min: 1, max: 9 }), sensitive: fc.array(word, { maxLength: 2 }) },
        []
      ),
      parameters: fc.array(
        object({ name: word, type: fc.constant('string'), default: fc.oneof(text, fc.constant(null)) }, [
          'name',
          'type'
        ]),
        { maxLength: 3 }
      ),
      groups: unique(object({ id, name: text, collapsed: fc.boolean(), position, size }, ['id'])),
      notes: unique(object({ id, text, position, size }, ['id', 'text'])),
      widgets: unique(object({ id, type: word, settings: anySettings, position }, ['id', 'type'])),
      layout: object({ nodes: placeMap, groups: placeMap, 'x-zoom': tree.json }, []),
      'x-own': tree.json
    },
    ['version', 'id', 'nodes', 'edges']
  )
}

export interface Line {
  text: string
  root: JsonObject
}

/** A flow of nodes in a row: read, paid, sum, write. */
export function orders(): Line {
  const nodes = [
    ['read', 'files/csv-read', { path: 'data/orders/*.csv' }],
    ['paid', 'logic/filter', { condition: "row.status == 'paid'" }],
    ['sum', 'aggregate/group', { keys: ['region'], measures: [{ name: 'revenue', function: 'sum', of: 'row.price' }] }],
    ['write', 'files/csv-write', { path: 'out/revenue.csv' }]
  ] as const
  const wires = [
    ['e1', 'read', 'rows', 'paid', 'rows'],
    ['e2', 'paid', 'match', 'sum', 'rows'],
    ['e3', 'sum', 'rows', 'write', 'rows']
  ] as const
  const root = fromPlain({
    id: 'orders',
    version: '1.0.0',
    nodes: nodes.map(([id, typeId, settings], index) => ({
      id,
      typeId,
      version: '1.0.0',
      settings,
      position: { x: index * 260, y: 0 }
    })),
    edges: wires.map(([id, node, port, target, input]) => ({
      id,
      source: { node, port },
      target: { node: target, port: input }
    }))
  }) as JsonObject
  return { root, text: '' }
}
