// The canvas of the editor in the bench: a document is read, a session made, and the canvas put on the page.
import { fit, moveTo } from '@weir/flow-model'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import { canvasOf, FlowCanvas } from '../../../editor/src/canvas/index.ts'
import { EditorSession, SessionContext } from '../../../editor/src/index.ts'
import type { ShownRun } from '../../../editor/src/index.ts'
import { largeFlow, makeCatalogue, opened, shownRun, writeLive } from '../../../editor/test/canvas/page/fixtures.ts'
import { place, shown } from './contestant.ts'
import type { Contestant } from './contestant.ts'

let root: Root | undefined
let session: EditorSession | undefined
let run: ShownRun | undefined
const texts = new Map<number, string>()
const catalogue = makeCatalogue()

/** @throws if nothing is open */
function now(): EditorSession {
  if (session === undefined) throw new Error('no flow is open')
  return session
}

export const ours: Contestant = {
  async open(nodes) {
    const text = texts.get(nodes) ?? JSON.stringify(largeFlow(nodes))
    texts.set(nodes, text)
    const from = performance.now()
    session = new EditorSession(opened(text), catalogue, { author: 'anna' })
    root = createRoot(place())
    root.render(createElement(SessionContext, { value: session }, createElement(FlowCanvas)))
    while ((canvasOf(session)?.frames ?? 0) === 0) await shown()
    return performance.now() - from
  },
  close() {
    root?.unmount()
    session?.dispose()
    root = undefined
    session = undefined
    run = undefined
  },
  look(x, y, zoom) {
    canvasOf(now())?.setCamera({ x, y, zoom })
  },
  fit() {
    const { index, view } = now()
    const camera = fit(index.bounds() ?? { x: 0, y: 0, width: 1, height: 1 }, view.getState().size)
    canvasOf(now())?.setCamera(camera)
    return camera
  },
  drag(frame) {
    const operations = [moveTo('nodes', ['n4'], [1104 + (frame % 100) * 4], [(frame % 60) * 4])]
    now().do(operations, { label: 'Move', coalesce: 'drag', windowMs: Infinity })
  },
  endDrag() {
    now().history.seal()
  },
  figures(edges, turn) {
    if (run === undefined) {
      run = shownRun(now().document)
      now().run.setState({ shown: run })
    }
    writeLive(run, now().document, edges, turn)
  }
}
