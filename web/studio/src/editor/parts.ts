// The parts of the editor that the studio has: what is filled in here is on the page, what is not is absent. Each comes when it is first
// drawn, so that the page stands at once.
import type { EditorParts, RunPlace } from '@weir/editor'
import { createElement, lazy, Suspense } from 'react'
import type { ComponentType } from 'react'
import '@weir/widgets/widgets.css'
import { server } from '../api/server.ts'
import { engineFiles } from './engine-files.ts'

/** What a function gives, asked for once. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}

/** A part that is loaded when it is first drawn; until then its place is empty. */
function later(load: () => Promise<ComponentType>): ComponentType {
  const Part = lazy(async () => ({ default: await load() }))
  return () => createElement(Suspense, { fallback: null }, createElement(Part))
}

const PANELS: EditorParts = {
  Canvas: later(async () => {
    const [{ FlowCanvas }, { WidgetFrame }] = await Promise.all([
      import('@weir/editor/canvas'),
      import('@weir/editor/panels')
    ])
    return () => createElement(FlowCanvas, { widget: WidgetFrame })
  }),
  Palette: later(async () => (await import('@weir/editor/tools')).Palette),
  SidePanel: later(async () => (await import('@weir/editor/panels')).SidePanel),
  BottomPanel: later(async () => (await import('@weir/editor/panels')).BottomPanel)
}

/** This browser, if the studio was built with the engine. */
const here = once(async (): Promise<RunPlace[]> => {
  const files = await engineFiles()
  if (files === undefined) return []
  const { module, zones } = files
  const [{ BrowserPlace }, { BrowserEngine }, { default: EngineWorker }] = await Promise.all([
    import('@weir/editor/run'),
    import('@weir/engine-client/browser'),
    import('@weir/engine-client/browser/worker?worker')
  ])
  const place = new BrowserPlace({
    makeEngine: (log) => BrowserEngine.make({ module, zones, makeWorker: () => new EngineWorker(), log })
  })
  return [place]
})

/** Of a flow that is kept in this browser. Made once for the whole page. */
export const LOCAL_PARTS: EditorParts = { ...PANELS, places: here }

/** Of a flow on the server. Made once for the whole page. */
export const PARTS: EditorParts = {
  ...PANELS,
  places: once(async () => {
    const { ServerPlace } = await import('@weir/editor/run')
    const url = new URL(server.url('/api/v1'), document.baseURI)
    const place = new ServerPlace({ url, name: 'Server', authorize: () => ({ 'x-weir-csrf': server.csrf }) })
    return [...(await here()), place]
  })
}
