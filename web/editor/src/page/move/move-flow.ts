// Puts a flow into another home, as its checklist says: under a free name, or in the place of the one that is there.
import { applyOperations, FlowDocument, setFlow } from '@weir/flow-model'
import type { FlowHome } from '../home/flow-home.ts'
import { remount } from './checklist.ts'

export interface MoveWish {
  to: FlowHome
  folder: string
  /** The name there. */
  id: string
  /** It takes the place of the flow of that name, whose draft is kept as a version before. */
  replaces: boolean
  mounts: ReadonlyMap<string, string>
}

/** The document as it is there: as it was, but for its name and the mounts of its paths. */
export function movedText(document: FlowDocument, { id, mounts }: Pick<MoveWish, 'id' | 'mounts'>): string {
  const copy = new FlowDocument(document.toJson())
  applyOperations(copy, [...remount(copy, mounts), ...(id === copy.id ? [] : [setFlow('/id', id)])])
  return copy.text()
}

/** @throws what the other home refuses; then nothing of it has changed but that it may have one version more */
export async function moveFlow(document: FlowDocument, wish: MoveWish): Promise<void> {
  const { to, folder, id, replaces } = wish
  const text = movedText(document, wish)
  if (!replaces) {
    await to.create(text, folder)
    return
  }
  const there = await to.read(id)
  if (there.text === text) return
  await to.keepVersion(id, {
    label: '',
    message: 'As it was before a copy from elsewhere took its place',
    publish: false
  })
  const { revision } = await to.read(id)
  await to.write(id, text, revision)
}
