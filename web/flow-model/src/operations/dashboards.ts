// What a person does to dashboards: pages of the document with widgets on a grid, as operations. Nothing here changes it.
import { dashboardsOf } from '../document/elements.ts'
import type { FlowDashboard, FlowPlaced } from '../document/elements.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { appendTo, removeFrom } from './canvas.ts'
import { setFlow, unsetFlow } from './edits.ts'
import { freeName, idFrom } from './names.ts'
import type { Operation } from './operation.ts'

const kParts = ['x', 'y', 'width', 'height'] as const

function keyOf(name: string): string {
  return `=${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The dashboard of this id; undefined if there is none. */
export function dashboardOf(document: FlowDocument, id: string): FlowDashboard | undefined {
  return dashboardsOf(document.root).find((dashboard) => dashboard.id === id)
}

/** An id for a new dashboard from its name. */
export function freeDashboardId(document: FlowDocument, name: string): string {
  const taken = new Set(dashboardsOf(document.root).map((dashboard) => dashboard.id))
  const plain = idFrom(name).toLowerCase().replaceAll(/\s+/g, '-')
  return freeName(plain === 'node' ? 'dashboard' : plain, (id) => taken.has(id))
}

/** A dashboard without widgets, last in the list. Its id is one that is not taken (`freeDashboardId`). */
export function addDashboard(document: FlowDocument, id: string, name = ''): Operation {
  const value = new Map<string, Json>([['id', id]])
  if (name !== '') value.set('name', name)
  return appendTo(document, 'dashboards', value)
}

/** Another name; an empty one takes it away, and the id stands for it. */
export function renameDashboard(document: FlowDocument, id: string, name: string): Operation[] {
  const dashboard = dashboardOf(document, id)
  if (dashboard === undefined || dashboard.name === name) return []
  const path = `/dashboards/${keyOf(id)}/name`
  return [name === '' ? unsetFlow(path) : setFlow(path, name)]
}

/** A dashboard goes, its widgets stay in the flow. */
export function removeDashboard(id: string): Operation {
  return removeFrom('dashboards', id)
}

function placedValue(placed: FlowPlaced): JsonObject {
  const value = new Map<string, Json>([['widget', placed.widget]])
  for (const part of kParts) {
    const number = placed[part]
    if (number !== undefined) value.set(part, number)
  }
  return value
}

/** A widget onto a dashboard, in cells of the grid. One that stands there already is moved. */
export function placeWidget(document: FlowDocument, dashboard: string, placed: FlowPlaced): Operation[] {
  const there = dashboardOf(document, dashboard)
  if (there === undefined) return []
  if (there.widgets.some((one) => one.widget === placed.widget)) return movePlaced(document, dashboard, [placed])
  return [placedLast(there, dashboard, placedValue(placed))]
}

function placedLast(there: FlowDashboard, dashboard: string, value: JsonObject): Operation {
  const path = `/dashboards/${keyOf(dashboard)}/widgets`
  return there.widgets.length > 0 ? setFlow(`${path}/-`, value) : setFlow(path, [value])
}

/** Widgets of a dashboard to these cells, each number by itself: two who move different ones do not meet. */
export function movePlaced(document: FlowDocument, dashboard: string, moved: readonly FlowPlaced[]): Operation[] {
  const before = new Map(dashboardOf(document, dashboard)?.widgets.map((one) => [one.widget, one]))
  return moved.flatMap((one) => {
    const was = before.get(one.widget)
    if (was === undefined) return []
    const path = `/dashboards/${keyOf(dashboard)}/widgets/${keyOf(one.widget)}`
    return kParts.flatMap((part) => {
      const number = one[part]
      return number === undefined || number === was[part] ? [] : [setFlow(`${path}/${part}`, number)]
    })
  })
}

/** A widget off a dashboard; it stays in the flow, and on others. */
export function takeOffDashboard(dashboard: string, widget: string): Operation {
  return unsetFlow(`/dashboards/${keyOf(dashboard)}/widgets/${keyOf(widget)}`)
}
