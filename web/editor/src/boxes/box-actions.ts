// What a person does with boxes: collapsing, opening, and taking one away.
import { setValue, textMember, ungroup, unsetValue } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { boxesAround, boxName } from './inside.ts'

const kKinds = ['nodes', 'notes', 'groups'] as const

/** A box goes; what is in it stays and is chosen. */
export function removeBox(session: EditorSession, id: string): void {
  const { document, selection } = session
  const left = kKinds.flatMap((kind) =>
    document.tables[kind]
      .list()
      .filter(({ value }) => textMember(value, 'parent') === id)
      .map((entry) => ({ kind, id: entry.id }))
  )
  const { gesture } = session.do(ungroup(document, id), `Take the box ${boxName(session, id)} away`)
  if (gesture === undefined) return
  selection.set(left)
  session.tell('What was in the box stays.')
}

/** Collapses a box, or opens it. */
export function setCollapsed(session: EditorSession, id: string, collapsed: boolean): void {
  const group = session.document.group(id)
  if (group === undefined || group.collapsed === collapsed) return
  const name = boxName(session, id)
  session.do(
    [collapsed ? setValue('groups', id, '/collapsed', true) : unsetValue('groups', id, '/collapsed')],
    `${collapsed ? 'Collapse' : 'Open'} ${name}`
  )
  session.tell(`${name} is ${collapsed ? 'collapsed' : 'open'}.`)
}

/** Collapses a box that is open, opens one that is collapsed. */
export function toggleCollapsed({ view: { session } }: { view: { session: EditorSession } }, id: string): void {
  setCollapsed(session, id, session.document.group(id)?.collapsed !== true)
}

/** The boxes that are chosen; without any the innermost one around the focus, but for the one that is gone into. */
function meantBoxes({ document, selection, view }: EditorSession): string[] {
  const chosen = [...selection.ids('groups')]
  const { focus } = selection
  if (chosen.length > 0 || focus === undefined) return chosen
  const box = boxesAround(document, focus).at(-1)
  return box === undefined || box === view.getState().inside.at(-1) ? [] : [box]
}

/** All of them are collapsed, unless they are; then they are opened. */
export function toggleChosenBoxes(session: EditorSession): void {
  const ids = meantBoxes(session)
  if (ids.length === 0) {
    session.tell('Choose a box first, or something in one.')
    return
  }
  const collapse = !ids.every((id) => session.document.group(id)?.collapsed === true)
  for (const id of ids) setCollapsed(session, id, collapse)
  session.selection.set(ids.map((id) => ({ kind: 'groups', id })))
}
