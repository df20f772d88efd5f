// What a person does to boxes, notes, widgets, dashboards, parameters and ports of the flow, as operations.
import type { FlowDocument } from '../document/flow-document.ts'
import { fromPlain, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { setFlow, setValue, unsetFlow, unsetValue } from './edits.ts'
import type { AddOperation, Operation } from './operation.ts'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

function element(kind: 'groups' | 'notes' | 'widgets', members: Record<string, unknown>, box?: Box): AddOperation {
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== '')
  const value = fromPlain(Object.fromEntries(given)) as JsonObject
  const made: AddOperation = { op: 'add', kind, value }
  return box === undefined ? made : { ...made, box: new Map<string, Json>(Object.entries(box)) }
}

/** A box around these nodes (and notes), which are put into it. */
export function groupThings(
  group: { id: string; name?: string; color?: string; parent?: string; box: Box },
  inside: { nodes: readonly string[]; notes?: readonly string[]; groups?: readonly string[] }
): Operation[] {
  const { box, ...members } = group
  const operations: Operation[] = [element('groups', members, box)]
  for (const kind of ['nodes', 'notes', 'groups'] as const) {
    for (const id of inside[kind] ?? []) operations.push(setValue(kind, id, '/parent', group.id))
  }
  return operations
}

/** A box goes, what was in it stays, in the box around it if there is one. */
export function ungroup(document: FlowDocument, id: string): Operation[] {
  const parent = document.group(id)?.parent ?? ''
  const operations: Operation[] = []
  for (const kind of ['nodes', 'notes', 'groups'] as const) {
    for (const { id: inside, value } of document.tables[kind].list()) {
      if (textMember(value, 'parent') !== id) continue
      operations.push(parent === '' ? unsetValue(kind, inside, '/parent') : setValue(kind, inside, '/parent', parent))
    }
  }
  return [...operations, { op: 'remove', kind: 'groups', id }]
}

/** A note is never without a text: an empty one is kept as such. */
export function addNote(note: { id: string; text: string; color?: string; parent?: string }, box?: Box): Operation {
  const made = element('notes', { ...note, text: undefined }, box)
  return { ...made, value: new Map([...made.value, ['text', note.text]]) }
}

export function addWidget(
  widget: { id: string; type: string; title?: string; node?: string; port?: string; settings?: JsonObject },
  box?: Box
): Operation {
  return element('widgets', widget, box)
}

/** A widget, also from the dashboards that show it. */
export function removeWidget(document: FlowDocument, id: string): Operation[] {
  const operations: Operation[] = []
  const dashboards = document.root.get('dashboards')
  if (Array.isArray(dashboards)) {
    dashboards.forEach((dashboard: Json, index) => {
      const placed = dashboard instanceof Map ? (dashboard.get('widgets') as Json) : null
      if (!Array.isArray(placed)) return
      for (let place = placed.length - 1; place >= 0; --place) {
        if (textMember(placed[place] as Json, 'widget') === id)
          operations.push(unsetFlow(`/dashboards/${index}/widgets/${place}`))
      }
    })
  }
  return [...operations, { op: 'remove', kind: 'widgets', id }]
}

/** One more element of a list of the document (parameters, dashboards, alerts, ports/inputs), which is made if needed. */
export function appendTo(document: FlowDocument, list: string, value: JsonObject): Operation {
  const keys = list.split('/')
  let at: Json | undefined = document.root
  for (const key of keys) at = at instanceof Map ? (at.get(key) as Json | undefined) : undefined
  return Array.isArray(at) ? setFlow(`/${list}/-`, value) : setFlow(`/${list}`, [value])
}

/** The element of this name out of a list of the document. */
export function removeFrom(list: string, name: string): Operation {
  return unsetFlow(`/${list}/=${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}
