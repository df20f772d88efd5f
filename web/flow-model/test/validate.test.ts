// The immediate checks say what `weir validate` says, with its codes, places and words; fixes make problems go away.
import { describe, expect, test } from 'vitest'
import { Catalogue } from '../src/catalogue/catalogue.ts'
import { fits, insertable, mayConnect, typesFit } from '../src/catalogue/connect.ts'
import { instancePorts } from '../src/catalogue/node-type.ts'
import { FlowDocument } from '../src/document/flow-document.ts'
import { fromPlain } from '../src/json/value.ts'
import type { Json, JsonObject } from '../src/json/value.ts'
import { applyOperations } from '../src/operations/apply.ts'
import { addNode, connect, setFlow, setValue } from '../src/operations/edits.ts'
import type { Operation } from '../src/operations/operation.ts'
import { validate, validateDeeply } from '../src/validate/validate.ts'
import { quickFixes } from '../src/validate/fixes.ts'
import { orders } from './documents.ts'
import { nodeSchemas, runWeir, weir, withFiles } from './weir.ts'

const catalogue = Catalogue.of(nodeSchemas().map((text) => JSON.parse(text) as unknown))

function made(...operations: Operation[]): FlowDocument {
  const document = new FlowDocument(orders().root)
  const { refusals } = applyOperations(document, operations)
  expect(refusals).toEqual([])
  return document
}

function codes(document: FlowDocument): string[] {
  return validate(document, { catalogue }).map((problem) => problem.code)
}

const end = (node: string, port = 'rows'): { node: string; port: string } => ({ node, port })
const alert = (value: Record<string, Json>): Operation => setFlow('/alerts', [fromPlain(value)])

const kWrong: [string, Operation[]][] = [
  ['flow.unknown_type', [setValue('nodes', 'paid', '/typeId', 'logic/filtr')]],
  ['flow.unknown_version', [setValue('nodes', 'paid', '/version', '9.0.0')]],
  ['settings.unknown', [setValue('nodes', 'read', '/settings/delimter', ';')]],
  ['settings.missing', [setValue('nodes', 'paid', '/settings', new Map())]],
  ['settings.option', [setValue('nodes', 'read', '/settings/header', 'yess')]],
  ['settings.type', [setValue('nodes', 'read', '/settings/trim', 'yes')]],
  ['settings.type', [setValue('nodes', 'read', '/settings/maxRecordBytes', '16 MiBs')]],
  ['settings.range', [setValue('nodes', 'read', '/settings/maxRecordBytes', 3)]],
  ['flow.unknown_node', [setValue('edges', 'e2', '/target/node', 'summ')]],
  ['flow.unknown_port', [setValue('edges', 'e2', '/source/port', 'mtch')]],
  ['flow.cycle', [connect('e9', end('sum'), end('paid'))]],
  ['flow.unconnected', [{ op: 'remove', kind: 'edges', id: 'e1' }]],
  [
    'flow.unreachable',
    [addNode({ id: 'lone', typeId: 'logic/filter', version: '1.0.0', settings: new Map([['condition', 'true']]) })]
  ],
  ['flow.no_effect', [{ op: 'remove', kind: 'edges', id: 'e3' }]],
  ['flow.cannot_bypass', [setValue('nodes', 'read', '/bypass', true)]],
  ['flow.bad_id', [{ op: 'rename', kind: 'edges', id: 'e1', to: 'a/b' }]],
  ['flow.unknown_group', [setValue('nodes', 'paid', '/parent', 'nowhere')]],
  ['flow.range', [setValue('edges', 'e1', '/buffer', fromPlain({ threshold: 0.9, dropThreshold: 0.5 }))]],
  ['flow.range', [setValue('edges', 'e1', '/buffer/rows', 0)]],
  ['flow.durable_age', [setValue('edges', 'e1', '/guarantee', 'durable'), setValue('edges', 'e1', '/buffer/ageMs', 5)]],
  [
    'flow.durable_sheds',
    [setValue('edges', 'e1', '/guarantee', 'durable'), setValue('edges', 'e1', '/whenFull/rule', 'sample')]
  ],
  [
    'flow.durable_order',
    [setValue('edges', 'e1', '/guarantee', 'durable'), setValue('edges', 'e1', '/buffer/order', 'newest')]
  ],
  ['state.not_durable', [setValue('edges', 'e1', '/guarantee', 'durable'), setFlow('/config/stateStorage', 'memory')]],
  ['alert.metric', [alert({ name: 'a', metric: 'paid.errorRat', over: 1 })]],
  ['alert.metric', [alert({ name: 'a', metric: 'payd.errorRate', over: 1 })]],
  ['alert.bound', [alert({ name: 'a', metric: 'paid.errorRate' })]],
  ['flow.unknown_parameter', [setValue('nodes', 'read', '/settings/path', '${folder}/a.csv')]],
  [
    'flow.parameter_in_expression',
    [
      setFlow('/parameters', [fromPlain({ name: 'least', type: 'number', default: 1 })]),
      setValue('nodes', 'paid', '/settings/condition', 'row.price > ${least}')
    ]
  ],
  ['flow.parameter_type', [setFlow('/parameters', [fromPlain({ name: 'least', type: 'integer', default: 'one' })])]],
  ['flow.secret_not_accepted', [setValue('nodes', 'read', '/settings/path', '${secret:KEY}')]]
]

