// WidgetFrame: a widget of the document, drawing the rows of its port in the run that is shown.
import { builtInWidgets, FrameClock } from '@weir/widgets/core'
import { toPlain } from '@weir/flow-model'
import { useEffect, useRef } from 'react'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { touches, useChanges } from '../form/use-changes.ts'
import { tokensOnto } from './tokens-onto.ts'
import { WidgetPlayer } from './widget-player.ts'
import type { PlayerOptions } from './widget-player.ts'
import { sourceOf } from './widget-source.ts'

const kOfSessions = new WeakMap<EditorSession, PlayerOptions>()

/** One clock for all widgets of a canvas: one frame draws them all. */
function sharedOf(session: EditorSession): PlayerOptions {
  const known = kOfSessions.get(session)
  if (known !== undefined) return known
  const made = { clock: new FrameClock(), registry: builtInWidgets() }
  kOfSessions.set(session, made)
  return made
}

/** The widget `id` of the document, as large as what is around it. Nothing if there is none. */
export function WidgetFrame({ id }: { id: string }) {
  const session = useSession()
  const widget = session.document.widget(id)
  return widget === undefined ? null : <WidgetDrawing id={id} {...sharedOf(session)} />
}

/** The same with a clock and a registry of who shows it. */
export function WidgetDrawing({ id, clock, registry }: PlayerOptions & { id: string }) {
  const session = useSession()
  useChanges(
    session,
    (changes) =>
      touches(changes, 'widgets', [id]) || changes.kinds.edges.added.size + changes.kinds.edges.removed.size > 0
  )
  const shown = usePart(session.run, (state) => state.shown)
  const place = useRef<HTMLDivElement>(null)
  const widget = session.document.widget(id)
  const source = widget === undefined ? undefined : sourceOf(session, widget.node, widget.port)
  const key = widget === undefined ? '' : JSON.stringify([widget.type, widget.title, toPlain(widget.settings), source])
  useEffect(() => {
    if (key === '' || place.current === null) return undefined
    tokensOnto(place.current)
    const player = new WidgetPlayer(place.current, session, id, { clock, registry })
    player.show(shown)
    return () => {
      player.dispose()
    }
  }, [session, id, key, shown, clock, registry])
  return <div ref={place} className="weir-host h-full min-h-0 w-full overflow-hidden" />
}
