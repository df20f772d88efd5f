// @vitest-environment happy-dom
// What the page works out by itself: files and their readers, what a flow needs elsewhere, differences, words, sizes.
import { Catalogue, newFlow, openFlow, applyOperations } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import { beforeEach, describe, expect, it } from 'vitest'
import { mergeTexts, settled } from '../../src/page/drafts/merge-drafts.ts'
import { addReaders, flowIdFrom, kindsOf, pathsOf, repoint } from '../../src/page/files/readers.ts'
import { checklistOf, mountsOf, secretsOf } from '../../src/page/move/checklist.ts'
import type { Offer } from '../../src/page/move/checklist.ts'
import { offsetOf } from '../../src/page/open/broken-document.tsx'
import { targetsOf, wishOf } from '../../src/page/run-actions.ts'
import { rememberLayout, within } from '../../src/page/shell/layout.ts'
import { leftText, rowsText } from '../../src/page/shell/run-line.tsx'
import { keptWords } from '../../src/page/shell/status-bar.tsx'
import { rememberTargets, targetsSeen } from '../../src/page/targets-dialog.tsx'
import { diffWords, valueWords } from '../../src/page/versions/diff-words.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { documentOf } from './homes.ts'

function flowOf(text: string): FlowDocument {
  const opened = openFlow(text)
  if (opened.state !== 'open') throw new Error('it is no flow')
  return opened.document
}

describe('files', () => {
  it('are sorted by kind, the one with the most first', () => {
    const kinds = kindsOf(['a.csv', 'in/b.CSV.gz', 'c.tsv', 'notes.txt', 'server.log.1', 'x.ndjson', 'photo.png'])
    expect(kinds.map((kind) => [kind.name, kind.paths.length])).toEqual([
      ['CSV', 3],
      ['text', 2],
      ['JSON', 1],
      ['other', 1]
    ])
    expect(kindsOf([])).toEqual([])
  })

  it('are read by one reader a kind: the file itself, or all of its endings', () => {
    const [one] = kindsOf(['orders.csv'])
    const [many] = kindsOf(['a.csv', 'in/b.csv', 'c.tsv'])
    if (one === undefined || many === undefined) throw new Error('there is no kind')
    expect(pathsOf(one, 'data/')).toEqual({ path: 'data/orders.csv', morePaths: [] })
    expect(pathsOf(many, 'data/')).toEqual({ path: 'data/**/*.csv', morePaths: ['data/**/*.tsv'] })
    const document = newFlow('files')
    applyOperations(document, addReaders(document, new Catalogue([]), [one, many], 'data/', { x: 0, y: 0 }))
    expect(document.nodes().map((node) => node.id)).toEqual(['csv-read', 'csv-read-2'])
    applyOperations(document, repoint('csv-read-2', one, 'more/'))
    expect(document.text()).toContain('"more/orders.csv"')
    expect(document.text()).not.toContain('morePaths')
  })

  it('give flows names that are free', () => {
    expect(flowIdFrom('Größe der Aufträge 2026.csv', new Set())).toBe('große-der-auftrage-2026')
    expect(flowIdFrom('orders.flow.json', new Set(['orders', 'orders-2']))).toBe('orders-3')
    expect(flowIdFrom('orders 2026', new Set(['orders-2026']))).toBe('orders-2026-2')
    expect(flowIdFrom('…', new Set())).toBe('flow')
  })
})

describe('a flow that goes elsewhere', () => {
  const document = flowOf(`{"id": "orders", "version": "1.0.0", "nodes": [
    {"id": "read", "typeId": "files/csv-read", "version": "1.0.0", "settings": {"path": "orders:**/*.csv", "morePaths": ["/data/x.csv"]}},
    {"id": "ask", "typeId": "http/request", "version": "1.0.0",
     "settings": {"url": "https://x", "auth": {"secret": "\${secret:API_TOKEN}"}}}], "edges": []}`)
  const all: Offer = {
    nodes: new Set(['files/csv-read', 'http/request']),
    mounts: new Set(['orders', '/data/x.csv']),
    secrets: new Set(['API_TOKEN']),
    flows: new Set(),
    schedules: true
  }

  it('says which folders and secrets it needs', () => {
    expect(mountsOf(document)).toEqual(['/data/x.csv', 'orders'])
    expect(secretsOf(document)).toEqual(['API_TOKEN'])
  })

  it('is ready when each line is well, and says what to do about the others', () => {
    expect(checklistOf(document, all).every((line) => line.ok && line.fix === '')).toBe(true)
    const nothing: Offer = {
      ...all,
      nodes: new Set(),
      mounts: new Set(),
      secrets: new Set(),
      flows: new Set(['orders'])
    }
    const bad = checklistOf(document, nothing).filter((line) => !line.ok)
    expect(bad.map((line) => line.name)).toEqual(['nodes', 'folders', 'secrets', 'id'])
    expect(bad.every((line) => line.fix !== '')).toBe(true)
  })
})

