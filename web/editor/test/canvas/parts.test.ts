// The parts of the canvas that need no page: colours, curves, what is drawn again, looks, states, boxes, keys.
import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { areaOf, panned, revealed, toCanvas, toScreen, zoomedAt } from '../../src/canvas/camera.ts'
import { contrast, parseColor } from '../../src/canvas/paint/colors.ts'
import { cubicOf, distanceTo, lengthOf, pointAt, startOfLast, tailOf } from '../../src/canvas/paint/curve.ts'
import { DirtyAreas, grown, movedWithin, pixelCamera, toPixels, toUnits } from '../../src/canvas/paint/dirty.ts'
import { iconNames, iconPath } from '../../src/canvas/paint/icons.ts'
import { portLook } from '../../src/canvas/paint/ports.ts'
import { CanvasTheme } from '../../src/canvas/paint/theme.ts'
import type { ColorName } from '../../src/canvas/paint/theme.ts'
import { ChangedNodes } from '../../src/canvas/scene/changed-nodes.ts'
import { CollapsedBoxes } from '../../src/canvas/scene/collapsed.ts'
import { keySetting, nodeLook } from '../../src/canvas/scene/node-look.ts'
import { nodeState, short } from '../../src/canvas/scene/node-state.ts'
import type { NodeFacts } from '../../src/canvas/scene/node-state.ts'
import { NumberRows } from '../../src/canvas/scene/rows.ts'
import { FigureStore } from '../../src/run/figure-store.ts'
import { applyOperations } from '@weir/flow-model'
import { largeFlow, makeCatalogue, opened, ordersFlow, shownRun, writeOrders } from './page/fixtures.ts'

const tokens = readFileSync(new URL('../../../ui/src/look/tokens.css', import.meta.url), 'utf8')
const nodesFolder = new URL('../../../../nodes/', import.meta.url)

function schemas(): { ui?: { icon?: string; color?: string } }[] {
  return readdirSync(nodesFolder).flatMap((category) => {
    const folder = new URL(`${category}/`, nodesFolder)
    if (category.includes('.')) return []
    return readdirSync(folder)
      .map((name) => new URL(`${name}/schema.json`, folder))
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { ui?: { icon?: string; color?: string } })
  })
}

function themeOf(name: string): CanvasTheme {
  const block = tokens.split(`[data-theme='${name}'] {`)[1]?.split('}')[0] ?? ''
  const color = (token: string): string => new RegExp(`--${token}: ([^;]+);`).exec(block)?.[1] ?? ''
  const colors = { bg: color('bg'), raised: color('raised'), text: color('text'), any: color('type-any') }
  const least = Number(/--contrast: ([\d.]+)/.exec(block)?.[1])
  return new CanvasTheme(colors as unknown as Record<ColorName, string>, 'sans-serif', 'monospace', least)
}

describe('the icon of a node', () => {
  it.each(['dark', 'light', 'contrast'])('can be read in the theme %s, whatever colour its schema has', (name) => {
    const theme = themeOf(name)
    const own = schemas().map((schema) => schema.ui?.color ?? '')
    expect(own.length).toBeGreaterThan(40)
    for (const color of [...own, '#000000', '#ffffff', '#808080', '#ff0', '', 'red', 'url(x)']) {
      const { ink, ground } = theme.tint(color)
      expect(contrast(parseColor(ink) ?? [0, 0, 0], parseColor(ground) ?? [0, 0, 0]), color).toBeGreaterThanOrEqual(
        4.45
      )
    }
  })

  it('is there for every name that a schema has, and a box for others', () => {
    const names = new Set(iconNames())
    for (const { ui } of schemas()) expect(names.has(ui?.icon ?? ''), ui?.icon).toBe(true)
    for (const name of ['nothing', '__proto__', '']) expect(iconPath(name)).toBe(iconPath('box'))
  })
})

describe('types of ports', () => {
  it('have each a shape or a colour of their own, and strange ones those of any', () => {
    const types = ['rows', 'any', 'string', 'number', 'object', 'signal', 'tensor', 'blob', 'error_packet']
    const looks = types.map((type) => portLook(type).shape)
    expect(new Set(looks).size).toBe(types.length)
    for (const type of ['constructor', '', 'rows{']) expect(portLook(type)).toEqual(portLook('any'))
  })
})

