// Nodes of the page that give what is no row, that break, or that are wired as the engine forbids.
import { FlowError } from '@weir/engine-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { WorkflowEngine, WorkflowStreams, type GraphSchema, type Node } from '../src/index.ts'
import { useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

type Ends = [string, string]

function edge(id: string, [source, from]: Ends, [target, into]: Ends): GraphSchema['edges'][number] {
  return { id, source: { node: source, port: from }, target: { node: target, port: into } }
}

function workflowOf(rows: number, edges: GraphSchema['edges'], more: GraphSchema['nodes'] = []): GraphSchema {
  const numbers = { typeId: 'generate/pattern', version: '1.0.0', settings: { pattern: 'sequential', rows } }
  const own = { id: 'own', typeId: 'page/own', version: '1.0.0', settings: {} }
  return { id: 'bad', version: '1.0.0', nodes: [{ id: 'numbers', ...numbers }, own, ...more], edges }
}

const through = edge('in', ['numbers', 'rows'], ['own', 'rows'])
const outlets = [{ node: 'own', port: 'rows' }]

/** `give`: what the node gives for row number n. */
function engineWith(give: (n: number) => unknown, more: Partial<Node> = {}): WorkflowEngine {
  const engine = new WorkflowEngine()
  engine.registry.register('page/own', ({ id }) => ({
    id,
    type: 'page/own',
    // eslint-disable-next-line @typescript-eslint/require-await -- nodes give rows as they come
    async *execute(row) {
      yield give((row as { id: number }).id)
    },
    ...more
  }))
  return engine
}

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = []
  for await (const one of stream) items.push(one)
  return items
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)]
}

async function failureOf(start: Promise<unknown>): Promise<string[]> {
  const failure: unknown = await start.catch((reason: unknown) => reason)
  expect(failure).toBeInstanceOf(FlowError)
  return (failure as FlowError).problems.map((one) => `${one.code}: ${one.message}`)
}

describe('a node of the page', () => {
  it.for<[string, unknown, RegExp]>([
    ['half of a surrogate pair', { a: '\ud83d' }, /surrogate/],
    ['half of a surrogate pair after a backslash', { a: '\\\udc00' }, /surrogate/],
    ['half of a surrogate pair as a name', { '\ud800': 1 }, /surrogate/],
    ['600 levels', { a: nested(600) }, /200 levels/],
    ['one level too many', { a: nested(200) }, /200 levels/],
    ['a date in the place of a row', new Date(0), /objects, not "/],
    ['a big integer', { a: 1n }, /BigInt/],
    ['a function', () => undefined, /objects/],
    ['nothing', undefined, /objects, not undefined/]
  ])('that gives %s fails that row with words, and goes on', async ([, bad, words]) => {
    const engine = engineWith((n) => (n === 2 ? bad : { n }))
    const run = await engine.executeWorkflow(workflowOf(5, [through]), { outlets })
    expect(await all(run.rows('own', 'rows'))).toEqual([{ n: 0 }, { n: 1 }, { n: 3 }, { n: 4 }])
    expect(await run.result).toMatchObject({ outcome: 'done' })
    expect(run.failures).toMatchObject([{ nodeId: 'own', row: { id: 2 } }])
    expect(run.failures[0]?.message).toMatch(words)
  })

  it('may give whatever the engine takes: pairs, escapes, the deepest value', async () => {
    const rows = [{ a: '😀 \\ud800 "[{' }, { a: nested(199) }, { a: 1e20 }, { a: [], b: {} }]
    const engine = engineWith((n) => rows[n])
    const run = await engine.executeWorkflow(workflowOf(rows.length, [through]), { outlets })
    const got = (await all(run.rows('own', 'rows'))) as { a: unknown }[]
    expect(run.failures).toEqual([])
    expect(got).toHaveLength(rows.length)
    expect(got[0]?.a).toBe(rows[0]?.a)
    expect(got[1]?.a).toEqual(rows[1]?.a)
  })

  it.for<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('no more')
      }
    ],
    ['rejects', () => Promise.reject(new Error('no more'))]
  ])('whose dispose %s leaves the rows and the outcome as they are, and is told', async ([, dispose]) => {
    const run = await engineWith((n) => ({ n }), { dispose }).executeWorkflow(workflowOf(3, [through]), { outlets })
    expect(await all(run.rows('own', 'rows'))).toHaveLength(3)
    expect(await run.result).toMatchObject({ outcome: 'done' })
    expect(run.failures).toEqual([{ nodeId: 'own', message: 'dispose failed: no more' }])
  })

  it('in a circle is refused, with the circle', async () => {
    const filter = { id: 'filter', typeId: 'logic/filter', version: '1.0.0', settings: { condition: 'true' } }
    const engine = engineWith((n) => ({ n }))
    const itself = workflowOf(3, [through, edge('back', ['own', 'rows'], ['own', 'rows'])])
    expect(await failureOf(engine.executeWorkflow(itself))).toContain(
      'flow.cycle: the flow goes round in a circle: own > own.'
    )
    const around = [edge('on', ['own', 'rows'], ['filter', 'rows']), edge('back', ['filter', 'match'], ['own', 'rows'])]
    expect(await failureOf(engine.executeWorkflow(workflowOf(3, [through, ...around], [filter])))).toContain(
      'flow.cycle: the flow goes round in a circle: own > filter > own.'
    )
  })

  it('has the ports rows and error, and no others', async () => {
    const engine = engineWith((n) => ({ n }))
    const filter = { id: 'filter', typeId: 'logic/filter', version: '1.0.0', settings: { condition: 'true' } }
    const from = workflowOf(3, [through, edge('e', ['own', 'nosuch'], ['filter', 'rows'])], [filter])
    expect(await failureOf(engine.executeWorkflow(from))).toContain("flow.unknown_port: 'own' has no output 'nosuch'.")
    const into = workflowOf(3, [edge('e', ['numbers', 'rows'], ['own', 'nosuch'])])
    expect(await failureOf(engine.executeWorkflow(into))).toContain("flow.unknown_port: 'own' has no input 'nosuch'.")
  })
})

describe('what is no workflow', () => {
  it.for<[string, unknown, RegExp]>([
    ['null', null, /flow\.type.*found null/],
    ['undefined', undefined, /flow\.type/],
    ['an empty object', {}, /flow\.missing_key.*'nodes'/],
    ['a list', [], /flow\.type/],
    ['a number', 42, /flow\.type/],
    ['half a text', '{', /json\.syntax/],
    ['nodes that are none', { id: 'a', version: '1.0.0', nodes: [null], edges: [] }, /flow\./],
    ['edges without ends', { id: 'a', version: '1.0.0', nodes: [], edges: [{ id: 'e' }] }, /flow\./]
  ])('%s is refused with what is wrong with it', async ([, document, words]) => {
    const problems = await failureOf(new WorkflowEngine().executeWorkflow(document as string))
    expect(problems.join()).toMatch(words)
    const stream = new WorkflowStreams(new WorkflowEngine()).createWorkflowStream(document as never)
    await expect(all(stream)).rejects.toThrow(FlowError)
  })
})
