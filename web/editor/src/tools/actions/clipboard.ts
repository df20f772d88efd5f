// Copy, cut and duplicate: a selection as text on the system's clipboard, so that it goes across flows, tabs and chats.
import { copySelection, cutSelection, pasteElements, readSelection } from '@weir/flow-model'
import type { Chosen, ElementKind, Pasted, Selected } from '@weir/flow-model'
import { FreshIds } from '@weir/flow-model'
import { countOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { toClipboard } from '@weir/ui/copy-text.ts'

const kKinds = ['nodes', 'edges', 'groups', 'notes', 'widgets'] as const
const kWords: Readonly<Record<ElementKind, string>> = {
  nodes: 'node',
  edges: 'edge',
  groups: 'box',
  notes: 'note',
  widgets: 'widget'
}

/** What is chosen, with all that is in chosen boxes. */
export function selectedOf({ selection, document }: EditorSession): Record<ElementKind, string[]> {
  const groups = new Set(selection.ids('groups'))
  // A box in a box may stand before the one that it is in.
  for (let size = -1; size !== groups.size;) {
    size = groups.size
    for (const { id } of document.tables.groups.list()) if (groups.has(document.group(id)?.parent ?? '')) groups.add(id)
  }
  const inside = (kind: 'nodes' | 'notes'): string[] => {
    const found = new Set(selection.ids(kind))
    for (const { id, value } of document.tables[kind].list()) {
      const parent = value.get('parent')
      if (typeof parent === 'string' && groups.has(parent)) found.add(id)
    }
    return [...found]
  }
  return {
    nodes: inside('nodes'),
    edges: [...selection.ids('edges')],
    groups: [...groups],
    notes: inside('notes'),
    widgets: [...selection.ids('widgets')]
  }
}

/** `2 nodes, 1 box`, of what is there. */
export function wordsOf(things: Selected): string {
  return kKinds
    .map((kind) => [kind, [...(things[kind] ?? [])].length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => countOf(count, kWords[kind]))
    .join(', ')
}

/** Whether anything is chosen that can be copied: an edge goes with its nodes only. */
export function canCopy({ selection }: EditorSession): boolean {
  return kKinds.some((kind) => kind !== 'edges' && selection.ids(kind).size > 0)
}

/** What is chosen as text. Undefined if there is nothing to copy. */
export function copiedText(session: EditorSession): string | undefined {
  return canCopy(session) ? copySelection(session.document, selectedOf(session)) : undefined
}

/** Takes away what was copied. */
export function cutChosen(session: EditorSession): void {
  const things = selectedOf(session)
  const words = wordsOf(things)
  const { gesture } = session.do(cutSelection(session.document, things), `Cut ${words}`)
  if (gesture !== undefined) session.tell(`Cut ${words}.`)
}

/** Puts what is chosen on the clipboard, for a menu or a name; by key the browser does it. */
export async function writeClipboard(session: EditorSession, cut: boolean): Promise<void> {
  const text = copiedText(session)
  if (text === undefined) return
  const words = wordsOf(selectedOf(session))
  try {
    await toClipboard(text)
  } catch {
    session.tell(`The browser does not let a menu write to the clipboard: press Ctrl+${cut ? 'X' : 'C'}.`, 'warning')
    return
  }
  if (cut) cutChosen(session)
  else session.tell(`Copied ${words} as text.`)
}

/** Chooses what was put into the document. */
export function choosePasted({ selection }: EditorSession, ids: Pasted['ids']): void {
  const things: Chosen[] = (['groups', 'notes', 'widgets', 'nodes'] as const).flatMap((kind) =>
    ids[kind].map((id) => ({ kind, id }))
  )
  selection.set(things)
}

/** The same again, a little beside, with the edges among them. */
export function duplicateChosen(session: EditorSession): void {
  const text = copiedText(session)
  const from = text === undefined ? undefined : readSelection(text)
  if (from === undefined) return
  const ids = new FreshIds(session.document, session.options.author)
  const pasted = pasteElements(session.document, from, undefined, ids)
  const { gesture } = session.do(pasted.operations, `Duplicate ${wordsOf(pasted.ids)}`)
  if (gesture === undefined) return
  choosePasted(session, pasted.ids)
  session.tell(`Duplicated ${wordsOf({ ...pasted.ids, edges: [] })}.`)
}
