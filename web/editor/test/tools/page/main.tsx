// The tools around a canvas and its panels, over a page whose actions are only written down.
import '@weir/ui/look/base.css'
import '@weir/widgets/widgets.css'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import { canvasOf, FlowCanvas } from '../../../src/canvas/index.ts'
import type { PageActions } from '../../../src/page/parts.ts'
import { Notices } from '../../../src/page/shell/notices.tsx'
import { BottomPanel, SidePanel } from '../../../src/panels/index.ts'
import type { EditorSession } from '../../../src/session/editor-session.ts'
import { SessionContext, useView } from '../../../src/session/use-session.ts'
import { beginTools, kBindings, Outline, Overlays, Palette, toolsOf } from '../../../src/tools/index.ts'
import { FakePlace } from '../../panels/fake-place.ts'
import { kOrdersFlow, ordersSession } from '../../panels/orders-flow.ts'

const schemas = (await (await fetch('./schemas.json')).json()) as unknown[]
const kPlaces = {
  read: { x: 60, y: 112 },
  paid: { x: 338, y: 112 },
  net: { x: 616, y: 112 },
  sum: { x: 900, y: 112 },
  unpaid: { x: 616, y: 296 },
  odd: { x: 60, y: 380 }
}
const kFlow = {
  ...kOrdersFlow,
  widgets: [],
  groups: [{ id: 'clean', name: 'Clean' }],
  notes: [{ id: 'n1', text: 'Orders of **last** week' }],
  nodes: kOrdersFlow.nodes.map((node) => ('id' in node && node.id === 'paid' ? { ...node, parent: 'clean' } : node)),
  layout: {
    nodes: kPlaces,
    groups: { clean: { x: 314, y: 72, width: 260, height: 152 } },
    notes: { n1: { x: 340, y: 380, width: 206, height: 100 } }
  }
}

let session: EditorSession
let root: Root | undefined
let end: (() => void) | undefined
/** What the page was asked to do. */
const acts: string[] = []

function Page() {
  const outline = useView((view) => view.outlineOpen)
  const palette = useView((view) => view.palette !== undefined)
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-11 shrink-0 items-center border-b border-line px-4">
        <h1>orders-by-region</h1>
      </header>
      <main className="relative flex min-h-0 flex-1">
        {outline && (
          <nav aria-label="Outline" className="w-[240px] shrink-0 overflow-auto border-r border-line bg-panel">
            <Outline />
          </nav>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1">
            <FlowCanvas />
            {palette && <Palette />}
          </div>
          <div className="h-[180px]">
            <BottomPanel />
          </div>
        </div>
        <SidePanel />
        <Notices />
      </main>
      <Overlays />
    </div>
  )
}

/** Opens the orders, or another document, anew. */
function open(flow: object = kFlow, readOnly = ''): void {
  end?.()
  root?.unmount()
  session = ordersSession(schemas, flow)
  Object.assign(session.options, { readOnly })
  const place = new FakePlace()
  session.run.setState({ place, places: [place] })
  acts.length = 0
  const act = (name: string) => () => void acts.push(name)
  const page: PageActions = {
    run: act('run'),
    runToHere: act('runToHere'),
    stop: act('stop'),
    saveVersion: act('saveVersion'),
    history: act('history'),
    save: act('save'),
    download: act('download'),
    flows: {
      list: () => Promise.resolve(['orders-by-region', 'returns'].map((id) => ({ id, name: id, revision: '1' }))),
      text: (id) =>
        Promise.resolve(id === 'returns' ? JSON.stringify({ ...kOrdersFlow, id }) : session.document.text()),
      open: (id) => void acts.push(`open ${id}`)
    }
  }
  end = beginTools(session, page)
  root = createRoot(document.getElementById('root') ?? document.body)
  root.render(
    <SessionContext value={session}>
      <Page />
    </SessionContext>
  )
}

const scene = {
  open,
  acts,
  kBindings,
  session: () => session,
  tools: () => toolsOf(session),
  view: () => canvasOf(session)
}
export type Scene = typeof scene
Object.assign(globalThis, { scene })
