// The parts of the editor that the studio has: what is filled in here is on the page, what is not is absent. Each comes when it is first
// drawn, so that the page stands at once.
import { FlowFiles, GivenFolders } from '@weir/editor'
import type { EditorParts, EditorSession, PageActions, RunPlace } from '@weir/editor'
import { createElement, lazy, Suspense } from 'react'
import type { ComponentType } from 'react'
import '@weir/widgets/widgets.css'
import { server } from '../api/server.ts'
import { engineFiles } from './engine-files.ts'
import { FlowAlerts } from './flow-alerts.tsx'
import { askForRunAlert } from './rule-wish.ts'
import { RunAlerts } from './run-alerts.tsx'
import { RunNews } from './run-news.tsx'

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

/** Keys, menus and clipboard of a session, as soon as they are there. */
function beginLater(session: EditorSession, page: PageActions): () => void {
  let ended = false
  let end = (): void => {
    ended = true
  }
  void import('@weir/editor/tools').then(({ beginTools }) => {
    if (!ended) end = beginTools(session, page)
  })
  return () => {
    end()
  }
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
  Outline: later(async () => (await import('@weir/editor/tools')).Outline),
  overlays: [later(async () => (await import('@weir/editor/tools')).Overlays)],
  begin: beginLater,
  showKeys: (session) => {
    void import('@weir/editor/tools').then(({ toolsOf }) => {
      toolsOf(session).show('keys')
    })
  },
  SidePanel: later(async () => (await import('@weir/editor/panels')).SidePanel),
  BottomPanel: later(async () => (await import('@weir/editor/panels')).BottomPanel)
}

/** Folders that were given to this browser, and what flows write here. One for the page. */
const folders = new GivenFolders()
const files = new FlowFiles(folders)

/** This browser, if the studio was built with the engine. */
const here = once(async (): Promise<RunPlace[]> => {
  const engine = await engineFiles()
  if (engine === undefined) return []
  const { module, zones } = engine
  const [{ BrowserPlace }, { BrowserEngine }, { default: EngineWorker }] = await Promise.all([
    import('@weir/editor/run'),
    import('@weir/engine-client/browser'),
    import('@weir/engine-client/browser/worker?worker')
  ])
  const place = new BrowserPlace({
    makeEngine: (log) => BrowserEngine.make({ module, zones, makeWorker: () => new EngineWorker(), log }),
    folders: (text, options) => files.folders(text, options),
    written: (flow, path) => files.written(flow, path),
    fileOf: (flow, name) => files.fileOf(flow, name)
  })
  return [place]
})

/** Whether flows run in this browser. */
export const runsHere = once(async () => (await engineFiles()) !== undefined)

const RuleOfRuns = later(async () => (await import('./rule-of-runs.tsx')).RuleOfRuns)

/** Of a flow that is kept in this browser. Made once for the whole page. */
export const LOCAL_PARTS: EditorParts = {
  ...PANELS,
  overlays: [...(PANELS.overlays ?? []), RunNews, RunAlerts],
  places: here,
  takeFiles: (_flow, given) => folders.take(given),
  folders
}

/** Of a flow on the server. Made once for the whole page. */
export const PARTS: EditorParts = {
  ...PANELS,
  folders,
  overlays: [...(PANELS.overlays ?? []), RunNews, RunAlerts, FlowAlerts, RuleOfRuns],
  runAlert: askForRunAlert,
  places: once(async () => {
    // Asked for before the flow is there, so that keys count as soon as it is seen.
    void import('@weir/editor/tools')
    const { ServerPlace } = await import('@weir/editor/run')
    const url = new URL(server.url('/api/v1'), document.baseURI)
    const place = new ServerPlace({ url, name: 'Server', authorize: () => ({ 'x-weir-csrf': server.csrf }) })
    return [...(await here()), place]
  })
}
