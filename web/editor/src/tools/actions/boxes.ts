// Boxes around what is chosen.
import { FreshIds, groupThings, textMember, ungroup } from '@weir/flow-model'
import type { Rect } from '@weir/flow-model'
import { countOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'

const kRoom = 24
/** For the name of the box. */
const kHead = 32

/** The parts of the selection that go into a box. */
function contentOf({ selection }: EditorSession) {
  return {
    nodes: [...selection.ids('nodes')],
    notes: [...selection.ids('notes')],
    groups: [...selection.ids('groups')]
  }
}

export function canBox(session: EditorSession): boolean {
  const { nodes, notes, groups } = contentOf(session)
  return nodes.length + notes.length + groups.length > 0
}

/** Where a box goes around these boxes. */
export function boxAround(boxes: readonly Rect[]): Rect {
  const left = Math.min(...boxes.map((box) => box.x)) - kRoom
  const top = Math.min(...boxes.map((box) => box.y)) - kHead
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + kRoom
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + kRoom
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** A box around what is chosen, in the box that all of it is in. */
export function boxChosen(session: EditorSession): void {
  const { document, index } = session
  const content = contentOf(session)
  const things = (['nodes', 'notes', 'groups'] as const).flatMap((kind) => content[kind].map((id) => ({ kind, id })))
  const boxes = things.flatMap(({ kind, id }) => index.box(kind, id) ?? [])
  if (boxes.length === 0) return
  const parents = new Set(
    things.map(({ kind, id }) => {
      const parent = document.tables[kind].get(id)?.get('parent')
      return typeof parent === 'string' ? parent : ''
    })
  )
  const [only = ''] = parents.size === 1 ? parents : []
  const id = new FreshIds(document).id('groups', 'box')
  const number = document.tables.groups.size + 1
  const operations = groupThings({ id, name: `Box ${number}`, parent: only, box: boxAround(boxes) }, content)
  const { gesture } = session.do(operations, `Box around ${countOf(things.length, 'thing')}`)
  if (gesture === undefined) return
  session.selection.set([{ kind: 'groups', id }])
  session.tell(`Box ${number} is around ${countOf(things.length, 'thing')}. F2 renames it.`)
}

/** Chosen boxes go; what was in them stays and is chosen. */
export function unboxChosen(session: EditorSession): void {
  const { document, selection } = session
  const groups = [...selection.ids('groups')]
  const inside = (['nodes', 'notes', 'groups'] as const).flatMap((kind) =>
    document.tables[kind]
      .list()
      .filter(({ value }) => groups.includes(textMember(value, 'parent')))
      .map(({ id }) => ({ kind, id }))
  )
  const { gesture } = session.do(
    groups.flatMap((id) => ungroup(document, id)),
    `Take ${countOf(groups.length, 'box')} away`
  )
  if (gesture === undefined) return
  selection.set(inside.filter(({ kind, id }) => document.tables[kind].has(id)))
  session.tell(`${countOf(groups.length, 'box')} taken away; what was inside stays.`)
}
