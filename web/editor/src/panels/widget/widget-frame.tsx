// WidgetFrame: a widget of the document, drawing the rows of its port in the run that is shown.
import { builtInWidgets, FrameClock } from '@weir/widgets/core'
import type { WidgetRegistry, WidgetView } from '@weir/widgets/core'
import { toPlain } from '@weir/flow-model'
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { touches, useChanges } from '../form/use-changes.ts'
import { tokensOnto } from './tokens-onto.ts'
import { feedWidget } from './widget-feed.ts'

interface Shared {
  clock: FrameClock
  registry: WidgetRegistry
}

const kOfSessions = new WeakMap<EditorSession, Shared>()

/** One clock for all widgets of a canvas: one frame draws them all. */
function sharedOf(session: EditorSession): Shared {
  const known = kOfSessions.get(session)
  if (known !== undefined) return known
  const made = { clock: new FrameClock(), registry: builtInWidgets() }
  kOfSessions.set(session, made)
  return made
}

/** The widget `id` of the document, as large as what is around it. Nothing if there is none. */
export function WidgetFrame({ id }: { id: string }) {
  const session = useSession()
  useChanges(
    session,
    (changes) =>
      touches(changes, 'widgets', [id]) || changes.kinds.edges.added.size + changes.kinds.edges.removed.size > 0
  )
  const shown = usePart(session.run, (state) => state.shown)
  const ended = useEnded(session)
  const place = useRef<HTMLDivElement>(null)
  const widget = session.document.widget(id)
  const source = widget === undefined ? undefined : sourceOf(session, widget.node, widget.port)
  const key = widget === undefined ? '' : JSON.stringify([widget.type, widget.title, toPlain(widget.settings), source])
  useEffect(() => {
    const now = session.document.widget(id)
    if (key === '' || now === undefined || place.current === null) return undefined
    const { clock, registry } = sharedOf(session)
    const settings = toPlain(now.settings) as Record<string, unknown>
    const title = now.title === '' ? now.node : now.title
    const view: WidgetView = registry.createOrFailed(now.type, { title, clock, settings })
    tokensOnto(place.current)
    place.current.append(view.element)
    const from = sourceOf(session, now.node, now.port)
    if (shown === undefined) view.status = { is: 'notRun' }
    const stop = shown === undefined || from === undefined ? undefined : feedWidget(shown, from, view)
    return () => {
      stop?.()
      view.dispose()
    }
    // A run that has ended has kept rows in the place of tapped ones.
  }, [session, id, key, shown, ended])
  if (widget === undefined) return null
  return <div ref={place} className="weir-host h-full min-h-0 w-full overflow-hidden" />
}

/** Whether the run that is shown has come to its end. */
function useEnded(session: EditorSession): boolean {
  const shown = usePart(session.run, (state) => state.shown)
  return useSyncExternalStore(
    useCallback((told: () => void) => shown?.facts.subscribe(told) ?? (() => undefined), [shown]),
    () => shown?.facts.getState().endedAt !== undefined
  )
}

/** The port of a widget and the edge behind it. Without a port: the first that the node gives. */
function sourceOf(
  session: EditorSession,
  nodeId: string,
  portName: string
): { node: string; port: string; edge: string | undefined } | undefined {
  const { document, catalogue } = session
  const node = document.node(nodeId)
  if (node === undefined) return undefined
  const port =
    portName === ''
      ? (catalogue.portsOf(document, node).outputs.find((each) => each.name !== 'error')?.name ?? '')
      : portName
  const into = port === '' ? document.edgesInto(nodeId)[0] : undefined
  if (into !== undefined) return { ...into.source, edge: into.id }
  if (port === '') return undefined
  return { node: nodeId, port, edge: document.edgesOutOf(nodeId).find((edge) => edge.source.port === port)?.id }
}
