// What is pasted becomes nodes with ids of their own, and a report; what is hostile or too large becomes nothing.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Catalogue } from '../src/catalogue/catalogue.ts'
import { copySelection, cutSelection, pasteElements, readSelection } from '../src/clipboard/selection-text.ts'
import { parseCurl, shellWords } from '../src/clipboard/curl.ts'
import { kMostPasted, kPasteReaders, paste, refusePaste } from '../src/clipboard/paste.ts'
import type { PasteResult } from '../src/clipboard/paste.ts'
import { FlowDocument } from '../src/document/flow-document.ts'
import { openFlow } from '../src/document/open.ts'
import { applyOperations } from '../src/operations/apply.ts'
import { FreshIds } from '../src/operations/names.ts'
import { validate } from '../src/validate/validate.ts'
import { toPlain } from '../src/json/value.ts'
import { anyFlow, orders } from './documents.ts'
import { nodeSchemas } from './weir.ts'

const catalogue = Catalogue.of(nodeSchemas().map((text) => JSON.parse(text) as unknown))

function pasted(
  text: string,
  document = new FlowDocument(orders().root)
): { document: FlowDocument; result: PasteResult | undefined } {
  const result = paste(text, { document, catalogue, ids: new FreshIds(document), at: { x: 1000, y: 500 } })
  if (result !== undefined) expect(applyOperations(document, result.operations).refusals).toEqual([])
  return { document, result }
}

describe('copying', () => {
  test('keeps the wires inside, gives fresh ids, and can be done between documents', () => {
    const from = new FlowDocument(orders().root)
    const text = copySelection(from, { nodes: ['paid', 'sum'] })
    const { document, result } = pasted(text)
    expect(result?.reader).toBe('selection')
    expect(result?.report).toEqual(['2 nodes, 1 edge'])
    expect(document.node('paid-2')?.settings).toEqual(document.node('paid')?.settings)
    expect(document.edgesOutOf('paid-2')).toMatchObject([
      { source: { node: 'paid-2', port: 'match' }, target: { node: 'sum-2', port: 'rows' } }
    ])
    expect([document.places.nodes.get('paid-2', 'x'), document.places.nodes.get('sum-2', 'x')]).toEqual([1000, 1260])
    expect(from.text()).toBe(new FlowDocument(orders().root).text())
  })

  test('of everything and pasting it gives as much again, in a document that opens', () => {
    fc.assert(
      fc.property(anyFlow(), (root) => {
        const document = new FlowDocument(root)
        const ids = (kind: 'nodes' | 'groups' | 'notes' | 'widgets'): string[] => [...document.tables[kind].ids()]
        const count = document.tables.nodes.size
        const text = copySelection(document, {
          nodes: ids('nodes'),
          groups: ids('groups'),
          notes: ids('notes'),
          widgets: ids('widgets')
        })
        const selection = readSelection(text)
        expect(selection).toBeDefined()
        if (selection === undefined) return
        const { operations, skipped } = pasteElements(document, selection)
        expect(skipped).toEqual([])
        expect(applyOperations(document, operations).refusals).toEqual([])
        expect(document.tables.nodes.size).toBe(2 * count)
        expect(openFlow(document.text()).state).toBe('open')
      })
    )
  })

  test('and cutting takes away what was copied, and its wires', () => {
    const document = new FlowDocument(orders().root)
    applyOperations(document, cutSelection(document, { nodes: ['paid'], edges: ['e1', 'e3'] }))
    expect([...document.tables.nodes.ids()]).toEqual(['read', 'sum', 'write'])
    expect(document.tables.edges.size).toBe(0)
  })
})

