// Boxes that are gone into: the way to one, going in and out, and where a thing is to be seen.
import { textMember } from '@weir/flow-model'
import type { Camera, Chosen, FlowDocument } from '@weir/flow-model'
import { canvasOf } from '../canvas/canvas-of.ts'
import type { EditorSession } from '../session/editor-session.ts'

/** The boxes around a thing, the outermost first. Boxes that hold one another are met once. */
export function boxesAround(document: FlowDocument, { kind, id }: Chosen): string[] {
  const found: string[] = []
  const value = document.tables[kind].get(id)
  const node = kind === 'widgets' ? textMember(value, 'node') : ''
  let at = node === '' ? textMember(value, 'parent') : (document.node(node)?.parent ?? '')
  while (at !== '' && !found.includes(at) && document.tables.groups.has(at)) {
    found.unshift(at)
    at = document.group(at)?.parent ?? ''
  }
  return found
}

/** Ids of the nodes in a box and in the boxes in it, in the order of the document. */
export function nodesInBox(document: FlowDocument, box: string): string[] {
  return document.nodes().flatMap(({ id }) => (boxesAround(document, { kind: 'nodes', id }).includes(box) ? [id] : []))
}

function shared(a: readonly string[], b: readonly string[]): string[] {
  const end = a.findIndex((box, at) => b[at] !== box)
  return end < 0 ? [...a] : a.slice(0, end)
}

/**
 * Where one has to be to see a thing: as deep as the innermost collapsed box around it, else no deeper than now.
 * Undefined: it is seen from where one is.
 */
export function insideFor(document: FlowDocument, now: readonly string[], thing: Chosen): string[] | undefined {
  const edge = thing.kind === 'edges' ? document.edge(thing.id) : undefined
  const around =
    edge === undefined
      ? boxesAround(document, thing)
      : shared(
          boxesAround(document, { kind: 'nodes', id: edge.source.node }),
          boxesAround(document, { kind: 'nodes', id: edge.target.node })
        )
  let depth = shared(now, around).length
  around.forEach((box, at) => {
    if (at >= depth && document.group(box)?.collapsed === true) depth = at + 1
  })
  return depth === now.length ? undefined : around.slice(0, depth)
}

/** Where the camera stood in each box that was left for one in it, by depth. */
const kCameras = new WeakMap<EditorSession, (Camera | undefined)[]>()

function camerasOf(session: EditorSession): (Camera | undefined)[] {
  const known = kCameras.get(session) ?? []
  kCameras.set(session, known)
  return known
}

export function boxName(session: EditorSession, id: string): string {
  const name = session.document.group(id)?.name ?? ''
  return name === '' ? 'Box' : name
}

/** Shows what is in a box, and nothing else. */
export function goInto(session: EditorSession, box: string): void {
  const { document, view, selection } = session
  if (!document.tables.groups.has(box)) return
  selection.clear()
  view.setState({ inside: [...boxesAround(document, { kind: 'groups', id: box }), box] })
  session.tell(`In ${boxName(session, box)}. Esc goes up.`)
}

/** So many boxes up. False: one is at the top. */
export function goUp(session: EditorSession, steps = 1): boolean {
  const { inside } = session.view.getState()
  if (inside.length === 0) return false
  session.view.setState({ inside: inside.slice(0, Math.max(0, inside.length - steps)) })
  return true
}

/** Has the camera show what is gone into, and stand where it stood when it is left; leaves boxes that are gone. */
export function followInside(session: EditorSession): () => void {
  const { view, document, selection } = session
  const look = view.subscribe(({ inside, camera }, { inside: before, camera: from }) => {
    if (inside === before) return
    const cameras = camerasOf(session)
    if (inside.length > before.length) cameras[before.length] = from
    const known = inside.length < before.length ? cameras[inside.length] : undefined
    cameras.length = Math.min(cameras.length, inside.length)
    const left = before[inside.length]
    if (left !== undefined && selection.size === 0) selection.set([{ kind: 'groups', id: left }])
    if (camera !== from) return
    if (known === undefined) canvasOf(session)?.fit()
    else view.setState({ camera: known })
  })
  const stop = document.subscribe(({ kinds }) => {
    if (kinds.groups.removed.size + kinds.groups.changed.size === 0) return
    const { inside } = view.getState()
    const last = inside.at(-1)
    if (last === undefined) return
    const box = document.renamed.get(`groups/${last}`) ?? last
    const there = document.tables.groups.has(box)
    const way = there
      ? [...boxesAround(document, { kind: 'groups', id: box }), box]
      : inside.filter((each) => document.tables.groups.has(each))
    if (way.length !== inside.length || way.some((each, at) => inside[at] !== each)) view.setState({ inside: way })
  })
  return () => {
    look()
    stop()
  }
}
