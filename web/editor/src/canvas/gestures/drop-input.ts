// DropInput: nodes that are dragged onto the canvas from a palette: `application/x-weir-node`.
import { addNode, FreshIds, insertable, insertOnEdge } from '@weir/flow-model'
import type { NodeType } from '@weir/flow-model'
import type { EditorSession } from '../../session/editor-session.ts'
import { newNodeOf } from '../actions.ts'
import type { Surface } from './gesture.ts'

/** The type of the data of a drag that carries a node's type. */
export const kNodeDragType = 'application/x-weir-node'

/** The data of such a drag. */
export function nodeDragText(type: Pick<NodeType, 'id' | 'version'>): string {
  return JSON.stringify({ typeId: type.id, version: type.version })
}

/** The type that the data of a drag names: as `nodeDragText` writes it, or a bare id; undefined if nobody knows it. */
export function readNodeDrag(session: EditorSession, text: string): NodeType | undefined {
  let value: unknown = text
  try {
    value = JSON.parse(text)
  } catch {
    // A bare id is no JSON.
  }
  if (typeof value === 'string') return session.catalogue.newest(value)
  if (typeof value !== 'object' || value === null || !('typeId' in value) || typeof value.typeId !== 'string')
    return undefined
  const version = 'version' in value && typeof value.version === 'string' ? value.version : ''
  return session.catalogue.find(value.typeId, version) ?? session.catalogue.newest(value.typeId)
}

export class DropInput {
  private readonly stop = new AbortController()

  constructor(private readonly surface: Surface) {
    const { root } = surface.view
    const { signal } = this.stop
    root.addEventListener(
      'dragover',
      (event) => {
        this.over(event)
      },
      { signal }
    )
    root.addEventListener(
      'dragleave',
      () => {
        this.leave()
      },
      { signal }
    )
    root.addEventListener(
      'drop',
      (event) => {
        this.drop(event)
      },
      { signal }
    )
  }

  dispose(): void {
    this.stop.abort()
  }

  private over(event: DragEvent): void {
    if (event.dataTransfer?.types.includes(kNodeDragType) !== true) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    const { view } = this.surface
    // Which type it is is not known before it is dropped.
    const edge = view.scene.edgeNear(view.toCanvas(event.clientX, event.clientY), 20 / view.camera.zoom)
    if (edge !== view.emphasis.edge) view.emphasize({ edge })
  }

  private leave(): void {
    if (this.surface.view.emphasis.edge !== undefined) this.surface.view.endEmphasis()
  }

  private drop(event: DragEvent): void {
    const text = event.dataTransfer?.getData(kNodeDragType) ?? ''
    if (text === '') return
    event.preventDefault()
    this.leave()
    const { view } = this.surface
    const { session } = view
    const type = readNodeDrag(session, text)
    if (type === undefined) {
      session.tell('This node is not known here, so it was not added.', 'warning')
      return
    }
    const at = view.toCanvas(event.clientX, event.clientY)
    const ids = new FreshIds(session.document, session.options.author)
    const node = newNodeOf(session, type, at, ids)
    const edge = view.scene.edgeNear(at, 20 / view.camera.zoom)
    const ports = edge === undefined ? undefined : insertable(session.document, session.catalogue, edge, type)
    if (edge !== undefined && ports !== undefined) {
      session.do(insertOnEdge(session.document, edge, node, ports, ids), `Insert ${type.name}`)
      session.tell(`${type.name} was put on the edge.`)
    } else {
      session.do([addNode(node)], `Add ${type.name}`)
      session.tell(`${type.name} added.`)
    }
    session.selection.set([{ kind: 'nodes', id: node.id }])
    view.root.focus({ preventScroll: true })
  }
}