describe('the checks', () => {
  test('find nothing in a flow that is all right', () => {
    expect(validate(made(), { catalogue })).toEqual([])
  })

  test.each(kWrong)('find %s (%#)', (code, operations) => {
    const document = made(...operations)
    const found = validate(document, { catalogue })
    expect(found.map((problem) => problem.code)).toContain(code)
    if (weir === undefined) return
    const said = withFiles(
      [document.text()],
      (paths) => JSON.parse(runWeir(['validate', '--json', ...paths]).out) as Record<string, string>[]
    )
    for (const problem of found) {
      const { severity, pointer, message, suggestion } = problem
      const same = said.find((each) => each['code'] === problem.code && each['pointer'] === pointer)
      expect({ severity, message, suggestion }).toEqual({
        severity: same?.['severity'],
        message: same?.['message'],
        suggestion: same?.['suggestion']
      })
    }
    expect(said.map((each) => each['code'])).toContain(code)
  })

  test('name the node, and fix what is plain', () => {
    const document = made(
      setValue('nodes', 'read', '/settings/delimter', ';'),
      setValue('edges', 'e2', '/source/port', 'mtch')
    )
    const problems = validate(document, { catalogue })
    expect(problems.map(({ node, edge }) => node ?? edge)).toEqual(expect.arrayContaining(['read', 'e2']))
    for (const problem of problems) {
      const [fix] = quickFixes(document, catalogue, problem)
      if (fix !== undefined) applyOperations(document, fix.operations)
    }
    expect(codes(document)).toEqual([])
    expect(document.node('read')?.settings.get('delimiter')).toBe(';')
  })

  test('ask the engine for the rest, and say nothing twice', async () => {
    const document = made(
      setValue('nodes', 'paid', '/settings/condition', 'row.'),
      setValue('nodes', 'paid', '/version', '9.0.0')
    )
    const deep = (): Promise<{ severity: 'error'; code: string; pointer: string; message: string }[]> =>
      Promise.resolve([
        { severity: 'error', code: 'cel.syntax', pointer: '/nodes/1/settings/condition', message: 'expected a name' },
        { severity: 'error', code: 'flow.unknown_version', pointer: '/nodes/1/version', message: 'again' }
      ])
    const found = await validateDeeply(document, { catalogue }, deep)
    expect(found.map((problem) => problem.code)).toEqual(['flow.unknown_version', 'cel.syntax'])
    expect(found[1]?.node).toBe('paid')
  })

  test('of 2,000 nodes take a moment', () => {
    const nodes = Array.from({ length: 2000 }, (_, i) => ({
      id: `n${i}`,
      typeId: i === 0 ? 'files/csv-read' : 'logic/filter',
      version: '1.0.0',
      settings: i === 0 ? { path: 'a.csv' } : { condition: 'true' }
    }))
    const edges = nodes.slice(1).map((node, i) => ({
      id: `e${i}`,
      source: { node: `n${i}`, port: i === 0 ? 'rows' : 'match' },
      target: { node: node.id, port: 'rows' }
    }))
    const document = new FlowDocument(fromPlain({ id: 'long', version: '1.0.0', nodes, edges }) as JsonObject)
    const start = performance.now()
    expect(codes(document)).toEqual(['flow.no_effect'])
    expect(performance.now() - start).toBeLessThan(15_000)
  })
})

describe('connections', () => {
  const document = made()

  test('are refused with the reason', () => {
    expect(mayConnect(document, catalogue, end('paid', 'rest'), end('write'))).toEqual({ fits: true })
    const reasons = [
      mayConnect(document, catalogue, end('sum'), end('paid')),
      mayConnect(document, catalogue, end('read'), end('paid')),
      mayConnect(document, catalogue, end('read', 'lines'), end('paid')),
      mayConnect(document, catalogue, end('gone'), end('paid'))
    ].map((found) => (found.fits ? '' : `${found.why}: ${found.reason}`))
    expect(reasons).toEqual([
      "cycle: the flow would go round in a circle: rows come from 'paid' to 'sum'.",
      'twice: there is an edge between the two already.',
      "port: 'read' has no output 'lines'.",
      "node: there is no node 'gone'."
    ])
  })

  test('follow the types of ports', () => {
    expect([
      typesFit('rows', 'object'),
      typesFit('any', 'blob'),
      typesFit('string', 'number'),
      typesFit('blob', 'object')
    ]).toEqual([true, true, false, false])
    const filter = catalogue.newest('logic/filter')
    const reader = catalogue.newest('files/csv-read')
    if (filter === undefined || reader === undefined) throw new Error('no such types')
    expect(insertable(document, catalogue, 'e2', filter)).toEqual({ input: 'rows', output: 'match' })
    expect(insertable(document, catalogue, 'e2', reader)).toBeUndefined()
    const [rows] = reader.outputs
    if (rows === undefined) throw new Error('no port')
    const ids = fits(catalogue, rows, 'outputs').map((fitting) => fitting.type.id)
    expect(ids).toContain('files/csv-write')
    expect(ids).not.toContain('files/csv-read')
  })

  test('of a type that nobody knows go by what its edges name', () => {
    const strange = made(setValue('nodes', 'paid', '/typeId', 'no/such'))
    const node = strange.node('paid')
    if (node === undefined) throw new Error('no node')
    const ports = catalogue.portsOf(strange, node)
    expect([ports.known, ports.inputs.map((port) => port.name), ports.outputs.map((port) => port.name)]).toEqual([
      false,
      ['rows'],
      ['match']
    ])
  })

  test('of a switch follow its cases', () => {
    const type = catalogue.newest('logic/switch')
    const settings = fromPlain({ cases: [{ name: 'big' }, { name: 'small' }] }) as JsonObject
    expect(instancePorts(type?.outputs ?? [], settings, type?.settings ?? []).map((port) => port.name)).toEqual([
      'otherwise',
      'big',
      'small',
      'error'
    ])
  })
})
