// NodeWidget: a widget on the data of a node, made and disposed with the component.
import { useEffect, useState, type ReactElement } from 'react'
import type { FrameClock } from '../frame/frame-clock.ts'
import { attempt } from '../frame/told.ts'
import type { StreamSource } from '../stream/run-streamer.ts'
import { FailedView } from '../view/failed-view.ts'
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
  /** Stands above the words if the view cannot be made; absent: the node. */
  title?: string
}

export function NodeWidget({ nodeId, className, status, make, settings, title }: NodeWidgetProps): ReactElement {
  const source = useStreamSource()
  const [view, setView] = useState<WidgetView>()
  const key = JSON.stringify(settings)
  useEffect(() => {
    const { view: made, leave } = attached(source, nodeId, title ?? nodeId, make)
    setView(made)
    return () => {
      attempt(leave)
      attempt(() => {
        made.dispose()
      })
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

/** The view, fed by the node; if that cannot be, one that says why: thrown it would take the whole page away. */
function attached(
  source: StreamSource,
  nodeId: string,
  title: string,
  make: NodeWidgetProps['make']
): { view: WidgetView; leave: () => void } {
  const clock = source.clock ? { clock: source.clock } : {}
  let view: WidgetView | undefined
  try {
    if (!source.attach) throw new Error('These streams cannot feed widgets: give a RunStreamer to <StreamsProvider>.')
    view = make(clock)
    return { view, leave: source.attach(nodeId, view) }
  } catch (reason) {
    attempt(() => view?.dispose())
    return { view: new FailedView({ title, ...clock }, reason), leave: () => undefined }
  }
}
