// WidgetHost: a place in a React page for a widget that draws by itself.
import { useEffect, useRef, type ReactElement } from 'react'
import type { WidgetView } from '../view/widget-view.ts'

export interface WidgetHostProps {
  view: WidgetView
  className?: string
}

/** The view belongs to the caller, who disposes it. */
export function WidgetHost({ view, className }: WidgetHostProps): ReactElement {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.append(view.element)
    return () => {
      view.element.remove()
    }
  }, [view])
  return <div ref={place} className={className === undefined ? 'weir-host' : `weir-host ${className}`} />
}
