// Geometry without a page: hits, rectangles, what is to be seen, the keyboard's way, snapping; all as a slow search finds it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Catalogue } from '../src/catalogue/catalogue.ts'
import { FlowDocument } from '../src/document/flow-document.ts'
import { fromPlain } from '../src/json/value.ts'
import type { JsonObject } from '../src/json/value.ts'
import { applyOperations } from '../src/operations/apply.ts'
import { groupThings } from '../src/operations/canvas.ts'
import { addNode, moveTo, removeNodes, resize, setValue } from '../src/operations/edits.ts'
import { renameNode } from '../src/operations/renames.ts'
import { align, distribute, fit, nudge, snap, snapToNeighbours } from '../src/view/arrange.ts'
import { CanvasIndex } from '../src/view/canvas-index.ts'
import { Geometry, intersects, kNodeWidth } from '../src/view/geometry.ts'
import { GridIndex } from '../src/view/grid-index.ts'
import { Selection } from '../src/view/selection.ts'
import { outline, walk } from '../src/view/walk.ts'
import { orders } from './documents.ts'
import { anyEdit } from './edit-commands.ts'
import { nodeSchemas } from './weir.ts'

const catalogue = Catalogue.of(nodeSchemas().map((text) => JSON.parse(text) as unknown))

function canvas(root: JsonObject = orders().root): { document: FlowDocument; geometry: Geometry; index: CanvasIndex } {
  const document = new FlowDocument(root)
  const geometry = new Geometry(document, catalogue)
  return { document, geometry, index: new CanvasIndex(geometry) }
}