describe('a curve', () => {
  const curve = cubicOf(0, 0, 300, 120)
  it('begins and ends at its ends, and is as long as its pieces', () => {
    expect(pointAt(curve, 0)).toEqual([0, 0])
    expect(pointAt(curve, 1)).toEqual([300, 120])
    expect(lengthOf(cubicOf(0, 0, 200, 0))).toBeCloseTo(200, 6)
  })
  it('has a last part of the length that was asked for, which ends where it does', () => {
    for (const last of [1, 40, 200]) {
      const tail = tailOf(curve, startOfLast(curve, last))
      expect(lengthOf(tail)).toBeCloseTo(last, 0)
      expect(tail.slice(6)).toEqual([300, 120])
    }
    expect(startOfLast(curve, 1e9)).toBe(0)
  })
  it('is near what lies on it', () => {
    const [x, y] = pointAt(curve, 0.37)
    expect(distanceTo(curve, { x, y })).toBeLessThan(1)
    expect(distanceTo(curve, { x: 0, y: 50 })).toBeGreaterThan(20)
    expect(distanceTo(cubicOf(5, 5, 5, 5), { x: 5, y: 5 })).toBeLessThan(25)
  })
})

describe('what is drawn again', () => {
  const view = { x: 0, y: 0, width: 1000, height: 1000 }
  const camera = pixelCamera({ x: 0, y: 0, zoom: 1 }, 1)

  it('is what changed within the view, in few rectangles', () => {
    const dirty = new DirtyAreas()
    expect(dirty.take(camera, view, [])).toBeUndefined()
    expect(dirty.any).toBe(false)
    dirty.add({ x: 10, y: 10, width: 20, height: 20 })
    dirty.add({ x: 5000, y: 10, width: 20, height: 20 })
    expect(dirty.take(camera, view, [])).toEqual([{ x: 9, y: 9, width: 22, height: 22 }])
    for (let i = 0; i < 100; ++i) dirty.add({ x: (i * 37) % 900, y: (i * 91) % 900, width: 4, height: 4 })
    expect(dirty.take(camera, view, [])?.length ?? 1).toBeLessThanOrEqual(13)
  })
  it('is everything if that is not much more', () => {
    const dirty = new DirtyAreas()
    dirty.take(camera, view, [])
    dirty.add({ x: 0, y: 0, width: 900, height: 900 })
    expect(dirty.take(camera, view, [])).toBeUndefined()
  })
  it('goes from units to pixels and back', () => {
    const near = pixelCamera({ x: 13.3, y: -7.1, zoom: 0.7 }, 2)
    const { x, y, width, height } = toUnits(toPixels({ x: 100, y: 50, width: 30, height: 20 }, near), near)
    expect(x).toBeLessThanOrEqual(100)
    expect(y).toBeLessThanOrEqual(50)
    expect(x + width).toBeGreaterThanOrEqual(130)
    expect(y + height).toBeGreaterThanOrEqual(70)
  })
  it('grows by what comes into view, each pixel once', () => {
    const next = grown(
      { x: 100, y: 100, width: 100, height: 100 },
      { x: 150, y: 60, width: 100, height: 100 },
      20,
      400,
      400
    )
    expect(next?.valid).toEqual({ x: 100, y: 40, width: 170, height: 160 })
    const area = next?.strips.reduce((sum, strip) => sum + strip.width * strip.height, 0)
    expect(area).toBe(170 * 160 - 100 * 100)
    expect(grown(view, { x: 1, y: 1, width: 5, height: 5 }, 20, 1000, 1000)?.strips).toEqual([])
    expect(
      grown({ x: 0, y: 0, width: 10, height: 10 }, { x: 20, y: 20, width: 10, height: 10 }, 5, 99, 99)
    ).toBeUndefined()
  })
  it('loses what is moved off the surface', () => {
    expect(movedWithin(view, 300, -200, 1000, 1000)).toEqual({ x: 300, y: 0, width: 700, height: 800 })
    expect(movedWithin(view, 2000, 0, 1000, 1000).width).toBe(0)
  })
})

