// Boxes that are gone into and collapsed, and flows as nodes: made of what is chosen, and put in place again.
import { findPointer, openFlow, parseJson, writeJson } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import { afterEach, describe, expect, it } from 'vitest'
import { removeBox, setCollapsed, toggleChosenBoxes } from '../../src/boxes/box-actions.ts'
import { withMeanings } from '../../src/boxes/flow-names.ts'
import { typeOfFlow } from '../../src/boxes/flow-type.ts'
import { goInto, goUp, insideFor } from '../../src/boxes/inside.ts'
import { flowOf, partsOf, portsFor, whyNoNode } from '../../src/boxes/make-node.ts'
import { flowIdOf, wrongPorts } from '../../src/boxes/node-of-this.tsx'
import { makeNode, putNodeInPlace } from '../../src/boxes/own-node-actions.ts'
import { enterOwnNodes } from '../../src/boxes/own-nodes.ts'
import { goOut, openThing } from '../../src/boxes/open-thing.ts'
import { CollapsedBoxes, kOutside } from '../../src/canvas/scene/collapsed.ts'
import { Scene } from '../../src/canvas/scene/scene.ts'
import { FlowTaken } from '../../src/page/home/flow-home.ts'
import type { FlowHome, KeptFlow } from '../../src/page/home/flow-home.ts'
import { flowTexts, FlowOutputs, withoutKnownFlows } from '../../src/run/flow-texts.ts'
import type { EditorSession } from '../../src/session/editor-session.ts'
import { ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const schemas = schemasOfNodes()
const node = (id: string, typeId: string, x: number, y: number, settings: object, parent = ''): object => ({
  id,
  typeId,
  version: '1.0.0',
  settings,
  position: { x, y },
  ...(parent === '' ? {} : { parent })
})
const edge = (id: string, source: string, target: string, more: object = {}): object => {
  const [from = '', port = ''] = source.split('.')
  return { id, source: { node: from, port }, target: { node: target, port: 'rows' }, ...more }
}

const kFlow = {
  id: 'orders',
  version: '1.0.0',
  parameters: [
    { name: 'least', type: 'integer', default: 2 },
    { name: 'folder', type: 'path', default: 'orders' }
  ],
  nodes: [
    node('read', 'files/csv-read', 0, 0, { path: '${folder}/*.csv' }),
    node('paid', 'logic/filter', 300, 0, { condition: 'row.quantity >= params.least' }, 'clean'),
    node('net', 'logic/map', 560, 0, { set: { net: 'row.price' } }, 'clean'),
    node('late', 'logic/map', 820, 0, { set: { late: 'true' } }, 'deep'),
    node('write', 'files/csv-write', 1300, 0, { path: 'out.csv' }),
    node('rest', 'files/csv-write', 1300, 200, { path: 'rest.csv' })
  ],
  edges: [
    edge('e1', 'read.rows', 'paid', { buffer: { rows: 100 } }),
    edge('e2', 'paid.match', 'net', { filter: 'row.quantity < 90' }),
    edge('e3', 'net.rows', 'late'),
    edge('e4', 'late.rows', 'write'),
    edge('e5', 'paid.rest', 'rest')
  ],
  groups: [
    { id: 'clean', name: 'Clean', position: { x: 276, y: -24 }, size: { width: 800, height: 160 } },
    { id: 'deep', name: 'Deep', parent: 'clean', position: { x: 800, y: -10 }, size: { width: 250, height: 130 } }
  ]
}

const open: EditorSession[] = []
function sessionOf(flow: object = kFlow): EditorSession {
  const session = ordersSession(schemas, flow)
  open.push(session)
  return session
}
afterEach(() => {
  for (const session of open.splice(0)) session.dispose()
})

/** A home in memory, and where one was led. */
function homeOf(session: EditorSession): { flows: Map<string, string>; opened: string[] } {
  const flows = new Map<string, string>()
  const opened: string[] = []
  const head = (id: string) => ({ id, name: id, folder: '', revision: '1', changedAt: 0 })
  const counts = { latestVersion: 0, publishedVersion: 0 }
  const home: Pick<FlowHome, 'kind' | 'list' | 'read' | 'create'> = {
    kind: 'browser',
    list: () => Promise.resolve([...flows.keys()].map((id) => ({ ...head(id), ...counts }))),
    read: (id) => {
      const text = flows.get(id)
      if (text === undefined) return Promise.reject(new Error(`there is no flow ${id}`))
      return Promise.resolve<KeptFlow>({ ...head(id), ...counts, text })
    },
    create: (text) => {
      const made = openFlow(text)
      const id = made.state === 'broken' ? '' : made.document.id
      if (flows.has(id)) return Promise.reject(new FlowTaken(id))
      flows.set(id, text)
      return Promise.resolve({ ...head(id), ...counts })
    }
  }
  enterOwnNodes(session, { home, folder: () => '', open: (flow) => opened.push(flow) })
  return { flows, opened }
}

describe('boxes', () => {
  it('are gone into and left, and what is elsewhere is hidden', () => {
    const session = sessionOf()
    const scene = new Scene(session.index, () => undefined)
    goInto(session, 'deep')
    expect(session.view.getState().inside).toEqual(['clean', 'deep'])
    scene.goInside('deep')
    expect(scene.nodeBox('late')).toMatchObject({ x: 820, y: 0 })
    expect(scene.nodeBox('net')).toBeUndefined()
    expect(scene.isHidden('groups', 'deep')).toBe(true)
    // Edges out of the box end beside it, under the name of the node outside.
    expect(scene.stubs.get('e3')).toMatchObject({ side: 'inputs', node: 'net' })
    expect(scene.stubs.get('e4')).toMatchObject({ side: 'outputs', node: 'write' })
    expect(scene.edgeEnds('e1')).toBeUndefined()
    expect(scene.bounds()).toMatchObject({ y: 0 })
    expect(goUp(session)).toBe(true)
    expect(session.view.getState().inside).toEqual(['clean'])
    expect(goUp(session, 5)).toBe(true)
    expect(goUp(session)).toBe(false)
    goInto(session, 'no such box')
    expect(session.view.getState().inside).toEqual([])
    scene.dispose()
  })

  it('take in what is added while one is in them, and grow with it', () => {
    const session = sessionOf()
    session.view.setState({ inside: ['clean', 'deep'] })
    const value = new Map<string, Json>([
      ['id', 'new'],
      ['typeId', 'logic/map'],
      ['version', '1.0.0']
    ])
    const box = new Map<string, Json>([
      ['x', 2000],
      ['y', 400]
    ])
    session.do([{ op: 'add', kind: 'nodes', value, box }], 'Add')
    expect(session.document.node('new')?.parent).toBe('deep')
    const deep = session.geometry.thing('groups', 'deep')
    const clean = session.geometry.thing('groups', 'clean')
    expect((deep?.x ?? 0) + (deep?.width ?? 0)).toBeGreaterThan(2200)
    expect((clean?.x ?? 0) + (clean?.width ?? 0)).toBeGreaterThan(2200)
    session.undo()
    expect(session.document.node('new')).toBeUndefined()
    expect(session.geometry.thing('groups', 'deep')).toMatchObject({ width: 250 })
  })

  it('show a thing where it is: in collapsed boxes, or above', () => {
    const session = sessionOf()
    const where = (now: string[], id: string): string[] | undefined =>
      insideFor(session.document, now, { kind: 'nodes', id })
    expect(where([], 'late')).toBeUndefined()
    expect(where(['clean', 'deep'], 'read')).toEqual([])
    expect(where(['clean', 'deep'], 'net')).toEqual(['clean'])
    setCollapsed(session, 'deep', true)
    expect(where([], 'late')).toEqual(['clean', 'deep'])
    expect(insideFor(session.document, [], { kind: 'edges', id: 'e3' })).toBeUndefined()
    expect(where([], 'nothing')).toBeUndefined()
  })

  it('are collapsed with a typed port for each edge that crosses them, undoably', () => {
    const session = sessionOf()
    session.selection.set([{ kind: 'nodes', id: 'net' }])
    toggleChosenBoxes(session)
    expect(session.document.group('clean')?.collapsed).toBe(true)
    const boxes = new CollapsedBoxes(session.document, session.catalogue)
    const box = boxes.boxes.get('clean')
    expect(box?.hidden.sort()).toEqual(['late', 'net', 'paid'])
    expect(box?.inputs.map(({ node: id, port, type }) => [id, port, type])).toEqual([['paid', 'rows', 'rows']])
    expect(box?.outputs.map(({ node: id, port }) => [id, port])).toEqual([
      ['late', 'rows'],
      ['paid', 'rest']
    ])
    expect(box?.outputs[1]?.label).toContain('rest')
    session.undo()
    expect(session.document.group('clean')?.collapsed).toBe(false)
    expect(CollapsedBoxes.of(session.document, session.catalogue, 'deep')?.hidden).toEqual(['late'])
    expect(new CollapsedBoxes(session.document, session.catalogue, 'deep').around('nodes', 'read')).toBe(kOutside)
  })

  it('go, and what was in them stays', () => {
    const session = sessionOf()
    removeBox(session, 'clean')
    expect(session.document.group('clean')).toBeUndefined()
    expect(session.document.group('deep')?.parent).toBe('')
    expect(session.document.node('paid')?.parent).toBe('')
    session.undo()
    expect(session.document.node('paid')?.parent).toBe('clean')
  })
})

describe('flows as nodes', () => {
  const choose = (session: EditorSession, box = 'clean'): ReturnType<typeof partsOf> => {
    session.selection.set([{ kind: 'groups', id: box }])
    return partsOf(session)
  }

  it('are made of a box: ports, parameters, nodes and edges go along', async () => {
    const session = sessionOf()
    const { flows } = homeOf(session)
    const before = session.document.text()
    const parts = choose(session)
    expect([...parts.nodes].sort()).toEqual(['late', 'net', 'paid'])
    const ports = portsFor(session, parts.nodes).map((port) =>
      port.node === 'late' ? { ...port, name: 'good' } : port
    )
    await makeNode(session, parts, { id: 'clean', name: 'Clean', about: 'Keeps what counts', icon: 'filter', ports })
    const made = openFlow(flows.get('clean') ?? '')
    expect(made.state).toBe('open')
    if (made.state !== 'open') return
    const root = made.document.toJson()
    expect(made.problems).toEqual([])
    expect(made.document.nodes().map(({ id, parent }) => [id, parent])).toEqual([
      ['paid', ''],
      ['net', ''],
      ['late', 'deep']
    ])
    expect(made.document.edges().map(({ id }) => id)).toEqual(['e2', 'e3'])
    expect(writeJson(findPointer(root, '/parameters') ?? null)).toContain('"least"')
    expect(writeJson(findPointer(root, '/parameters') ?? null)).not.toContain('folder')
    const type = session.catalogue.newest('subflow/clean')
    expect(type?.inputs.map(({ name, type: kind }) => [name, kind])).toEqual([['rows', 'rows']])
    expect(type?.outputs.map(({ name }) => name).sort()).toEqual(['good', 'rest'])
    expect(type?.settings.map(({ name, type: kind }) => [name, kind])).toEqual([['least', 'integer']])
    expect(type).toMatchObject({ name: 'Clean', touches: 'nothing', icon: 'filter' })
    // In the flow that is open a node with the same edges stands in its place.
    const used = session.document.node('clean')
    expect(used).toMatchObject({ typeId: 'subflow/clean', version: '1.0.0', name: 'Clean' })
    expect(used?.settings.get('least')).toBe('${least}')
    expect(
      session.document.edges().map(({ id, source, target }) => `${id} ${source.node}.${source.port} ${target.node}`)
    ).toEqual(['e1 read.rows clean', 'e4 clean.good write', 'e5 clean.rest rest'])
    expect(session.document.edge('e1')?.buffer.rows).toBe(100)
    expect(session.document.tables.groups.size).toBe(0)
    expect(session.problems.store.getState().list.filter(({ severity }) => severity === 'error')).toEqual([])
    session.undo()
    expect(session.document.text()).toBe(before)
  })

  it('are put in place again with what the node says, and lead where they led', async () => {
    const session = sessionOf()
    homeOf(session)
    const parts = choose(session)
    const ports = portsFor(session, parts.nodes)
    await makeNode(session, parts, { id: 'clean', name: 'Clean', about: '', icon: '', ports })
    session.do([{ op: 'set', kind: 'nodes', id: 'clean', path: '/settings/least', value: '7' }], 'Least')
    const before = session.document.text()
    await putNodeInPlace(session, 'clean')
    const paid = session.document.nodes().find(({ id }) => id === 'paid')
    expect(paid?.settings.get('condition')).toBe('row.quantity >= "7"')
    expect(session.document.group(paid?.parent ?? '')?.name).toBe('Clean')
    expect(session.document.node('clean')).toBeUndefined()
    expect(session.document.edge('e1')?.target).toEqual({ node: 'paid', port: 'rows' })
    expect(session.document.edge('e5')?.source).toEqual({ node: 'paid', port: 'rest' })
    expect(session.document.edges()).toHaveLength(5)
    session.undo()
    expect(session.document.text()).toBe(before)
    await putNodeInPlace(session, 'read')
    expect(session.document.text()).toBe(before)
  })

  it('are refused where rows would come back, or nothing comes and goes', () => {
    const session = sessionOf()
    session.selection.set([
      { kind: 'nodes', id: 'paid' },
      { kind: 'nodes', id: 'late' }
    ])
    expect(whyNoNode(session, partsOf(session))).toBe(
      "Rows go out to 'net' and come back to 'late': choose what is between them, too."
    )
    session.selection.clear()
    expect(whyNoNode(session, partsOf(session))).toContain('Choose nodes first')
    session.selection.set(session.document.nodes().map(({ id }) => ({ kind: 'nodes', id })))
    expect(whyNoNode(session, partsOf(session))).toContain('needs a port')
    expect(wrongPorts([{ side: 'inputs', name: ' ', node: 'a', port: 'b', type: 'any' }])).toContain('needs a name')
    const twice = { side: 'inputs', name: 'rows', node: 'a', port: 'b', type: 'any' } as const
    expect(wrongPorts([twice, twice])).toContain('Two inputs')
    expect(flowIdOf('  Clean / Orders (EU)! ')).toBe('orders-eu')
  })

  it('keep the document as it is if there is a flow of that name', async () => {
    const session = sessionOf()
    const { flows } = homeOf(session)
    flows.set('clean', '{}')
    const before = session.document.text()
    const parts = choose(session)
    const wish = { id: 'clean', name: 'Clean', about: '', icon: '', ports: portsFor(session, parts.nodes) }
    await expect(makeNode(session, parts, wish)).rejects.toBeInstanceOf(FlowTaken)
    expect(session.document.text()).toBe(before)
  })

  it('are opened and left again', () => {
    const session = sessionOf({ ...kFlow, nodes: [...kFlow.nodes, node('own', 'subflow/clean', 0, 400, {})] })
    const { opened } = homeOf(session)
    openThing(session, { kind: 'nodes', id: 'own' })
    expect(opened).toEqual(['clean'])
    const inner = sessionOf({ ...kFlow, id: 'clean' })
    const second = homeOf(inner)
    goInto(inner, 'deep')
    expect(goOut(inner)).toBe(true)
    expect(goOut(inner)).toBe(true)
    expect(second.opened).toEqual([])
    expect(goOut(inner)).toBe(true)
    expect(second.opened).toEqual(['orders'])
    expect(goOut(inner)).toBe(false)
  })

  it('are found when the palette opens, but for what is no node or cannot be read', async () => {
    const session = sessionOf()
    const { flows } = homeOf(session)
    const parts = choose(session)
    flows.set(
      'mine',
      flowOf(session, parts, { id: 'mine', ports: portsFor(session, parts.nodes), about: '', icon: '' })
    )
    flows.set('plain', JSON.stringify(kFlow))
    flows.set('broken', '{')
    session.view.setState({ palette: { at: { x: 0, y: 0 }, screen: { x: 0, y: 0 } } })
    await expect.poll(() => session.catalogue.newest('subflow/mine')?.category).toBe('Your nodes')
    expect(session.catalogue.newest('subflow/plain')).toBeUndefined()
  })

  it('names of parameters become what they mean, in texts and in formulas', () => {
    const meanings = new Map([
      ['least', { value: parsed('5'), isDouble: true }],
      ['from', { name: 'folder' }],
      ['odd', { name: 'not plain' }],
      ['word', { value: 'a "b"', isDouble: false }]
    ])
    const made = (text: string): unknown => withMeanings(text, meanings)
    expect(made('row.a > params.least')).toBe('row.a > 5.0')
    expect(made('"params.least" + params["word"] + row.params.least')).toBe(
      '"params.least" + "a \\"b\\"" + row.params.least'
    )
    expect(made('${from}/*.csv')).toBe('${folder}/*.csv')
    expect(made('${from}')).toBe('${folder}')
    expect(made('at ${least}, ${other}')).toBe('at 5, ${other}')
    expect(made('params.odd')).toBe('params["not plain"]')
    const same = parsed('{"a": ["x", 1, null]}')
    expect(withMeanings(same, meanings)).toBe(same)
  })

  it('are read with those that they use', async () => {
    const inner = { ...kFlow, id: 'in', ports: { outputs: [{ name: 'good', node: 'late', port: 'rows' }] } }
    const around = {
      id: 'around',
      version: '1.0.0',
      nodes: [node('x', 'subflow/in', 0, 0, {})],
      edges: [],
      ports: { outputs: [{ name: 'out', node: 'x', port: 'good' }] }
    }
    const outer = { id: 'o', version: '1.0.0', nodes: [node('y', 'subflow/around', 0, 0, {})], edges: [] }
    const texts: Record<string, string> = { in: JSON.stringify(inner), around: JSON.stringify(around) }
    const read = (flow: string): Promise<string> =>
      texts[flow] === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(texts[flow])
    const found = await flowTexts(JSON.stringify(outer), read)
    expect(Object.keys(found).sort()).toEqual(['around', 'in'])
    const outputs = new FlowOutputs(found)
    expect(outputs.of({ typeId: 'subflow/around' })?.map(({ name }) => name)).toEqual(['out'])
    expect(outputs.of({ typeId: 'subflow/gone' })).toBeUndefined()
    expect(await flowTexts('no document', read)).toEqual({})
    const problem = (pointer: string) => ({
      severity: 'error' as const,
      code: 'flow.unknown_subflow',
      pointer,
      message: ''
    })
    const left = await withoutKnownFlows([problem('/nodes/0'), problem('/nodes/7')], JSON.stringify(outer), read)
    expect(left.map(({ pointer }) => pointer)).toEqual(['/nodes/7'])
  })

  it('without ports are no type', () => {
    const session = sessionOf()
    expect(typeOfFlow(session.document, session.catalogue)).toBeUndefined()
  })
})

function parsed(text: string): Json {
  const read = parseJson(text)
  if (!read.ok) throw new Error(read.fault.message)
  return read.value
}
