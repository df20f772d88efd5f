// Opening takes whatever is there: old, new, broken, hostile; and says where the trouble is.
import { describe, expect, test } from 'vitest'
import { formatFlow } from '../src/document/format.ts'
import { newFlow, openFlow } from '../src/document/open.ts'
import type { FlowDocument } from '../src/document/flow-document.ts'
import { writeJson } from '../src/json/text.ts'
import { describeProblem } from '../src/problem.ts'
import { orders, parsed } from './documents.ts'
import { flowFiles, readRoot, runWeir, weir } from './weir.ts'

function open(text: string): FlowDocument {
  const opened = openFlow(text)
  if (opened.state !== 'open') throw new Error(opened.problems.map(describeProblem).join('\n'))
  return opened.document
}

describe('a document', () => {
  test.each(flowFiles())('of %s opens and is written as it would be without', (path) => {
    const text = readRoot(path)
    const opened = openFlow(text)
    if (opened.state !== 'open' || opened.migratedFrom !== '') return
    expect(opened.document.text()).toBe(formatFlow(parsed(text)))
  })

  test('is known by its parts', () => {
    const document = open(writeJson(orders().root))
    expect(document.node('paid')).toMatchObject({ typeId: 'logic/filter', version: '1.0.0', bypass: false, name: '' })
    expect(document.edge('e2')).toMatchObject({
      source: { node: 'paid', port: 'match' },
      target: { node: 'sum', port: 'rows' }
    })
    expect(document.places.nodes.get('sum', 'x')).toBe(520)
    expect([...document.edgesAt('paid')]).toEqual(['e1', 'e2'])
    expect(document.edgesInto('paid').map((edge) => edge.id)).toEqual(['e1'])
  })

  test('of format 0.9 is brought up to date', () => {
    const old =
      '{"id":"a","version":"0.9","nodes":[{"id":"n","type":"logic/filter","version":"1.0.0","options":{"condition":"true"},"x":1,"y":2}],"links":[{"id":"e","from":"n.match","to":"n"}]}'
    const opened = openFlow(old)
    expect(opened).toMatchObject({ state: 'open', migratedFrom: '0.9' })
    if (opened.state !== 'open') return
    expect(opened.document.edge('e')?.target).toEqual({ node: 'n', port: 'rows' })
    if (weir !== undefined) expect(opened.document.text()).toBe(runWeir(['fmt', '-'], old).out)
  })

  test('of a newer format can be looked at, with the reason', () => {
    const opened = openFlow(writeJson(new Map([...orders().root, ['version', '2.1.0'], ['news', 1]])))
    expect(opened.state).toBe('readOnly')
    if (opened.state !== 'readOnly') return
    expect(opened.reason).toBe(
      'the document has format 2.1.0, this engine reads up to 1.0.0. It is shown, and cannot be changed here.'
    )
    expect(opened.document.nodes()).toHaveLength(4)
    expect(openFlow('{"version":"9.0.0","nodes":7,"edges":[null,{}],"layout":3}').state).toBe('readOnly')
  })

  test('with node types that nobody knows keeps all they have', () => {
    const text = formatFlow(
      parsed(
        '{"id":"a","version":"1.0.0","nodes":[{"id":"n","typeId":"gone/away","version":"7.1.2","settings":{"big":12345678901234567890,"__proto__":{"a":1}},"x-own":[1]}],"edges":[]}'
      )
    )
    expect(open(text).text()).toBe(text)
  })

  test('with two things of one id gives the second another, and says so', () => {
    const opened = openFlow(
      '{"id":"a","version":"1.0.0","nodes":[{"id":"n","typeId":"a/b","version":"1"},{"id":"n","typeId":"c/d","version":"1"}],"edges":[]}'
    )
    expect(opened.state).toBe('open')
    if (opened.state !== 'open') return
    expect(opened.document.nodes().map((node) => node.id)).toEqual(['n', 'n-2'])
    expect(opened.problems[0]).toMatchObject({
      code: 'flow.duplicate_id',
      pointer: '/nodes/1/id',
      line: 1,
      severity: 'warning'
    })
  })

  test('that is new has nothing in it', () => {
    expect(open(newFlow('fresh').text()).id).toBe('fresh')
  })
})

describe('what is no document', () => {
  test.each([
    ['{"id":1}', ['flow.type', 'flow.missing_key']],
    ['[]', ['flow.type']],
    ['{"id":"a","version":"1.0.0","nodes":[],"edges":[],"nods":[]}', ['flow.unknown_key']],
    ['{"id":"a","version":"one","nodes":[],"edges":[]}', ['flow.version']],
    ['{"id":"a","version":"0.1","nodes":[],"edges":[]}', ['flow.no_migration']],
    [
      '{"id":"a","version":"1.0.0","nodes":[],"edges":[],"config":{"limits":{"threads":0},"isolation":"none"}}',
      ['flow.range', 'flow.value']
    ],
    ['{"__proto__":{}}', ['flow.unknown_key']],
    ['<<<<<<< ours\n{}', ['json.syntax']],
    ['{"id":', ['json.syntax']],
    [`${'{"a":'.repeat(700)}1${'}'.repeat(700)}`, ['json.too_deep']]
  ])('%# is told with codes, words and places of the engine', (text, codes) => {
    const opened = openFlow(text)
    expect(opened.state).toBe('broken')
    expect(opened.problems.map((problem) => problem.code)).toEqual(expect.arrayContaining(codes))
    for (const problem of opened.problems) expect(problem.line).toBeGreaterThan(0)
    if (weir === undefined) return
    const said = runWeir(['fmt', '-'], text).error
    for (const problem of opened.problems) {
      expect(said).toContain(describeProblem(problem))
      expect(said).toContain(`${problem.line ?? 0}:${problem.column ?? 0}: `)
    }
  })

  test('10 MB of it are refused within seconds', () => {
    const rows = `{"id":"a","version":"1.0.0","nodes":[],"edges":[],"x-rows":[${'{"a":1,"b":"text and more of it"},'.repeat(275_000)}1]`
    const start = performance.now()
    expect(openFlow(rows).state).toBe('broken')
    expect(openFlow(`${rows}}`).state).toBe('open')
    expect(performance.now() - start).toBeLessThan(20_000)
  })
})
