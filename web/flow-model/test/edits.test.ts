// What a person does, as operations: wires follow, names follow, nothing is left hanging, and what cannot be is told.
import { describe, expect, test } from 'vitest'
import { Catalogue } from '../src/catalogue/catalogue.ts'
import { matchPorts } from '../src/catalogue/connect.ts'
import { FlowDocument } from '../src/document/flow-document.ts'
import { portsOf } from '../src/document/elements.ts'
import { findPointer } from '../src/json/pointer.ts'
import { fromPlain, toPlain } from '../src/json/value.ts'
import type { JsonObject } from '../src/json/value.ts'
import { applyOperations } from '../src/operations/apply.ts'
import { addWidget, appendTo, groupThings, removeFrom, removeWidget, ungroup } from '../src/operations/canvas.ts'
import * as edits from '../src/operations/edits.ts'
import { FreshIds, freeName, idFrom } from '../src/operations/names.ts'
import type { Operation } from '../src/operations/operation.ts'
import { renameEdge, renameNode, renamePort, renameWidget } from '../src/operations/renames.ts'
import { orders } from './documents.ts'
import { nodeSchemas } from './weir.ts'

const catalogue = Catalogue.of(nodeSchemas().map((text) => JSON.parse(text) as unknown))

function apply(document: FlowDocument, operations: readonly Operation[]): FlowDocument {
  expect(applyOperations(document, operations).refusals).toEqual([])
  return document
}

function line(): FlowDocument {
  return new FlowDocument(orders().root)
}

function wires(document: FlowDocument): string[] {
  return document.edges().map(({ source, target }) => `${source.node}.${source.port}>${target.node}.${target.port}`)
}

function refusal(document: FlowDocument, operation: Operation): string | undefined {
  const [found] = applyOperations(document, [operation]).refusals
  return found === undefined ? undefined : `${found.reason}: ${found.message}`
}

describe('nodes', () => {
  test('are inserted on a wire, which keeps its settings', () => {
    const document = apply(line(), [edits.setValue('edges', 'e2', '/buffer/rows', 7)])
    const ids = new FreshIds(document)
    const node = { id: ids.id('nodes', 'map'), typeId: 'logic/map', version: '1.0.0', at: { x: 1, y: 2 } }
    apply(document, edits.insertOnEdge(document, 'e2', node, { input: 'rows', output: 'rows' }, ids))
    expect(wires(document)).toContain('paid.match>map.rows')
    expect(wires(document)).toContain('map.rows>sum.rows')
    expect(document.edge('e2')?.buffer.rows).toBe(7)
  })

  test('go out of their line, which closes', () => {
    const document = line()
    apply(document, edits.removeAndReconnect(document, 'paid', new FreshIds(document)))
    expect(wires(document).sort()).toEqual(['read.rows>sum.rows', 'sum.rows>write.rows'])
  })

  test('take their widgets and ports with them when they go', () => {
    const document = line()
    apply(document, [
      addWidget({ id: 'chart', type: 'line', node: 'paid', port: 'match' }),
      edits.setFlow('/dashboards', [fromPlain({ id: 'd', widgets: [{ widget: 'chart' }] })]),
      edits.setFlow('/ports/inputs', [
        fromPlain({ name: 'in', node: 'paid', port: 'rows' }),
        fromPlain({ name: 'other', node: 'sum', port: 'rows' })
      ])
    ])
    apply(document, edits.removeNodes(document, ['paid']))
    expect(document.tables.widgets.size).toBe(0)
    expect(portsOf(document.root).inputs.map((port) => port.name)).toEqual(['other'])
    expect(wires(document)).toEqual(['sum.rows>write.rows'])
  })

  test('get another type and keep their wires', () => {
    const document = line()
    const filter = catalogue.newest('logic/filter')
    const map = catalogue.newest('logic/map')
    if (filter === undefined || map === undefined) throw new Error('no such types')
    const inputs = matchPorts(filter.inputs, map.inputs, ['rows'])
    const outputs = matchPorts(filter.outputs, map.outputs, ['match'])
    expect([...outputs]).toEqual([['match', 'rows']])
    apply(
      document,
      edits.replaceType(
        document,
        'paid',
        { typeId: map.id, version: map.version, settings: new Map() },
        { inputs, outputs }
      )
    )
    expect(document.node('paid')).toMatchObject({ typeId: 'logic/map' })
    expect(wires(document)).toContain('paid.rows>sum.rows')
  })

  test('are renamed with wires, ports, widgets and alerts', () => {
    const document = line()
    apply(document, [
      addWidget({ id: 'chart', type: 'line', node: 'paid', port: 'match' }),
      edits.setFlow('/ports/outputs', [fromPlain({ name: 'out', node: 'paid', port: 'rest' })]),
      edits.setFlow('/alerts', [
        fromPlain({ name: 'a', metric: 'paid.errorRate', over: 1 }),
        fromPlain({ name: 'b', metric: 'e1.fill', over: 1 })
      ])
    ])
    apply(document, renameNode(document, 'paid', 'settled'))
    apply(document, renameEdge(document, 'e1', 'first'))
    expect(wires(document)).toContain('read.rows>settled.rows')
    expect(document.widget('chart')?.node).toBe('settled')
    expect(portsOf(document.root).outputs[0]?.node).toBe('settled')
    expect(findPointer(document.root, '/alerts/0/metric')).toBe('settled.errorRate')
    expect(findPointer(document.root, '/alerts/1/metric')).toBe('first.fill')
    expect(document.places.nodes.get('settled', 'x')).toBe(260)
    expect(document.nodes().map((node) => node.id)).toEqual(['read', 'settled', 'sum', 'write'])
    expect(refusal(document, edits.setValue('nodes', 'paid', '/name', 'late'))).toBeUndefined()
    expect(document.node('settled')?.name).toBe('late')
  })

  test('keep the wires of a port that a setting names when that changes', () => {
    const document = line()
    apply(document, renamePort(document, 'paid', 'outputs', 'match', 'good'))
    expect(wires(document)).toContain('paid.good>sum.rows')
  })
})

