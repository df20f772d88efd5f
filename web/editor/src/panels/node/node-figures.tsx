// The figures of a node in the run that is shown, and what holds it up.
import { leadsTo } from '@weir/flow-model'
import type { FlowEdge } from '@weir/flow-model'
import { count, rate, short } from '@weir/ui/figures/figures.ts'
import { useMemo } from 'react'
import type { AlertWish } from '../../alerts/alert-draft.ts'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { nameOf } from '../../canvas/actions.ts'
import { canvasOf } from '../../canvas/index.ts'
import type { FigureStore } from '../../run/figure-store.ts'
import type { RunFacts, ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { touches, useChanges } from '../form/use-changes.ts'
import { LiveFigures } from '../run/live-figures.tsx'
import type { FigureLine } from '../run/live-figures.tsx'

function told(figures: FigureStore, id: string): Record<string, unknown> | undefined {
  return figures.last?.nodes.find((node) => node.id === id)
}

function p95(figures: FigureStore, id: string): string {
  const step = told(figures, id)?.stepNanos
  const value = typeof step === 'object' && step !== null ? (step as Record<string, unknown>).p95 : undefined
  return typeof value === 'number' && value > 0 ? short(value) : ''
}

function counted(
  figures: FigureStore,
  id: string,
  name: 'rowsIn' | 'rowsOut' | 'failed',
  speed?: 'inRate' | 'outRate'
): string {
  if (!figures.hasNode(id)) return ''
  const value = figures.node(id, name)
  if (value === 0 && name !== 'rowsOut') return ''
  const now = speed === undefined ? 0 : figures.node(id, speed)
  return now > 0 ? `${count(value)} · ${rate(now)}` : count(value)
}

function waiting(session: EditorSession, figures: FigureStore, id: string): string {
  const edges = session.document.edgesInto(id)
  if (edges.length === 0) return ''
  const rows = edges.reduce((sum, edge) => sum + figures.edge(edge.id, 'waiting'), 0)
  const fill = Math.max(...edges.map((edge) => figures.edge(edge.id, 'fill')))
  return `${count(rows)} rows · ${Math.round(fill * 100)} %`
}

/** Why its rows do not go on: the node behind it that is too slow, in words. */
export function heldUpBy(session: EditorSession, run: ShownRun, id: string): string {
  const by = run.facts.getState().heldUpBy
  if (by === undefined) return ''
  if (by === id) return '▲ it holds the others up'
  if (!leadsTo(session.document, id, by)) return ''
  return `▲ ${nameOf(session, by)}`
}

const kNoFacts = createStore<RunFacts | undefined>(() => undefined)

export function NodeFigures({ session, id }: { session: EditorSession; id: string }) {
  const shown = usePart(session.run, (state) => state.shown)
  const lines = useMemo<readonly FigureLine[]>(() => {
    if (shown === undefined) return []
    const own = (measure: string): AlertWish => ({ subject: id, of: 'node', measure })
    const of = (edge: FlowEdge | undefined, measure: string): AlertWish | undefined =>
      edge === undefined ? undefined : { subject: edge.id, of: 'edge', measure }
    const [into] = session.document.edgesInto(id)
    const [out] = session.document.edgesOutOf(id)
    return [
      {
        words: 'rows in',
        read: (figures) => counted(figures, id, 'rowsIn', 'inRate'),
        alert: of(into, 'rowsPerSecond')
      },
      {
        words: 'rows out',
        read: (figures) => counted(figures, id, 'rowsOut', 'outRate'),
        alert: of(out, 'rowsPerSecond')
      },
      {
        words: 'set aside',
        read: (figures) => counted(figures, id, 'failed'),
        tone: 'warn',
        alert: own('errorRate')
      },
      {
        words: 'busy',
        read: (figures) => (figures.hasNode(id) ? `${Math.round(figures.node(id, 'busy') * 100)} %` : '')
      },
      { words: 'p95 a batch', read: (figures) => p95(figures, id), alert: own('latencyMs') },
      {
        words: 'waiting before it',
        read: (figures) => (figures.hasNode(id) ? waiting(session, figures, id) : ''),
        alert: of(into, 'fill')
      },
      { words: 'held up by', read: () => heldUpBy(session, shown, id), tone: 'warn', alert: own('stalledMs') }
    ]
  }, [session, shown, id])
  useChanges(session, (changes) => touches(changes, 'nodes', [id]))
  const facts = useStore(shown?.facts ?? kNoFacts, (state) => state?.documentText)
  if (shown === undefined || facts === undefined) return null
  // They are of what it was when that run began.
  if (canvasOf(session)?.live.isChanged(id) === true)
    return <p className="text-data text-mute">Not running yet: it is not what {shown.label} has.</p>
  return <LiveFigures title={`Figures · ${shown.label}`} figures={shown.figures} lines={lines} />
}
