// A collapsed box as an element of the page: what has the focus and is read out. How it looks is drawn by the canvas.
import { useCallback } from 'react'
import { boxName } from '../../boxes/inside.ts'
import { countOf } from '../actions.ts'
import type { NodeElementData } from './node-element.tsx'
import { useSurface } from './surface-context.ts'

export function BoxElement({ data: { node: id, selected, focused } }: { data: NodeElementData }) {
  const { view } = useSurface()
  const follow = useCallback(
    (element: HTMLDivElement | null) => {
      const { activeElement } = view.root.ownerDocument
      // The focus goes along only while it is on the canvas.
      if (!focused || element === null || activeElement === element || !view.root.contains(activeElement)) return
      const inField = activeElement instanceof HTMLElement && activeElement.closest('[data-canvas-own]') !== null
      if (!inField) element.focus({ preventScroll: true })
    },
    [focused, view]
  )
  const box = view.scene.collapsed.boxes.get(id)
  if (box === undefined) return null
  const ports = `${countOf(box.inputs.length, 'input')}, ${countOf(box.outputs.length, 'output')}`
  return (
    <div
      ref={follow}
      className="canvas-node"
      role="button"
      tabIndex={focused ? 0 : -1}
      aria-pressed={selected}
      aria-label={`Box ${boxName(view.session, id)}, collapsed, ${countOf(box.nodes, 'node')}, ${ports}`}
      data-box={id}
      onClick={(event) => {
        // Of a screen reader: pointers reach the canvas, not this.
        if (event.detail === 0) view.session.selection.set([{ kind: 'groups', id }])
      }}
    />
  )
}
