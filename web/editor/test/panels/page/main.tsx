// The panels around a canvas that is not there, over a run that is given by hand.
import '@weir/ui/look/base.css'
import '@weir/widgets/widgets.css'
import { createRoot } from 'react-dom/client'
import { BottomPanel, SidePanel, WidgetFrame } from '../../../src/panels/index.ts'
import { SessionContext } from '../../../src/session/use-session.ts'
import { FakePlace, FakeRun, orderBatch } from '../fake-place.ts'
import { ordersSession } from '../orders-flow.ts'

const schemas = (await (await fetch('./schemas.json')).json()) as unknown[]
const session = ordersSession(schemas)
const place = new FakePlace()
session.run.setState({ place, places: [place] })

/** What tests do in the page. */
const scene = { session, place, FakeRun, orderBatch }
export type Scene = typeof scene
Object.assign(window, { scene })

createRoot(document.getElementById('root') ?? document.body).render(
  <SessionContext value={session}>
    <div className="flex h-full">
      <div className="flex h-full min-w-0 flex-1 flex-col">
        <div className="min-h-0 flex-1 p-4" id="canvas">
          <div style={{ width: 260, height: 140 }}>
            <WidgetFrame id="w1" />
          </div>
        </div>
        <BottomPanel />
      </div>
      <SidePanel />
    </div>
  </SessionContext>
)
