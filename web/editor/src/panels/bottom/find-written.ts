// Finds the files that a run has written: of each node that writes one, by the path that it had in that run.
import { isList, isObject, memberOf, parseJson, textMember } from '@weir/flow-model'
import type { ShownRun, WrittenFile } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'

export interface NodeFile {
  node: string
  /** The name of the node. */
  title: string
  file: WrittenFile
}

/** Clocks of disks are coarse. */
const kClockMs = 2000

/** None of a sample, and none that was there before the run. */
export async function findWritten(session: EditorSession, run: ShownRun): Promise<NodeFile[]> {
  const { startedAt, documentText } = run.facts.getState()
  const place = session.run.getState().places.find((one) => one.name === run.place)
  if (place?.written === undefined || run.kind === 'sample') return []
  const read = parseJson(documentText)
  const nodes = read.ok ? memberOf(read.value, 'nodes') : undefined
  const flow = read.ok ? textMember(read.value, 'id') : ''
  const found: NodeFile[] = []
  for (const node of isList(nodes) ? nodes : []) {
    if (!isObject(node)) continue
    const type =
      session.catalogue.find(textMember(node, 'typeId'), textMember(node, 'version')) ??
      session.catalogue.newest(textMember(node, 'typeId'))
    const path = textMember(memberOf(node, 'settings'), 'path')
    if (type?.touches !== 'writes' || type.category !== 'Files' || path === '') continue
    const file = await place.written(flow, path)
    if (file === undefined || file.modifiedAt < startedAt - kClockMs) continue
    const id = textMember(node, 'id')
    found.push({ node: id, title: textMember(node, 'name') || type.name, file })
  }
  return found
}