describe('the grid', () => {
  const box = fc.record({
    x: fc.integer({ min: -3000, max: 3000 }),
    y: fc.integer({ min: -3000, max: 3000 }),
    width: fc.nat({ max: 5000 }),
    height: fc.nat({ max: 900 })
  })

  test('finds what a search through all boxes finds, whatever came and went', () => {
    const step = fc.record({ id: fc.nat({ max: 20 }), box: fc.option(box, { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), box, (steps, area) => {
        const grid = new GridIndex()
        const all = new Map<string, typeof area>()
        for (const { id, box: to } of steps) {
          if (to === undefined) {
            grid.remove(String(id))
            all.delete(String(id))
          } else {
            grid.set(String(id), to)
            all.set(String(id), to)
          }
        }
        const slow = [...all].filter(([, each]) => intersects(each, area)).map(([id]) => id)
        expect([...grid.meeting(area)].sort()).toEqual(slow.sort())
        expect(grid.size).toBe(all.size)
      })
    )
  })
})

describe('the canvas', () => {
  test('knows sizes from the schema, and ports on both sides', () => {
    const { document, geometry } = canvas()
    expect(geometry.node('paid')).toEqual({ x: 260, y: 0, width: kNodeWidth, height: 100 })
    expect(geometry.port('paid', 'outputs', 'match')).toEqual({ x: 466, y: 46 })
    expect(geometry.port('paid', 'outputs', 'rest')).toEqual({ x: 466, y: 66 })
    expect(geometry.port('paid', 'inputs', 'rows')).toEqual({ x: 260, y: 46 })
    applyOperations(document, [resize('nodes', 'paid', 400, 300)])
    expect(geometry.node('paid')?.width).toBe(kNodeWidth)
    applyOperations(document, [setValue('nodes', 'paid', '/typeId', 'http/request')])
    expect(geometry.node('paid')).toMatchObject({ width: 400, height: 300 })
  })

  test('says what is under the pointer', () => {
    const { document, index } = canvas()
    applyOperations(
      document,
      groupThings({ id: 'g', box: { x: -20, y: -40, width: 600, height: 400 } }, { nodes: ['read'] })
    )
    expect(index.hit({ x: 300, y: 20 })).toEqual({ kind: 'nodes', id: 'paid' })
    expect(index.hit({ x: 467, y: 45 })).toEqual({ kind: 'port', node: 'paid', side: 'outputs', port: 'match' })
    expect(index.hit({ x: 233, y: 46 })).toEqual({ kind: 'edges', id: 'e1' })
    expect(index.hit({ x: 100, y: 300 })).toEqual({ kind: 'groups', id: 'g' })
    expect(index.hit({ x: 5000, y: 5000 })).toBeUndefined()
  })

  test('follows the document: moved, removed, renamed', () => {
    const { document, index } = canvas()
    applyOperations(document, [moveTo('nodes', ['paid'], [0], [1000])])
    expect(index.hit({ x: 10, y: 1010 })).toEqual({ kind: 'nodes', id: 'paid' })
    expect(index.hit({ x: 300, y: 20 })).toBeUndefined()
    applyOperations(document, renameNode(document, 'paid', 'settled'))
    expect(index.hit({ x: 10, y: 1010 })).toEqual({ kind: 'nodes', id: 'settled' })
    applyOperations(document, removeNodes(document, ['settled']))
    expect(index.hit({ x: 10, y: 1010 })).toBeUndefined()
    expect(index.box('edges', 'e1')).toBeUndefined()
  })

  test('is after any edits as one that is made anew', () => {
    fc.assert(
      fc.property(fc.array(anyEdit, { maxLength: 15 }), (edits) => {
        const { document, geometry, index } = canvas()
        for (const edit of edits) applyOperations(document, edit(document))
        const fresh = new CanvasIndex(geometry)
        for (const kind of ['nodes', 'edges', 'groups', 'notes', 'widgets'] as const)
          for (const { id } of document.tables[kind].list()) expect(index.box(kind, id)).toEqual(fresh.box(kind, id))
        fresh.dispose()
      })
    )
  })

  test('gives the page 300 nodes at most, none far out, and always those that are chosen', () => {
    const nodes = Array.from({ length: 2500 }, (_, i) => ({
      id: `n${i}`,
      typeId: 'logic/filter',
      version: '1.0.0',
      position: { x: (i % 50) * 260, y: Math.floor(i / 50) * 140 }
    }))
    const { index } = canvas(fromPlain({ id: 'many', version: '1.0.0', nodes, edges: [] }) as JsonObject)
    const area = { x: 0, y: 0, width: 1400, height: 900 }
    expect(index.elements({ area, zoom: 1 }, ['n2499']).size).toBe(index.visible('nodes', { area, zoom: 1 }).size + 1)
    const all = { x: -100, y: -100, width: 20_000, height: 20_000 }
    expect(index.elements({ area: all, zoom: 0.7 }, ['n0']).size).toBe(301)
    expect([...index.elements({ area: all, zoom: 0.1 }, ['n7', 'gone'])]).toEqual(['n7'])
    expect(index.within({ x: 0, y: 0, width: 300, height: 100 }).length).toBe(2)
    expect(index.within({ x: -5, y: -5, width: 300, height: 150 }, true).length).toBe(1)
    expect(index.bounds()).toMatchObject({ x: 0, y: 0, width: 49 * 260 + 206 })
  })
})

describe('the keyboard', () => {
  test('walks the wires, and beside them', () => {
    const { document } = canvas()
    applyOperations(document, [
      addNode({ id: 'rest', typeId: 'files/csv-write', version: '1.0.0', at: { x: 520, y: 200 } }),
      {
        op: 'add',
        kind: 'edges',
        value: fromPlain({
          id: 'e9',
          source: { node: 'paid', port: 'rest' },
          target: { node: 'rest', port: 'rows' }
        }) as JsonObject
      }
    ])
    expect(walk(document, 'read', 'right')).toBe('paid')
    expect(walk(document, 'paid', 'right')).toBe('sum')
    expect(walk(document, 'sum', 'down')).toBe('rest')
    expect(walk(document, 'rest', 'up')).toBe('sum')
    expect(walk(document, 'rest', 'left')).toBe('paid')
    expect(walk(document, 'read', 'left')).toBeUndefined()
    expect(walk(document, 'nobody', 'left')).toBe('read')
  })

  test('reads the outline in the order of the flow, boxes with what is in them', () => {
    const { document } = canvas()
    applyOperations(
      document,
      groupThings({ id: 'g', box: { x: 0, y: 0, width: 9, height: 9 } }, { nodes: ['paid', 'sum'] })
    )
    expect(outline(document).map(({ id, depth }) => `${'>'.repeat(depth)}${id}`)).toEqual([
      'read',
      'g',
      '>paid',
      '>sum',
      'write'
    ])
    applyOperations(document, [setValue('groups', 'g', '/parent', 'g')])
    expect(outline(document).length).toBeLessThan(6)
  })
})

describe('a selection', () => {
  test('follows what is renamed and loses what is gone', () => {
    const { document } = canvas()
    const selection = new Selection(document)
    let told = 0
    selection.subscribe(() => ++told)
    selection.set([
      { kind: 'nodes', id: 'paid' },
      { kind: 'nodes', id: 'sum' },
      { kind: 'nodes', id: 'nobody' }
    ])
    applyOperations(document, renameNode(document, 'paid', 'settled'))
    expect([...selection.ids('nodes')].sort()).toEqual(['settled', 'sum'])
    applyOperations(document, removeNodes(document, ['sum']))
    expect([...selection.ids('nodes')]).toEqual(['settled'])
    selection.toggle({ kind: 'nodes', id: 'settled' })
    expect(selection.size).toBe(0)
    expect(told).toBe(4)
  })
})

describe('arranging', () => {
  const boxes = [
    { x: 0, y: 0, width: 10, height: 10 },
    { x: 100, y: 5, width: 20, height: 10 },
    { x: 30, y: 50, width: 10, height: 10 }
  ]

  test('fits, snaps, aligns, spreads and nudges', () => {
    expect(fit({ x: 0, y: 0, width: 100, height: 100 }, { width: 800, height: 600 })).toEqual({
      x: -350,
      y: -250,
      zoom: 1
    })
    const far = fit({ x: 0, y: 0, width: 10_000, height: 100 }, { width: 1080, height: 600 })
    expect(far.zoom).toBeCloseTo(0.1)
    expect([snap(5), snap(-1), snap(6)]).toEqual([4, 0, 8])
    expect(
      snapToNeighbours(
        { x: 97, y: 203, width: 20, height: 10 },
        [boxes[1] ?? boxes[0]].flatMap((box) => (box === undefined ? [] : [box]))
      )
    ).toEqual({ by: { x: 3, y: 1 }, x: [100, 110, 120], y: [] })
    expect(align(boxes, 'left').map((point) => point.x)).toEqual([0, 0, 0])
    expect(align(boxes, 'bottom').map((point) => point.y)).toEqual([50, 50, 50])
    expect(distribute(boxes, 'x').map((point) => point.x)).toEqual([0, 100, 50])
    expect([nudge('left'), nudge('down', true)]).toEqual([
      { x: -4, y: 0 },
      { x: 0, y: 20 }
    ])
  })
})
