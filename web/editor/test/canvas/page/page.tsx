// The page on which the canvas is looked at, tried and measured: `scene` opens flows in it.
import { createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import '@weir/ui/look/base.css'
import { FlowCanvas } from '../../../src/canvas/index.ts'
import { canvasOf } from '../../../src/canvas/canvas-of.ts'
import { EditorSession } from '../../../src/session/editor-session.ts'
import { SessionContext } from '../../../src/session/use-session.ts'
import { beginTools } from '../../../src/tools/begin.ts'
import type { ShownRun } from '../../../src/run/shown-run.ts'
import { largeFlow, makeCatalogue, opened, ordersFlow, shownRun, writeLive, writeOrders } from './fixtures.ts'

let root: Root | undefined
let session: EditorSession | undefined
let run: ShownRun | undefined
let endTools: (() => void) | undefined
let timer: ReturnType<typeof setInterval> | undefined

function place(): HTMLElement {
  const found = document.getElementById('root')
  if (found === null) throw new Error('the page has no place for a canvas')
  return found
}

/** Opens a flow: `orders`, a number of nodes, or a document. */
function open(what: 'orders' | number | object, strict = false, readOnly = ''): void {
  close()
  const value = what === 'orders' ? ordersFlow() : typeof what === 'number' ? largeFlow(what) : what
  session = new EditorSession(opened(value), makeCatalogue(), { author: 'anna', readOnly })
  endTools = beginTools(session)
  root = createRoot(place())
  const canvas = createElement(SessionContext, { value: session }, createElement(FlowCanvas))
  root.render(strict ? createElement(StrictMode, null, canvas) : canvas)
}

function close(): void {
  clearInterval(timer)
  endTools?.()
  root?.unmount()
  session?.dispose()
  root = undefined
  session = undefined
  run = undefined
}

/** @throws if nothing is open */
function now(): EditorSession {
  if (session === undefined) throw new Error('no flow is open')
  return session
}

/** Shows a run; of the orders with the figures of the design. */
function show(): ShownRun {
  const shown = shownRun(now().document)
  run = shown
  now().run.setState({ shown })
  if (now().document.id === 'orders-by-region') {
    shown.facts.setState({ heldUpBy: 'sum' })
    writeOrders(shown)
  }
  return shown
}

/** So many edges get other figures ten times a second. */
function live(edges: number): void {
  const shown = run ?? show()
  let turn = 0
  const { document: flow } = now()
  writeLive(shown, flow, edges, ++turn)
  timer = setInterval(() => {
    writeLive(shown, flow, edges, ++turn)
  }, 100)
}

function still(): void {
  clearInterval(timer)
}

function view(): NonNullable<ReturnType<typeof canvasOf>> {
  const found = canvasOf(now())
  if (found === undefined) throw new Error('there is no canvas yet')
  return found
}

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve))
}

/** Moves the camera each frame for so long; the milliseconds between frames, and those of the page's work in each. */
async function drive(ms: number, step: (frame: number) => void): Promise<{ gaps: number[]; work: number[] }> {
  const gaps: number[] = []
  const work: number[] = []
  let last = await nextFrame()
  const end = last + ms
  for (let frame = 0; last < end; ++frame) {
    const from = performance.now()
    step(frame)
    work.push(performance.now() - from)
    const at = await nextFrame()
    gaps.push(at - last)
    last = at
  }
  return { gaps, work }
}

export const scene = { open, close, show, live, still, session: now, view, nextFrame, drive }
export type Scene = typeof scene
Object.assign(globalThis, { scene })
