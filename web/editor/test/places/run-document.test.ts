// What an engine is given for a run: up to a node, with few rows, without effects.
import { parseJson } from '@weir/flow-model'
import type { NodeType } from '@weir/engine-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { TypeTable } from '../../src/run/document-parts.ts'
import { portKey, runDocument, subflowWithoutEffects } from '../../src/run/run-document.ts'
import type { RunDocument } from '../../src/run/run-document.ts'
import { flowText, hasModule, localEngine, make, ordersFlow } from './flows.ts'

interface Plain {
  nodes: { id: string; typeId: string; settings: Record<string, unknown> }[]
  edges: { id: string; source: { node: string; port: string }; target: { node: string; port: string } }[]
}

const plain = ({ text }: RunDocument): Plain => JSON.parse(text) as Plain
const idsOf = (document: RunDocument): string[] => plain(document).nodes.map(({ id }) => id)

describe.skipIf(!hasModule)('the document of a run', () => {
  let types: TypeTable
  let schemas: readonly NodeType[]
  beforeAll(async () => {
    schemas = await (await localEngine()).nodes()
    types = new TypeTable(schemas)
  })

  it('of a flow that leads nowhere is the flow, byte for byte', () => {
    const text = flowText([make(3), { id: 'big', typeId: 'logic/filter' }], ['make>big'])
    const document = runDocument(text, { kind: 'test' }, types)
    expect(document.text).toBe(text)
    expect(document.outlets).toEqual([
      { node: 'big', port: 'match' },
      { node: 'big', port: 'rest' }
    ])
  })

  it('keeps numbers to the last digit where it changes', () => {
    const text = ordersFlow().replace('"rows":100', '"rows":9007199254740993,"start":0.1000000000000000055511')
    expect(runDocument(text, { kind: 'sample' }, types).text).toContain('9007199254740993')
    expect(runDocument(text, { kind: 'sample' }, types).text).toContain('0.1000000000000000055511')
  })

  it('of a run with effects reads the first rows before its sinks, beside them', () => {
    const document = runDocument(ordersFlow(), { kind: 'live' }, types)
    expect(idsOf(document)).toEqual(['make', 'big', 'out', 'big~kept'])
    expect(document.kept.get(portKey({ node: 'big', port: 'match' }))).toEqual({ node: 'big~kept', port: 'rows' })
    expect([...document.added]).toEqual(['big~kept', 'big~kept~edge'])
  })

  it('up to a node has no node behind it, and no widget or alert that names one', () => {
    const more = {
      widgets: [{ id: 'w', type: 'table', node: 'out' }],
      alerts: [{ name: 'a', metric: 'out.rowsIn', over: 1 }]
    }
    const text = ordersFlow().replace('{', `{${JSON.stringify(more).slice(1, -1)},`)
    const document = runDocument(text, { kind: 'test', upTo: 'big' }, types)
    expect(idsOf(document)).toEqual(['make', 'big'])
    expect(Object.keys(plain(document))).not.toContain('widgets')
    expect(Object.keys(plain(document))).not.toContain('alerts')
    expect(() => runDocument(text, { kind: 'test', upTo: 'nobody' }, types)).toThrow(/nobody/)
  })

  it('without effects has nothing behind a node that is held back, and says so', () => {
    const text = flowText(
      [
        make(3),
        { id: 'post', typeId: 'http/request', settings: { url: 'https://shop.example/orders', method: 'POST' } },
        { id: 'parse', typeId: 'logic/map', settings: { set: { a: 'row.body' } } },
        { id: 'save', typeId: 'files/csv-write', settings: { path: 'answers.csv' } }
      ],
      ['make>post', 'post.response>parse', 'parse>save']
    )
    const document = runDocument(text, { kind: 'sample' }, types)
    expect(idsOf(document)).toEqual(['make', 'post', 'make~sample'])
    expect(document.heldBack[0]).toMatchObject({
      node: 'post',
      what: 'send POST https://shop.example/orders',
      waiting: ['parse', 'save'],
      outlet: { node: 'post', port: 'rows' }
    })
    const once = runDocument(text, { kind: 'sample', writes: ['post'] }, types)
    expect(once.heldBack.map(({ node }) => node)).toEqual(['save'])
  })

  it('a node with another way to its rows still runs', () => {
    const text = flowText(
      [
        make(3),
        { id: 'post', typeId: 'http/request', settings: { url: 'https://a.example' } },
        { id: 'both', typeId: 'flow/merge', settings: { inputs: ['first', 'second'] } }
      ],
      ['make>post', 'make>both.first', 'post.response>both.second']
    )
    const document = runDocument(text, { kind: 'sample' }, types)
    expect(idsOf(document)).toContain('both')
    expect(plain(document).edges.filter(({ target }) => target.node === 'both')).toHaveLength(1)
  })

  it('a source that moves on what it reads gives nothing in a sample', () => {
    const consume = { id: 'in', typeId: 'kafka/consume', settings: { topics: 'orders' } }
    const schema = { id: 'kafka/consume', version: '1.0.0', category: 'Kafka', name: 'Consume', description: '' }
    const more = { touches: 'writes', ports: { inputs: [], outputs: [{ name: 'rows', type: 'rows' }] }, settings: [] }
    const known = new TypeTable([...schemas, { ...schema, ...more }])
    const text = flowText([consume, { id: 'big', typeId: 'logic/filter' }, make(2)], ['in>big'])
    const document = runDocument(text, { kind: 'sample' }, known)
    expect(idsOf(document)).not.toContain('in')
    expect(document.heldBack[0]).toMatchObject({ node: 'in', waiting: ['big'], outlet: undefined })
  })

  it('names no connection, which may hold a password', () => {
    const node = {
      id: 'db',
      typeId: 'sql/write',
      settings: { connection: 'postgresql://me:secret@host/db', table: 'orders' }
    }
    const schema = {
      ...{ id: 'sql/write', version: '1.0.0', category: 'SQL', name: 'Write', description: '' },
      ...{ touches: 'writes', ports: { inputs: [{ name: 'rows', type: 'rows', required: true }], outputs: [] } },
      settings: [
        { name: 'connection', type: 'string' },
        { name: 'table', type: 'string' }
      ]
    }
    const document = runDocument(
      flowText([make(1), node], ['make>db']),
      { kind: 'sample' },
      new TypeTable([...schemas, schema])
    )
    expect(document.heldBack[0]?.what).toBe('write into the table orders of its database')
  })

  it('a flow used as a node is without effects too', () => {
    const text = subflowWithoutEffects(ordersFlow(), types)
    expect(parseJson(text ?? '').ok).toBe(true)
    expect(text).not.toContain('csv-write')
    expect(subflowWithoutEffects(flowText([make(1)], []), types)).toBeUndefined()
    expect(subflowWithoutEffects('{', types)).toBeUndefined()
  })

  it('what is no document goes to the engine as it is', () => {
    expect(runDocument('{', { kind: 'sample' }, types).text).toBe('{')
    expect(runDocument('[]', { kind: 'sample', upTo: 'a' }, types).outlets).toEqual([])
    const odd = '{"nodes": [1, {"id": 3}], "edges": [null, {}]}'
    expect(JSON.parse(runDocument(odd, { kind: 'sample' }, types).text)).toMatchObject({ nodes: [1, { id: 3 }] })
  })
})
