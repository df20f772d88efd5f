// A widget while it is being filled in, and what it comes to in the document.
import {
  addWidget,
  freeCells,
  FreshIds,
  fromPlain,
  isObject,
  placedCells,
  placeWidget,
  setValue,
  toPlain,
  unsetValue
} from '@weir/flow-model'
import { dashboardOf } from '@weir/flow-model'
import type { FlowWidget, Json, JsonObject, Operation } from '@weir/flow-model'
import { widgetSettings } from '@weir/widgets/core'
import type { EditorSession } from '../session/editor-session.ts'

export interface WidgetDraft {
  node: string
  port: string
  type: string
  title: string
  /** As they are written; empty: not said. */
  settings: Readonly<Record<string, string>>
}

export function emptyDraft(node = '', port = ''): WidgetDraft {
  return { node, port, type: 'line', title: '', settings: {} }
}

/** What a widget of the document says. */
export function draftOf(widget: FlowWidget): WidgetDraft {
  const { node, port, type, title } = widget
  const settings = Object.entries(toPlain(widget.settings) as Record<string, unknown>).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value)
  ])
  return { node, port, type, title, settings: Object.fromEntries(settings) as Record<string, string> }
}

/** Why it cannot be kept; empty if it can. */
export function draftProblem(draft: WidgetDraft): string {
  if (draft.node === '') return 'Choose the node whose rows it shows.'
  for (const [name, kind] of Object.entries(widgetSettings(draft.type) ?? {})) {
    const text = draft.settings[name] ?? ''
    if (kind === 'number' && text.trim() !== '' && !Number.isFinite(Number(text))) return `‘${name}’ is no number.`
  }
  return ''
}

/** Settings as the widget takes them. What none of its settings is stays as `before` has it. */
export function settingsOf(draft: WidgetDraft, before: JsonObject = new Map()): JsonObject {
  const kinds = widgetSettings(draft.type)
  if (kinds === undefined) return before
  const made: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const text = (draft.settings[name] ?? '').trim()
    if (text === '') continue
    if (kind === 'number') made[name] = Number(text)
    else if (kind === 'texts')
      made[name] = text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
    else made[name] = text
  }
  const value: Json = fromPlain(made)
  return isObject(value) ? value : new Map()
}

/** A new widget, on the canvas below its node. `id` is a fresh one. */
export function addOperations(session: EditorSession, draft: WidgetDraft): { id: string; operations: Operation[] } {
  const { document, geometry } = session
  const id = new FreshIds(document).id('widgets', draft.type)
  const node = geometry.node(draft.node)
  const { title, type, port } = draft
  const box = node === undefined ? undefined : { x: node.x, y: node.y + node.height + 40, width: 320, height: 200 }
  return { id, operations: [addWidget({ id, title, type, node: draft.node, port, settings: settingsOf(draft) }, box)] }
}

/** What makes a widget of the document say what the draft says. */
export function changeOperations(widget: FlowWidget, draft: WidgetDraft): Operation[] {
  const operations: Operation[] = []
  for (const part of ['node', 'port', 'type', 'title'] as const) {
    if (draft[part] === widget[part]) continue
    const path = `/${part}`
    operations.push(
      draft[part] === '' ? unsetValue('widgets', widget.id, path) : setValue('widgets', widget.id, path, draft[part])
    )
  }
  const settings = settingsOf(draft, widget.settings)
  const isSame = JSON.stringify(toPlain(settings)) === JSON.stringify(toPlain(widget.settings))
  if (!isSame && settings.size === 0) operations.push(unsetValue('widgets', widget.id, '/settings'))
  else if (!isSame) operations.push(setValue('widgets', widget.id, '/settings', settings))
  return operations
}

/** A widget onto the first cells of a dashboard that are free. `dashboard` may be new: then it stands there alone. */
export function placeOperations(session: EditorSession, dashboard: string, widget: string): Operation[] {
  const { document } = session
  const there = placedCells(dashboardOf(document, dashboard)?.widgets ?? [])
  if (there.some((one) => one.widget === widget)) return []
  return placeWidget(document, dashboard, { widget, ...freeCells(there) })
}
