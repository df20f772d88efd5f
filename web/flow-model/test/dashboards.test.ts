// Dashboards: what is done to them and undone, the grid they have, and two who work on one.
import { describe, expect, test } from 'vitest'
import {
  addDashboard,
  addWidget,
  applyOperations,
  dashboardOf,
  dashboardsOf,
  freeCells,
  freeDashboardId,
  fromPlain,
  mergeFlows,
  movePlaced,
  newFlow,
  placedCells,
  placeWidget,
  pushedAside,
  removeDashboard,
  removeWidget,
  renameDashboard,
  takeOffDashboard,
  toPlain
} from '../src/index.ts'
import type { FlowDocument, JsonObject, Operation, PlacedCells } from '../src/index.ts'

function flow(): FlowDocument {
  const document = newFlow('prices')
  const operations = ['a', 'b', 'c'].map((id) => addWidget({ id, type: 'line' }))
  applyOperations(document, [...operations, addDashboard(document, 'main', 'Main')])
  return document
}

function apply(document: FlowDocument, operations: readonly Operation[]): Operation[] {
  const { inverse, refusals } = applyOperations(document, operations)
  expect(refusals).toEqual([])
  return inverse
}

describe('a dashboard', () => {
  test('comes with an id from its name, is named anew and goes; each is undone', () => {
    const document = flow()
    const before = document.text()
    const id = freeDashboardId(document, 'Main')
    expect(id).toBe('main-2')
    expect(freeDashboardId(document, ' ')).toBe('dashboard')
    expect(freeDashboardId(document, 'North / South')).not.toContain('/')
    const undo = apply(document, [addDashboard(document, id, 'Other')])
    const undoName = apply(document, renameDashboard(document, id, 'Prices'))
    expect(dashboardOf(document, id)?.name).toBe('Prices')
    const undoNone = apply(document, renameDashboard(document, id, ''))
    expect(dashboardOf(document, id)?.name).toBe('')
    for (const inverse of [undoNone, undoName, undo]) apply(document, inverse)
    expect(document.text()).toBe(before)
    apply(document, apply(document, [removeDashboard('main')]))
    expect(document.text()).toBe(before)
  })

  test('takes widgets, moves them by the number, and lets them go; the flow keeps them', () => {
    const document = flow()
    apply(document, placeWidget(document, 'main', { widget: 'a', x: 0, y: 0, width: 4, height: 3 }))
    apply(document, placeWidget(document, 'main', { widget: 'b', x: 4, y: 0 }))
    const moves = movePlaced(document, 'main', [{ widget: 'a', x: 2, y: 0, width: 4, height: 3 }])
    expect(moves).toHaveLength(1)
    apply(document, apply(document, moves))
    expect(dashboardOf(document, 'main')?.widgets[0]).toEqual({ widget: 'a', x: 0, y: 0, width: 4, height: 3 })
    apply(document, placeWidget(document, 'main', { widget: 'b', x: 1, y: 7 }))
    expect(dashboardOf(document, 'main')?.widgets).toHaveLength(2)
    apply(document, [takeOffDashboard('main', 'a')])
    expect(dashboardOf(document, 'main')?.widgets.map((one) => one.widget)).toEqual(['b'])
    expect(document.widget('a')).toBeDefined()
    apply(document, removeWidget(document, 'b'))
    expect(dashboardOf(document, 'main')?.widgets).toEqual([])
  })

  test('that is not there is left alone', () => {
    const document = flow()
    expect(renameDashboard(document, 'none', 'x')).toEqual([])
    expect(placeWidget(document, 'none', { widget: 'a' })).toEqual([])
    expect(movePlaced(document, 'main', [{ widget: 'a', x: 1 }])).toEqual([])
    expect(applyOperations(document, [removeDashboard('none')]).refusals[0]?.reason).toBe('gone')
  })

  test('of two who moved different widgets and added one each has it all', () => {
    const base = flow()
    apply(base, placeWidget(base, 'main', { widget: 'a', x: 0, y: 0 }))
    apply(base, placeWidget(base, 'main', { widget: 'b', x: 6, y: 0 }))
    const side = (work: (document: FlowDocument) => Operation[]): JsonObject => {
      const document = flow()
      apply(document, placeWidget(document, 'main', { widget: 'a', x: 0, y: 0 }))
      apply(document, placeWidget(document, 'main', { widget: 'b', x: 6, y: 0 }))
      apply(document, work(document))
      return fromPlain(JSON.parse(document.text())) as JsonObject
    }
    const ours = side((document) => movePlaced(document, 'main', [{ widget: 'a', y: 5 }]))
    const theirs = side((document) => [
      ...movePlaced(document, 'main', [{ widget: 'b', y: 9 }]),
      ...placeWidget(document, 'main', { widget: 'c', x: 0, y: 20 })
    ])
    const merge = mergeFlows(fromPlain(JSON.parse(base.text())), ours, theirs)
    expect(merge.conflicts).toEqual([])
    const merged = toPlain(merge.root) as { dashboards: { widgets: unknown[] }[] }
    expect(merged.dashboards[0]?.widgets).toEqual([
      { widget: 'a', x: 0, y: 5 },
      { widget: 'b', x: 6, y: 9 },
      { widget: 'c', x: 0, y: 20 }
    ])
  })
})

describe('the grid', () => {
  test('has a place for what has none, and bounds for what is nowhere', () => {
    const placed = placedCells([
      { widget: 'a', x: 0, y: 0, width: 6, height: 4 },
      { widget: 'b' },
      { widget: 'b', x: 3, y: 3 },
      { widget: 'c', x: -5, y: 1e9, width: 99, height: NaN },
      { widget: 'd', x: 11.6, y: 0.4, width: 0, height: -3 }
    ])
    expect(placed).toEqual([
      { widget: 'a', x: 0, y: 0, width: 6, height: 4 },
      { widget: 'b', x: 6, y: 2, width: 6, height: 5 },
      { widget: 'c', x: 0, y: 1000, width: 12, height: 5 },
      { widget: 'd', x: 10, y: 0, width: 2, height: 2 }
    ])
    expect(freeCells([])).toEqual({ x: 0, y: 0, width: 6, height: 5 })
  })

  test('pushes down what stands in the way, and what stands in its way', () => {
    const at = (widget: string, x: number, y: number): PlacedCells => ({ widget, x, y, width: 6, height: 4 })
    const after = pushedAside([at('a', 0, 0), at('b', 0, 4), at('c', 6, 0), at('d', 0, 8)], at('c', 0, 0))
    expect(after).toEqual([at('a', 0, 4), at('b', 0, 8), at('c', 0, 0), at('d', 0, 12)])
    expect(pushedAside([at('a', 0, 0)], { ...at('a', 40, -3), width: 5 })[0]).toEqual({ ...at('a', 7, 0), width: 5 })
  })

  test('knows dashboards of a document that says little', () => {
    expect(dashboardsOf(new Map())).toEqual([])
    expect(dashboardsOf(fromPlain({ dashboards: [7, { id: 'x' }] }) as JsonObject)).toEqual([
      { id: 'x', name: '', widgets: [] }
    ])
  })
})
