// FlowCanvas: the canvas of the editor. It fills its parent and shows the session around it.
import { useEffect, useRef, useState } from 'react'
import { createStore } from 'zustand/vanilla'
import { Breadcrumbs } from '../boxes/breadcrumbs.tsx'
import { followInside } from '../boxes/inside.ts'
import { NodeOfThisDialog } from '../boxes/node-of-this.tsx'
import { useSession } from '../session/use-session.ts'
import { CanvasView } from './canvas-view.ts'
import { enterCanvas } from './canvas-of.ts'
import './canvas.css'
import { AddNode } from './elements/add-node.tsx'
import { EdgeCard } from './elements/edge-card.tsx'
import { ElementLayer } from './elements/element-layer.tsx'
import { HeatSwitch } from './elements/heat-switch.tsx'
import { Minimap } from './elements/minimap.tsx'
import { RefusalCard } from './elements/refusal-card.tsx'
import { SurfaceContext } from './elements/surface-context.ts'
import { WidgetBodyContext } from './elements/widget-element.tsx'
import type { WidgetBody } from './elements/widget-element.tsx'
import { DropInput } from './gestures/drop-input.ts'
import type { CanvasUi, Surface } from './gestures/gesture.ts'
import { KeyInput } from './gestures/key-input.ts'
import { Overlay } from './gestures/overlay.ts'
import { PointerInput } from './gestures/pointer-input.ts'
import { CanvasPainter } from './paint/painter.ts'

export interface FlowCanvasProps {
  /** What widgets on the canvas are filled with; without it they are empty frames. */
  widget?: WidgetBody
}

export function FlowCanvas({ widget }: FlowCanvasProps) {
  const session = useSession()
  const root = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const svg = useRef<SVGSVGElement>(null)
  const [surface, setSurface] = useState<Surface>()
  useEffect(() => {
    if (root.current === null || canvas.current === null || svg.current === null) return undefined
    const view = new CanvasView(session, root.current, new CanvasPainter(canvas.current))
    const made: Surface = {
      view,
      overlay: new Overlay(view, svg.current),
      ui: createStore<CanvasUi>(() => ({ refusal: undefined, editing: undefined, pointer: { x: 0, y: 0 } }))
    }
    const pointer = new PointerInput(made)
    const inputs = [pointer, new KeyInput(made, pointer), new DropInput(made)]
    view.editNote = (id) => {
      made.ui.setState({ editing: id })
    }
    const leave = enterCanvas(view)
    const stopInside = followInside(session)
    if (isUnmoved(view)) view.fit()
    const { activeElement, body } = view.root.ownerDocument
    // Who came here by key goes on by key; whoever has the focus elsewhere keeps it.
    if (activeElement === null || activeElement === body) view.root.focus({ preventScroll: true })
    setSurface(made)
    const overlay = svg.current
    return () => {
      leave()
      stopInside()
      setSurface(undefined)
      for (const input of inputs) input.dispose()
      view.dispose()
      overlay.replaceChildren()
    }
  }, [session])
  return (
    <div
      ref={root}
      className="flow-canvas"
      role="application"
      aria-roledescription="canvas"
      aria-label={`Canvas of ${session.document.id}`}
      tabIndex={0}
      data-canvas
    >
      <canvas ref={canvas} aria-hidden="true" />
      {surface !== undefined && (
        <SurfaceContext value={surface}>
          <WidgetBodyContext value={widget}>
            <ElementLayer />
          </WidgetBodyContext>
        </SurfaceContext>
      )}
      <svg ref={svg} className="canvas-overlay" aria-hidden="true" />
      {surface !== undefined && (
        <SurfaceContext value={surface}>
          <div className="pointer-events-none absolute left-4 right-4 top-4 flex flex-wrap items-start gap-3 [&>*]:pointer-events-auto">
            <AddNode />
            <Breadcrumbs />
            <HeatSwitch />
          </div>
          <EdgeCard />
          <Minimap />
          <RefusalCard />
          <NodeOfThisDialog />
        </SurfaceContext>
      )}
    </div>
  )
}

/** A camera that nobody has set shows all. */
function isUnmoved(view: CanvasView): boolean {
  const { x, y, zoom } = view.camera
  return x === 0 && y === 0 && zoom === 1
}
