// NodeWidget: a widget on the data of a node, made and disposed with the component.
import { useEffect, useState, type ReactElement } from 'react'
import type { FrameClock } from '../frame/frame-clock.ts'
import type { Status } from '../view/status.ts'
import type { WidgetView } from '../view/widget-view.ts'
import { useStreamSource } from './stream-source.ts'
import { WidgetHost } from './widget-host.tsx'

export interface NodeProps {
  /** A node of the run, or `node.port`. */
  nodeId: string
  className?: string
  /** What the page knows better than the rows: not run yet, so far, disconnected. */
  status?: Status
}

export interface NodeWidgetProps extends NodeProps {
  /** Makes the view; called anew when `settings` say something else. */
  make: (clock: { clock?: FrameClock }) => WidgetView
  /** What the view is made of, compared by its text. */
  settings: unknown
}

export function NodeWidget({ nodeId, className, status, make, settings }: NodeWidgetProps): ReactElement {
  const source = useStreamSource()
  const [view, setView] = useState<WidgetView>()
  const key = JSON.stringify(settings)
  useEffect(() => {
    if (!source.attach) throw new Error('These streams cannot feed widgets: give a RunStreamer to <StreamsProvider>.')
    const made = make(source.clock ? { clock: source.clock } : {})
    const leave = source.attach(nodeId, made)
    setView(made)
    return () => {
      leave()
      made.dispose()
    }
    // `make` is another function at each render; `key` says when what it makes is another.
  }, [source, nodeId, key])
  useEffect(() => {
    if (view && status) view.status = status
  }, [view, status])
  return view ? (
    <WidgetHost view={view} {...(className !== undefined && { className })} />
  ) : (
    <div className="weir-host" />
  )
}