describe('the camera', () => {
  it('keeps the point under the pointer, within its least and most zoom', () => {
    const camera = { x: 40, y: 20, zoom: 1 }
    for (const zoom of [0.001, 0.3, 2, 1000]) {
      const next = zoomedAt(camera, 200, 100, zoom)
      expect(toCanvas(next, 200, 100).x).toBeCloseTo(240, 6)
      expect(next.zoom).toBeGreaterThanOrEqual(0.05)
      expect(next.zoom).toBeLessThanOrEqual(4)
    }
    expect(toScreen(panned(camera, 10, 0), { x: 40, y: 20 })).toEqual({ x: 10, y: 0 })
  })
  it('moves no more than it takes to have a box in view', () => {
    const size = { width: 800, height: 600 }
    const camera = { x: 0, y: 0, zoom: 1 }
    expect(revealed(camera, size, { x: 100, y: 100, width: 206, height: 80 })).toEqual(camera)
    const next = areaOf(revealed(camera, size, { x: 900, y: 100, width: 206, height: 80 }), size)
    expect(next.x + next.width).toBe(1146)
  })
})

describe('rows of numbers', () => {
  it('grow, are found by id and taken again', () => {
    const rows = new NumberRows(4)
    for (let i = 0; i < 500; ++i) rows.set(rows.rowFor(`n${i}`), [i, 0, 0, 0])
    expect(rows.at(rows.rowOf('n499'), 0)).toBe(499)
    const free = rows.remove('n3')
    expect(rows.rowFor('new')).toBe(free)
    expect(rows.remove('not there')).toBe(-1)
    expect(rows.size).toBe(500)
  })
})

describe('the look of a node', () => {
  const catalogue = makeCatalogue()
  const withNode = (node: object): ReturnType<typeof nodeLook> => {
    const document = opened({ id: 'f', version: '1.0.0', nodes: [{ id: 'n', version: '1.0.0', ...node }], edges: [] })
    const value = document.node('n')
    if (value === undefined) throw new Error('no node')
    return nodeLook(document, catalogue, value)
  }

  it('has its name, or that of its type, and the setting that says most', () => {
    expect(withNode({ typeId: 'logic/filter', settings: { condition: 'row.a\n  > 1' } })).toMatchObject({
      name: 'Filter',
      typeName: '',
      key: 'row.a > 1'
    })
    expect(
      withNode({ typeId: 'aggregate/group', name: 'Sums', settings: { keys: ['a', { name: 'b' }] } })
    ).toMatchObject({
      name: 'Sums',
      typeName: 'Summarise',
      key: 'a, b'
    })
    expect(withNode({ typeId: 'logic/map', settings: { set: { a: 'row.b', c: 1 } } }).key).toBe('a = row.b, c = 1')
  })
  it('says that its type is not known, and keeps its ports', () => {
    expect(withNode({ typeId: 'acme/strange' })).toMatchObject({
      known: false,
      icon: 'unknown',
      key: 'acme/strange 1.0.0 is not known here'
    })
  })
  it('never shows a secret', () => {
    const [type] = makeCatalogue().types
    const document = opened({
      id: 'f',
      version: '1.0.0',
      nodes: [{ id: 'n', typeId: 'files/csv-read', version: '1.0.0', settings: { path: 'hidden' } }],
      edges: []
    })
    const node = document.node('n')
    if (node === undefined || type === undefined) throw new Error('no node')
    const secret = { ...type, settings: type.settings.map((spec) => ({ ...spec, type: 'secret' as const })) }
    expect(keySetting(node, secret)).toBe('')
  })
})

