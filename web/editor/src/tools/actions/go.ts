// Going about the flow: opening what has the focus, leaving it, choosing all.
import type { Chosen } from '@weir/flow-model'
import { flowOfType, goOut, openThing } from '../../boxes/index.ts'
import { canvasOf } from '../../canvas/index.ts'
import type { EditorSession } from '../../session/editor-session.ts'

/** The one thing that is meant: what has the focus, else the only one that is chosen. */
export function meantThing({ selection }: EditorSession): Chosen | undefined {
  const { focus } = selection
  if (focus !== undefined && selection.has(focus.kind, focus.id)) return focus
  const all = chosenThings(selection)
  return all.length === 1 ? all[0] : undefined
}

export function chosenThings(selection: EditorSession['selection']): Chosen[] {
  return (['nodes', 'edges', 'groups', 'notes', 'widgets'] as const).flatMap((kind) =>
    [...selection.ids(kind)].map((id) => ({ kind, id }))
  )
}

/** Chooses a thing and has it in view. */
export function goTo(session: EditorSession, thing: Chosen): void {
  session.selection.set([thing])
  canvasOf(session)?.reveal(thing)
}

/** Gives the focus to a field of the form of what is chosen: a path below it, such as `/settings/condition`. */
export function openField(session: EditorSession, path: string): void {
  const { side } = session.view.getState()
  session.view.setState({ side: { ...side, open: true }, wantedField: path })
}

/** A node or edge: its form gets the focus. A box is gone into, a flow that is used as a node opened. A note: its text is written. */
export function openChosen(session: EditorSession): void {
  const thing = meantThing(session)
  if (thing === undefined) return
  const { kind, id } = thing
  if (kind === 'nodes') {
    const node = session.document.node(id)
    if (flowOfType(node?.typeId ?? '') !== undefined) {
      openThing(session, thing)
      return
    }
    const [first] = (node === undefined ? undefined : session.catalogue.typeOf(node)?.settings) ?? []
    openField(session, first === undefined ? '/name' : `/settings/${first.name}`)
  } else if (kind === 'edges') openField(session, '/filter')
  else if (kind === 'groups') openThing(session, thing)
  else if (kind === 'notes') canvasOf(session)?.editNote?.(id)
}

/** Nothing is chosen any more; then one level up, out of what was gone into. */
export function goUp(session: EditorSession): void {
  if (session.selection.size > 0) session.selection.clear()
  else goOut(session)
}

export function chooseAll({ selection, document }: EditorSession): void {
  const things = (['groups', 'notes', 'widgets', 'nodes'] as const).flatMap((kind) =>
    [...document.tables[kind].ids()].map((id) => ({ kind, id }))
  )
  selection.set(things)
}