describe('pasting', () => {
  test('a flow puts its nodes beside those that are there', () => {
    const { document, result } = pasted(new FlowDocument(orders().root).text())
    expect(result).toMatchObject({ reader: 'flow', report: ['4 nodes, 3 edges'] })
    expect(document.tables.nodes.size).toBe(8)
    expect(validate(document, { catalogue }).filter((problem) => problem.severity === 'error')).toEqual([])
  })

  test('a curl command makes the request, without its secrets', () => {
    const command = `curl -X POST 'https://api.example.com/v1/orders?x=1' \\
      -H 'Content-Type: application/json' -H "Authorization: Bearer abc" -u anna:secret --compressed --http2 -d '{"a":"it'\\''s"}'`
    const { document, result } = pasted(command)
    expect(result?.reader).toBe('curl')
    expect(result?.warnings.join(' ')).not.toContain('Bearer')
    expect(result?.warnings[0]).toBe('--http2 was left out.')
    const settings = toPlain(document.node('request')?.settings ?? new Map())
    expect(settings).toEqual({
      url: 'https://api.example.com/v1/orders?x=1',
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: '${secret:AUTHORIZATION}' },
      auth: 'basic',
      user: 'anna',
      secret: '${secret:HTTP_PASSWORD}',
      bodyFrom: '"{\\"a\\":\\"it\'s\\"}"',
      bodyType: 'text'
    })
    expect(document.text()).not.toContain('abc')
  })

  test.each([
    ['https://example.com/feed', 'url', 'http/poll'],
    ['wss://example.com/live', 'url', 'websocket/read'],
    ['curl example.com', 'curl', 'http/request'],
    ['id;name;price\n1;"a;b";2\n2;c;3\n', 'csv', 'files/csv-read'],
    ['a\tb\n1\t2\n', 'csv', 'files/csv-read'],
    ['[{"a":1},{"a":2}]', 'json', 'files/json-read'],
    ['{"a":1}\n{"a":2}\n', 'json', 'files/json-read']
  ])('%j is for the reader of %s', (text, reader, typeId) => {
    const { document, result } = pasted(text)
    expect(result?.reader).toBe(reader)
    expect(document.nodes().at(-1)?.typeId).toBe(typeId)
    const [file] = result?.files ?? []
    if (file !== undefined) {
      expect(file.text).toBe(text)
      expect(document.nodes().at(-1)?.settings.get('path')).toBe(file.path)
    }
  })

  test('words are a note, and readers of others come first', () => {
    expect(pasted('remember the milk').result?.reader).toBe('note')
    const other = { name: 'other', read: () => ({ operations: [], files: [], report: [], warnings: [] }) }
    const document = new FlowDocument(orders().root)
    const context = { document, catalogue, ids: new FreshIds(document), at: { x: 0, y: 0 } }
    expect(paste('remember', context, [other, ...kPasteReaders])?.reader).toBe('other')
  })

  test('10 MB are refused without a look at them, with what to do instead', () => {
    const text = 'a,b\n'.repeat(2_700_000)
    const start = performance.now()
    expect(pasted(text).result).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(2000)
    expect(refusePaste(text)).toContain('Save it as a file')
    expect(kMostPasted).toBeLessThan(text.length)
  })

  test('garbage never throws, and what is made of it opens', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '{"nodes":[{"id":"__proto__","typeId":"a","version":"1"}],"edges":[{}]}',
        '{"weir-selection":1,"nodes":7}',
        '{"weir-selection":1,"nodes":[{"id":"a"}]}',
        'curl',
        "curl 'http://x",
        'curl -X',
        '[[[[',
        `{"nodes":${'['.repeat(5000)}`
      )
    )
    fc.assert(
      fc.property(odd, (text) => {
        const { document } = pasted(text)
        expect(openFlow(document.text()).state).toBe('open')
      })
    )
    expect(({} as Record<string, unknown>)['typeId']).toBeUndefined()
  })

  test('names of 80 letters stay whole in nodes, and ids are kept apart', () => {
    const long = 'n'.repeat(80)
    const { document } = pasted(
      `{"id":"f","version":"1.0.0","nodes":[{"id":"${long}","typeId":"logic/filter","version":"1.0.0","name":"${long}"}],"edges":[]}`
    )
    const again = pasted(document.text(), document).document
    expect(again.node(long)?.name).toBe(long)
    expect(again.tables.nodes.has(`${long}-2`)).toBe(true)
  })
})

describe('a command line', () => {
  test('is read as a shell reads it', () => {
    expect(shellWords(`a 'b c' "d \\" e" f\\ g \\\n h ''`)).toEqual(['a', 'b c', 'd " e', 'f g', 'h', ''])
    expect(parseCurl('curl -XPUT -Hx:y localhost:8080 -I')).toMatchObject({
      method: 'PUT',
      url: 'http://localhost:8080'
    })
    expect(parseCurl('wget x')).toBeUndefined()
  })
})
