// A node as an element of the page: what has the focus and is read out. How it looks is drawn by the canvas.
import { useCallback } from 'react'
import { countOf } from '../actions.ts'
import type { CanvasView } from '../canvas-view.ts'
import type { NodeLook } from '../scene/node-look.ts'
import { useSurface } from './surface-context.ts'

export interface NodeElementData extends Record<string, unknown> {
  node: string
  selected: boolean
  focused: boolean
  /** How a node is read out; empty of everything else. */
  words: string
}

export function NodeElement({ data: { node, selected, focused, words } }: { data: NodeElementData }) {
  const { view } = useSurface()
  const follow = useCallback(
    (element: HTMLDivElement | null) => {
      const { activeElement } = view.root.ownerDocument
      // The focus goes along only while it is on the canvas.
      if (focused && element !== null && activeElement !== element && view.root.contains(activeElement)) {
        const inField = activeElement instanceof HTMLElement && activeElement.closest('[data-canvas-own]') !== null
        if (!inField) element.focus({ preventScroll: true })
      }
    },
    [focused, view]
  )
  return (
    <div
      ref={follow}
      className="canvas-node"
      role="button"
      tabIndex={focused ? 0 : -1}
      aria-pressed={selected}
      aria-label={words}
      data-node={node}
      onClick={(event) => {
        // Of a screen reader: pointers reach the canvas, not this.
        if (event.detail === 0) view.session.selection.set([{ kind: 'nodes', id: node }])
      }}
    />
  )
}

/** How a node is read out as it is now; undefined if it is not there. */
export function wordsOf({ scene, live }: CanvasView, node: string): string | undefined {
  const row = scene.nodes.rowOf(node)
  const look = row < 0 ? undefined : scene.look(row)
  return look === undefined ? undefined : inWords(look, live.state(node).words, live.isChanged(node))
}

function inWords(look: NodeLook, state: string, changed: boolean): string {
  const ports = `${countOf(look.inputs.length, 'input')}, ${countOf(look.outputs.filter((port) => !port.isError).length, 'output')}`
  const parts = [
    look.name,
    look.typeName,
    look.key,
    state,
    changed ? 'not running yet' : '',
    look.bypass ? 'bypassed' : '',
    look.known ? '' : 'its type is not known',
    ports
  ]
  return parts.filter((part) => part !== '').join(', ')
}