describe('boxes, widgets and lists', () => {
  test('a box holds what is put into it, and gives it to the one around it', () => {
    const document = line()
    const box = { x: 0, y: 0, width: 9, height: 9 }
    apply(document, groupThings({ id: 'outer', name: 'Outer', box }, { nodes: [] }))
    apply(document, groupThings({ id: 'inner', parent: 'outer', box }, { nodes: ['paid'] }))
    expect(document.node('paid')?.parent).toBe('inner')
    apply(document, ungroup(document, 'inner'))
    expect(document.node('paid')?.parent).toBe('outer')
    apply(document, ungroup(document, 'outer'))
    expect(document.node('paid')?.parent).toBe('')
    expect(document.text()).toBe(line().text())
  })

  test('a widget is renamed and removed on its dashboards too', () => {
    const document = line()
    apply(document, [
      addWidget({ id: 'w', type: 'bar' }),
      appendTo(document, 'dashboards', fromPlain({ id: 'd', widgets: [{ widget: 'w', x: 1 }] }) as JsonObject)
    ])
    apply(document, renameWidget(document, 'w', 'v'))
    expect(findPointer(document.root, '/dashboards/0/widgets/0/widget')).toBe('v')
    apply(document, removeWidget(document, 'v'))
    expect(findPointer(document.root, '/dashboards/0/widgets')).toEqual([])
  })

  test('parameters come, change by name and go', () => {
    const document = line()
    const parameter = fromPlain({ name: 'folder', type: 'string' }) as JsonObject
    apply(document, [appendTo(document, 'parameters', parameter)])
    apply(document, [edits.setFlow('/parameters/=folder/default', 'data')])
    expect(toPlain(findPointer(document.root, '/parameters/0') ?? null)).toEqual({
      name: 'folder',
      type: 'string',
      default: 'data'
    })
    apply(document, [removeFrom('parameters', 'folder')])
    expect(refusal(document, edits.setFlow('/parameters/=folder/default', 'data'))).toMatch(/^gone: /)
  })

  test('a preset fills in what the edge does not say', () => {
    const document = apply(line(), [edits.setValue('edges', 'e1', '/buffer/rows', 9)])
    apply(document, edits.setPreset(document, 'e1', 'lowLatency'))
    expect(document.edge('e1')).toMatchObject({ buffer: { rows: 9, threshold: 0.9 }, batch: { maxRows: 20 } })
  })
})

describe('what cannot be done', () => {
  test.each<[Operation, string]>([
    [edits.setValue('nodes', 'gone', '/name', 'x'), "gone: the node 'gone' is not there any more"],
    [
      edits.connect('e1', { node: 'read', port: 'rows' }, { node: 'sum', port: 'rows' }),
      "taken: there is an edge 'e1' already"
    ],
    [
      edits.connect('e9', { node: 'read', port: 'rows' }, { node: 'none', port: 'rows' }),
      "gone: the node 'none' of the edge 'e9' is not there any more"
    ],
    [edits.setValue('nodes', 'paid', '/colour', 'red'), "wrong: 'colour' is no key of a node."],
    [edits.setValue('nodes', 'paid', '/typeId', 7), "wrong: expected that 'typeId' is a text, found an integer."],
    [edits.unsetValue('nodes', 'paid', '/version'), "wrong: a node needs the key 'version'."],
    [edits.setValue('nodes', 'paid', '/id', 'x'), "wrong: '/id' is not changed in this way"],
    [edits.setFlow('/nodes', []), "wrong: '/nodes' is not changed in this way"],
    [edits.setFlow('/config/limits/threads', 0), "wrong: 'threads' must be from 1 to 1024."],
    [
      { op: 'set', kind: 'nodes', id: 'paid', path: '/name', value: 'x', expect: ['other'] },
      "changed: /name of the node 'paid' was changed meanwhile"
    ],
    [edits.setValue('nodes', 'paid', 'no pointer', 1), "gone: no pointer of the node 'paid' is not there any more"],
    [{ op: 'place', kind: 'nodes', ids: ['gone'], x: [1] }, "gone: the node 'gone' is not there any more"]
  ])('%# is told, and changes nothing', (operation, message) => {
    const document = line()
    const before = document.text()
    expect(refusal(document, operation)).toBe(message)
    expect(document.text()).toBe(before)
  })

  test('names that are keys of Object are names like any other', () => {
    const document = line()
    apply(document, [
      edits.addNode({ id: '__proto__', typeId: 'logic/map', version: '1.0.0' }),
      edits.setValue('nodes', '__proto__', '/settings/__proto__/polluted', true)
    ])
    expect(document.node('__proto__')?.settings.get('__proto__')).toEqual(new Map([['polluted', true]]))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('ids', () => {
  test('are fresh, and hold their author if there is one', () => {
    const document = line()
    const ids = new FreshIds(document)
    expect([ids.id('nodes', 'paid'), ids.id('nodes', 'paid'), ids.edge(), ids.edge()]).toEqual([
      'paid-2',
      'paid-3',
      'e4',
      'e5'
    ])
    expect(new FreshIds(document, 'anna').edge()).toBe('anna-e4')
    expect(freeName('a-2', (name) => name === 'a-2')).toBe('a-3')
    expect([idFrom('files/csv-read'), idFrom('a/\u0000'), idFrom('x'.repeat(80)).length]).toEqual([
      'csv-read',
      'node',
      60
    ])
  })
})