describe('the state of a node', () => {
  const document = opened(ordersFlow())
  const run = shownRun(document)
  writeOrders(run)
  const facts: NodeFacts = {
    figures: run.figures,
    run: run.facts.getState(),
    problem: undefined,
    changed: false,
    failures: 0,
    isHeld: false,
    isHeldBack: false,
    queue: 0
  }

  it('is rates while it runs, rows when it has run, nothing at rest', () => {
    expect(nodeState('paid', facts)).toMatchObject({ mark: 'running', line: '1.28 → 1.97\u2009M/s' })
    const figures = new FigureStore()
    figures.write([{ id: 'paid', rowsIn: 1_234, rowsOut: 1_000 }], [])
    const done = { ...facts, figures, run: { ...run.facts.getState(), status: 'done' as const } }
    expect(nodeState('paid', done)).toMatchObject({ mark: 'done', line: '1,234 → 1,000 rows' })
    expect(nodeState('paid', { ...facts, run: undefined })).toEqual({
      mark: 'none',
      words: '',
      line: '',
      slow: false,
      aside: 0
    })
  })
  it('says who holds up the others, what was set aside and what is not running yet', () => {
    const slow = { ...facts, run: { ...run.facts.getState(), heldUpBy: 'sum' }, queue: 0.81 }
    expect(nodeState('sum', slow)).toMatchObject({ mark: 'warning', line: 'slowest · queue 81 %', slow: true })
    expect(nodeState('read', facts).aside).toBe(12)
    expect(nodeState('paid', { ...facts, changed: true })).toMatchObject({ line: 'not running yet', mark: 'none' })
  })
  it('is the worst that is known', () => {
    expect(nodeState('paid', { ...facts, failures: 3, isHeld: true }).mark).toBe('error')
    expect(nodeState('paid', { ...facts, isHeld: true, problem: 'warning' }).mark).toBe('held')
    // What is wrong in the document has not failed.
    expect(nodeState('paid', { ...facts, run: undefined, problem: 'error' })).toMatchObject({
      mark: 'error',
      words: 'has a problem'
    })
    expect(nodeState('paid', { ...facts, failures: 3 }).words).toBe('failed')
  })
  it('has rows exact to a million', () => {
    expect([short(999_999), short(41_900_000), short(5.24e9)]).toEqual(['999,999', '41.9\u2009M', '5.2\u2009G'])
  })
})

describe('changed nodes', () => {
  it('are those that are another than in the run, until they are the same again', () => {
    const document = opened(ordersFlow())
    const changed = new ChangedNodes(document, document.text())
    document.subscribe((changes) => {
      changed.follow(changes)
    })
    const set = (value: string): void => {
      applyOperations(document, [{ op: 'set', kind: 'nodes', id: 'read', path: '/settings/path', value }])
    }
    set('other')
    expect([changed.has('read'), changed.has('paid')]).toEqual([true, false])
    set('orders/**/*.csv')
    expect(changed.has('read')).toBe(false)
    applyOperations(document, [{ op: 'place', kind: 'nodes', ids: ['paid'], x: [5], y: [5] }])
    expect(changed.has('paid')).toBe(false)
  })
  it('are those that the other text does not have; none if that is no flow', () => {
    const document = opened(largeFlow(10))
    expect(new ChangedNodes(document, JSON.stringify(largeFlow(9))).has('n9')).toBe(true)
    expect(new ChangedNodes(document, '{').has('n9')).toBe(false)
  })
})

describe('collapsed boxes', () => {
  it('hide what is in them, however deep, and a circle of parents ends', () => {
    const group = (id: string, parent: string, collapsed: boolean): object => ({ id, parent, collapsed })
    const node = (id: string, parent: string): object => ({ id, typeId: 'logic/map', version: '1.0.0', parent })
    const document = opened({
      id: 'f',
      version: '1.0.0',
      nodes: [node('a', 'inner'), node('b', 'outer'), node('c', 'x'), node('d', '')],
      edges: [
        { id: 'e', source: { node: 'a', port: 'rows' }, target: { node: 'd', port: 'rows' } },
        { id: 'i', source: { node: 'a', port: 'rows' }, target: { node: 'b', port: 'rows' } }
      ],
      groups: [group('outer', '', true), group('inner', 'outer', true), group('x', 'y', false), group('y', 'x', false)]
    })
    const boxes = new CollapsedBoxes(document, makeCatalogue())
    expect([...boxes.boxes.keys()]).toEqual(['outer'])
    expect(['a', 'b', 'c', 'd'].map((id) => boxes.around('nodes', id))).toEqual([
      'outer',
      'outer',
      undefined,
      undefined
    ])
    expect(boxes.boxes.get('outer')).toMatchObject({ nodes: 2, inputs: [], outputs: [{ node: 'a', port: 'rows' }] })
    expect(boxes.port('a', 'outputs', 'rows')).toBeDefined()
    expect(boxes.port('a', 'outputs', 'other')).toBeUndefined()
  })
})
