// The minimap: there only while something is out of view; a press or a drag on it moves the view.
import { useEffect, useRef, useState } from 'react'
import type { PointerEvent } from 'react'
import type { Rect } from '@weir/flow-model'
import type { CanvasView } from '../canvas-view.ts'
import { CanvasTheme } from '../paint/theme.ts'
import { useSurface } from './surface-context.ts'

const kWidth = 176
const kHeight = 112
const kMargin = 6

/** How the whole flow is laid on the map. */
interface Fit {
  bounds: Rect
  scale: number
  x: number
  y: number
}

export function Minimap() {
  const { view } = useSurface()
  const [needed, setNeeded] = useState(false)
  useEffect(() => {
    const look = (): void => {
      setNeeded(isNeeded(view))
    }
    look()
    return view.onQuiet(look)
  }, [view])
  return needed ? <Map view={view} /> : null
}

function isNeeded(view: CanvasView): boolean {
  const bounds = view.scene.bounds()
  const area = view.area()
  if (bounds === undefined || area.width === 0) return false
  const slack = 20
  return (
    bounds.x + slack < area.x ||
    bounds.y + slack < area.y ||
    bounds.x + bounds.width > area.x + area.width + slack ||
    bounds.y + bounds.height > area.y + area.height + slack
  )
}

function fitOf(view: CanvasView): Fit | undefined {
  const bounds = view.scene.bounds()
  if (bounds === undefined) return undefined
  const scale = Math.min((kWidth - 2 * kMargin) / bounds.width, (kHeight - 2 * kMargin) / bounds.height)
  return { bounds, scale, x: (kWidth - bounds.width * scale) / 2, y: (kHeight - bounds.height * scale) / 2 }
}

function Map({ view }: { view: CanvasView }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const fit = useRef<Fit | undefined>(undefined)
  useEffect(() => {
    const move = (): void => {
      if (fit.current !== undefined && frame.current !== null) placeFrame(frame.current, fit.current, view.area())
    }
    const draw = (): void => {
      fit.current = fitOf(view)
      if (canvas.current !== null && fit.current !== undefined) drawMap(view, canvas.current, fit.current)
      move()
    }
    draw()
    const ends = [
      view.onQuiet(draw),
      view.session.view.subscribe((state, before) => {
        if (state.camera !== before.camera || state.size !== before.size) move()
      })
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [view])
  const go = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1 || fit.current === undefined) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const { bounds, scale, x, y } = fit.current
    const area = view.area()
    view.setCamera({
      x: bounds.x + (event.clientX - left - x) / scale - area.width / 2,
      y: bounds.y + (event.clientY - top - y) / scale - area.height / 2,
      zoom: view.camera.zoom
    })
  }
  return (
    <div
      data-canvas-own
      className="absolute bottom-3 right-3 overflow-hidden rounded-panel border border-edge bg-panel"
      style={{ width: kWidth, height: kHeight }}
      aria-hidden="true"
      onPointerDown={go}
      onPointerMove={go}
    >
      <canvas ref={canvas} className="block h-full w-full" />
      <div ref={frame} className="pointer-events-none absolute left-0 top-0 border border-water" />
    </div>
  )
}

function placeFrame(frame: HTMLElement, { bounds, scale, x, y }: Fit, area: Rect): void {
  const left = Math.max(0, x + (area.x - bounds.x) * scale)
  const top = Math.max(0, y + (area.y - bounds.y) * scale)
  const right = Math.min(kWidth - 2, x + (area.x + area.width - bounds.x) * scale)
  const bottom = Math.min(kHeight - 2, y + (area.y + area.height - bounds.y) * scale)
  frame.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`
  frame.style.width = `${Math.max(2, right - left).toFixed(1)}px`
  frame.style.height = `${Math.max(2, bottom - top).toFixed(1)}px`
}

function drawMap(view: CanvasView, canvas: HTMLCanvasElement, { bounds, scale, x, y }: Fit): void {
  const ratio = window.devicePixelRatio
  canvas.width = Math.round(kWidth * ratio)
  canvas.height = Math.round(kHeight * ratio)
  const context = canvas.getContext('2d')
  if (context === null) return
  const theme = CanvasTheme.of(canvas)
  context.scale(ratio, ratio)
  context.fillStyle = theme.color('edge')
  const { nodes } = view.scene
  for (let row = 0; row < nodes.used; ++row) {
    const left = nodes.at(row, 0)
    if (Number.isNaN(left)) continue
    const width = Math.max(1, nodes.at(row, 2) * scale)
    const height = Math.max(1, nodes.at(row, 3) * scale)
    context.fillRect(x + (left - bounds.x) * scale, y + (nodes.at(row, 1) - bounds.y) * scale, width, height)
  }
}
