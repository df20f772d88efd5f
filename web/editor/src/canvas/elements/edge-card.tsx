// The figures of the edge under the pointer, with a sparkline; written past React, at most once a frame.
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { bytes, count, rate } from '@weir/ui/figures/figures.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { useView } from '../../session/use-session.ts'
import { nameOf } from '../actions.ts'
import { paintSpark } from '../paint/paint-nodes.ts'
import { useSurface } from './surface-context.ts'

const kWidth = 236
const kSpark = new Float32Array(60)

export function EdgeCard() {
  const { ui, view } = useSurface()
  const id = useView((state) => state.hovered)
  const pointer = useStore(ui, (state) => state.pointer)
  const edge = id === undefined ? undefined : view.session.document.edge(id)
  if (id === undefined || edge === undefined) return null
  const { left, top, width, height } = view.root.getBoundingClientRect()
  const style = {
    width: kWidth,
    left: Math.max(8, Math.min(pointer.x - left + 14, width - kWidth - 8)),
    top: Math.max(8, Math.min(pointer.y - top + 14, height - 128))
  }
  return (
    <div
      className="pointer-events-none absolute rounded-panel border border-edge bg-panel px-3 py-2 text-data shadow-base"
      style={style}
    >
      <div className="truncate font-semibold">
        {nameOf(view.session, edge.source.node)} → {nameOf(view.session, edge.target.node)}
      </div>
      <Figures id={id} />
    </div>
  )
}

function Figures({ id }: { id: string }) {
  const { view } = useSurface()
  const lines = useRef<HTMLDivElement>(null)
  const spark = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let frame = 0
    const write = (): void => {
      frame = 0
      if (lines.current !== null) lines.current.textContent = linesOf(view.session, id)
      if (spark.current !== null) drawSpark(view.session, id, spark.current)
    }
    write()
    const figures = view.session.run.getState().shown?.figures
    const end = figures?.subscribe(({ edges }) => {
      if (edges.has(id) && frame === 0) frame = requestAnimationFrame(write)
    })
    return () => {
      cancelAnimationFrame(frame)
      end?.()
    }
  }, [view, id])
  return (
    <>
      <div ref={lines} className="whitespace-pre-line pt-1 font-mono text-mute" />
      <canvas ref={spark} className="mt-1 block h-6 w-full" aria-hidden="true" />
    </>
  )
}

function linesOf(session: EditorSession, id: string): string {
  const figures = session.run.getState().shown?.figures
  if (figures?.hasEdge(id) !== true) return 'No run has passed rows here yet.'
  const read = figures.edge.bind(figures, id)
  const dropped = read('dropped')
  return [
    `${rate(read('rate'))} · ${count(Math.round(read('taken')))} passed`,
    `${count(Math.round(read('waiting')))} waiting · ${Math.round(read('fill') * 100)} % full · ${bytes(read('bytes'))}`,
    dropped > 0 ? `${count(dropped)} dropped by rule` : ''
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function drawSpark(session: EditorSession, id: string, canvas: HTMLCanvasElement): void {
  const points = session.run.getState().shown?.figures.edgeSpark(id, kSpark) ?? 0
  const ratio = window.devicePixelRatio
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  canvas.hidden = points < 2
  if (points < 2) return
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(ratio, ratio)
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue('--water')
  paintSpark(context, kSpark, points, 1, 2, width - 2, height - 4)
}
