// What of the canvas is an element of the page, in React Flow: nodes in view from zoom 0.6 on, 300 at most, with the
// chosen and the focused one; notes and widgets. Sizes come from schema and document: nothing is measured.
import { ReactFlow, ReactFlowProvider, useStore as useFlowStore, useStoreApi } from '@xyflow/react'
import type { Node } from '@xyflow/react'
import { kElementZoom } from '@weir/flow-model'
import '@xyflow/react/dist/base.css'
import { memo, useEffect, useState } from 'react'
import type { CanvasView } from '../canvas-view.ts'
import { BoxElement } from './box-element.tsx'
import { NodeElement, wordsOf } from './node-element.tsx'
import type { NodeElementData } from './node-element.tsx'
import { NoteElement } from './note-element.tsx'
import { useSurface } from './surface-context.ts'
import { WidgetElement } from './widget-element.tsx'

/** Notes and widgets, at most. */
const kMostThings = 100
/** From here on notes can be read. */
const kThingZoom = 0.35
/** Selected nodes that are elements although they are out of view or far out. */
const kMostChosen = 300

const nodeTypes = {
  box: memo(BoxElement),
  node: memo(NodeElement),
  note: memo(({ data: { node } }: { data: NodeElementData }) => <NoteElement id={node} />),
  widget: memo(({ data: { node } }: { data: NodeElementData }) => <WidgetElement id={node} />)
}

type Element = Node<NodeElementData>

const noEdges: never[] = []

export function ElementLayer() {
  const elements = useElements(useSurface().view)
  return (
    <div className="canvas-elements">
      <ReactFlowProvider>
        <ReactFlow<Element>
          nodes={elements}
          edges={noEdges}
          nodeTypes={nodeTypes}
          minZoom={0.01}
          maxZoom={10}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          panOnDrag={false}
          panOnScroll={false}
          zoomOnScroll={false}
          zoomOnPinch={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          panActivationKeyCode={null}
          zoomActivationKeyCode={null}
          proOptions={{ hideAttribution: true }}
        >
          <CameraFollower />
        </ReactFlow>
      </ReactFlowProvider>
    </div>
  )
}

/** Has React Flow show what the camera shows, past React: a pan renders no component but the one that is moved. */
function CameraFollower() {
  const { view } = useSurface()
  const store = useStoreApi()
  const ready = useFlowStore((state) => state.panZoom !== null)
  useEffect(() => {
    const follow = (): void => {
      const { x, y, zoom } = view.camera
      store.setState({ transform: [-x * zoom, -y * zoom, zoom] })
    }
    // Sizes are given: what an observer would measure is not taken.
    store.setState({ updateNodeInternals: () => undefined })
    follow()
    return view.session.view.subscribe((state, before) => {
      if (state.camera !== before.camera) follow()
    })
  }, [view, store, ready])
  return null
}

function useElements(view: CanvasView): Element[] {
  const [elements, setElements] = useState<Element[]>([])
  useEffect(() => {
    let frame = 0
    const sync = (): void => {
      frame = 0
      const next = elementsOf(view)
      keepFocus(view, next)
      setElements((before) => (same(before, next) ? before : next))
    }
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(sync)
    }
    soon()
    const ends = [
      view.onQuiet(soon),
      view.session.selection.subscribe(soon),
      view.session.view.subscribe((state, before) => {
        if (state.inside !== before.inside) soon()
      }),
      view.session.document.subscribe(({ kinds }) => {
        const { notes, widgets, nodes, groups } = kinds
        if (groups.changed.size > 0) soon()
        if (notes.moved.size + widgets.moved.size + notes.added.size + widgets.added.size + nodes.removed.size > 0)
          soon()
      })
    ]
    return () => {
      cancelAnimationFrame(frame)
      for (const end of ends) end()
    }
  }, [view])
  return elements
}

/** The focus stays on the canvas when the element that has it goes. */
function keepFocus(view: CanvasView, next: readonly Element[]): void {
  const node = view.root.ownerDocument.activeElement?.getAttribute('data-node') ?? null
  if (node !== null && !next.some((element) => element.id === `nodes/${node}`)) view.root.focus({ preventScroll: true })
}

function elementsOf(view: CanvasView): Element[] {
  const { session, scene } = view
  const { selection, index } = session
  const { zoom } = view.camera
  const viewport = { area: view.area(), zoom }
  const { focus } = selection
  const chosen = [...selection.ids('nodes')].slice(0, kMostChosen)
  if (focus?.kind === 'nodes') chosen.push(focus.id)
  const found: Element[] = []
  for (const id of index.elements(viewport, chosen)) {
    const box = scene.nodeBox(id)
    const words = wordsOf(view, id)
    if (box === undefined || words === undefined) continue
    const focused = focus?.kind === 'nodes' && focus.id === id
    const data = { node: id, selected: selection.has('nodes', id), focused, words }
    found.push(elementOf('node', `nodes/${id}`, box, data))
  }
  for (const { id, box } of scene.collapsed.boxes.values()) {
    const focused = focus?.kind === 'groups' && focus.id === id
    const { area } = viewport
    const near = box.x <= area.x + area.width && box.x + box.width >= area.x
    const isSeen = near && box.y <= area.y + area.height && box.y + box.height >= area.y
    if (!focused && (zoom < kElementZoom || !isSeen)) continue
    const data = { node: id, selected: selection.has('groups', id), focused, words: '' }
    found.push(elementOf('box', `groups/${id}`, box, data))
  }
  if (zoom < kThingZoom) return found
  for (const [kind, type] of [
    ['notes', 'note'],
    ['widgets', 'widget']
  ] as const) {
    for (const id of [...index.visible(kind, viewport)].slice(0, kMostThings)) {
      const box = index.box(kind, id)
      const data = { node: id, selected: selection.has(kind, id), focused: false, words: '' }
      if (box !== undefined && !scene.isHidden(kind, id)) found.push(elementOf(type, `${kind}/${id}`, box, data))
    }
  }
  return found
}

function elementOf(
  type: string,
  id: string,
  box: { x: number; y: number; width: number; height: number },
  data: NodeElementData
): Element {
  const { x, y, width, height } = box
  return { id, type, position: { x, y }, width, height, data, style: { width, height } }
}

function same(before: readonly Element[], next: readonly Element[]): boolean {
  if (before.length !== next.length) return false
  return before.every((a, index) => {
    const b = next[index]
    return (
      a.id === b?.id &&
      a.position.x === b.position.x &&
      a.position.y === b.position.y &&
      a.width === b.width &&
      a.height === b.height &&
      a.data.selected === b.data.selected &&
      a.data.focused === b.data.focused &&
      a.data.words === b.data.words
    )
  })
}