describe('a run', () => {
  it('has one button, for what its state asks', () => {
    expect(
      [undefined, 'running', 'stopping', 'held', 'done', 'failed'].map((status) => wishOf(status as never))
    ).toEqual(['run', 'stop', 'stop-now', 'resume', 'run', 'run'])
    // Samples end by themselves, and what is live goes on: the button is for tests.
    expect([wishOf('running', 'sample'), wishOf('running', 'live'), wishOf('held', 'live')]).toEqual([
      'run',
      'run',
      'resume'
    ])
  })

  it('names what it writes to, once', () => {
    const catalogue = Catalogue.of([
      { id: 'files/csv-write', version: '1.0.0', name: 'Write CSV', touches: 'writes', ports: {}, settings: [] },
      { id: 'generate/pattern', version: '1.0.0', name: 'Pattern', touches: 'nothing', ports: {}, settings: [] }
    ])
    const document = flowOf(
      documentOf('{"rows": 3}').replace(
        '"settings": {"rows": 3}}',
        '"settings": {"rows": 3}}, {"id": "out", "typeId": "files/csv-write", "version": "1.0.0", "settings": {"path": "out.csv"}}'
      )
    )
    const targets = targetsOf(document, catalogue)
    expect(targets).toEqual([{ node: 'out', what: 'Write CSV: out.csv' }])
    expect(targetsSeen('browser/orders', targets)).toBe(false)
    rememberTargets('browser/orders', targets)
    expect(targetsSeen('browser/orders', targets)).toBe(true)
    expect(targetsSeen('browser/orders', [{ node: 'out', what: 'Write CSV: other.csv' }])).toBe(false)
    localStorage.setItem('weir.editor.targets', 'torn{')
    expect(targetsSeen('browser/orders', targets)).toBe(false)
    expect(targetsSeen('browser/orders', [])).toBe(true)
  })

  it('is told in figures that people read', () => {
    expect([rowsText(1_241_774), rowsText(52_400_000)]).toEqual(['1,241,774', '52.4 M'])
    expect([leftText(25), leftText(3729), leftText(-1)]).toEqual(['0:25', '1:02:09', '0:00'])
  })
})

describe('versions', () => {
  it('differ by what changed, apart from what only moved', () => {
    const layout = ', "layout": {"nodes": {"make": {"x": 1, "y": 2}}}'
    const before = documentOf('{"rows": 3}', layout)
    const after = documentOf('{"rows": 4}', layout.replace('"x": 1', '"x": 9'))
    const { lines, moved } = diffWords(before, after)
    expect(moved).toBe(1)
    expect(lines).toEqual([
      expect.objectContaining({
        change: 'changed',
        what: 'node make',
        fields: [{ path: 'settings.rows', before: '3', after: '4' }]
      })
    ])
    expect(diffWords(before, before)).toEqual({ lines: [], moved: 0 })
    expect(valueWords('x'.repeat(500))).toHaveLength(121)
    expect(diffWords('no json', before).lines.length).toBeGreaterThan(0)
  })

  it('that conflict are settled field by field', () => {
    const base = documentOf('{"rows": 1, "rate": 1}')
    const merge = mergeTexts(base, documentOf('{"rows": 2, "rate": 2}'), documentOf('{"rows": 3, "rate": 3}'))
    const rate = "node 'make', settings.rate"
    expect(merge.conflicts.map((one) => one.where)).toContain(rate)
    const mixed = flowOf(textOf(settled(merge, new Map([[rate, 'theirs']]))))
    expect(mixed.text()).toMatch(/"rows": 2/)
    expect(mixed.text()).toMatch(/"rate": 3/)
  })

  it('that conflict in their form are settled as a whole, and fields by themselves', () => {
    const other = ', {"id": "b", "typeId": "debug/log", "version": "1.0.0", "settings": {"rows": 1}}'
    const two = (rows: number, log: string) => documentOf(`{"rows": ${rows}}`).replace('}}\n  ]', `}}${log}\n  ]`)
    const merge = mergeTexts(two(1, other), two(2, ''), two(3, other.replace('"rows": 1', '"rows": 5')))
    expect(merge.conflicts).toHaveLength(2)
    const form = merge.conflicts.find((one) => one.kind !== 'changed')?.where ?? ''
    const taken = flowOf(textOf(settled(merge, new Map([[form, 'theirs']]))))
    expect(taken.node('b')).toBeDefined()
    expect(taken.text()).toMatch(/"rows": 2/)
    expect(flowOf(textOf(settled(merge, new Map()))).node('b')).toBeUndefined()
  })
})

describe('the bars', () => {
  it('say where the work is', () => {
    expect(keptWords({ kind: 'browser', name: 'this browser' }, '')).toEqual(['warn', 'in this browser only'])
    expect(keptWords({ kind: 'browser', name: 'this browser' }, 'orders-flows')).toEqual([
      'ok',
      'in folder orders-flows'
    ])
    expect(keptWords({ kind: 'server', name: 'x.example' }, '')).toEqual(['ok', 'on server x.example'])
  })

  it('find a place in a text', () => {
    expect(offsetOf('ab\ncd', 2, 2)).toBe(4)
    expect(offsetOf('ab', 9, 9)).toBe(2)
  })
})

describe('sizes of the page', () => {
  beforeEach(() => {
    localStorage.clear()
  })

  it('are remembered, within what can be seen', () => {
    const session = () => new EditorSession(newFlow('x'), new Catalogue([]), { author: 'ada' })
    const first = session()
    const stop = rememberLayout(first)
    first.view.setState({ side: { open: true, width: 444 } })
    stop()
    first.dispose()
    const second = session()
    rememberLayout(second)()
    expect(second.view.getState().side.width).toBe(444)
    expect(second.view.getState().bottom.tab).toBe('data')
    second.dispose()
    for (const torn of [
      '{',
      'null',
      '{"side": 3}',
      '{"side": {"open": true, "width": "x"}, "bottom": {"open": true}}'
    ]) {
      localStorage.setItem('weir.editor.layout', torn)
      const third = session()
      rememberLayout(third)()
      expect(third.view.getState().side.width).toBe(330)
      third.dispose()
    }
    expect([within(1, { least: 5, most: 9 }), within(99, { least: 5, most: 9 })]).toEqual([5, 9])
  })
})

function textOf(value: ReturnType<typeof settled>): string {
  return JSON.stringify(value, (_, one: unknown) => (one instanceof Map ? Object.fromEntries(one) : one) as unknown)
}
