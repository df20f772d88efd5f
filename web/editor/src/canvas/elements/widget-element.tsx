// The frame of a widget on the canvas; who knows widgets fills it.
import { createContext, useContext } from 'react'
import type { ComponentType } from 'react'
import { useSession } from '../../session/use-session.ts'
import { useElement } from './use-element.ts'

/** Draws what a widget shows, in all of the room it gets. */
export type WidgetBody = ComponentType<{ id: string }>

export const WidgetBodyContext = createContext<WidgetBody | undefined>(undefined)

export function WidgetElement({ id }: { id: string }) {
  const { document } = useSession()
  useElement('widgets', id)
  const Body = useContext(WidgetBodyContext)
  const widget = document.widget(id)
  if (widget === undefined) return null
  const title = widget.title === '' ? widget.type : widget.title
  return (
    <section className="flex h-full w-full flex-col" aria-label={title}>
      <h3 className="truncate px-3 pt-2 text-data font-semibold">{title}</h3>
      {Body !== undefined && (
        <div data-canvas-own data-canvas-scrolls className="min-h-0 grow p-2">
          <Body id={id} />
        </div>
      )}
    </section>
  )
}
