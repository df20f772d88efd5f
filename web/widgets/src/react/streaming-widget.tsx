// A widget that draws by itself, in the shape of the specification's StreamingWidget.
import type { Batch } from '@weir/engine-client'
import type { ReactElement } from 'react'
import type { StreamingWidget } from '../contract.ts'
import { attempt } from '../frame/told.ts'
import type { WidgetView } from '../view/widget-view.ts'
import { WidgetHost } from './widget-host.tsx'

export interface StreamingWidgetParts {
  id: string
  nodeId: string
  stream: ReadableStream<Batch>
}

/** `render` takes a batch and gives the same element every time, so that React has nothing to do. */
export function streamingWidget(view: WidgetView, parts: StreamingWidgetParts): StreamingWidget<Batch, ReactElement> {
  const element = <WidgetHost view={view} />
  let failure: unknown
  return {
    ...parts,
    copies: true,
    render: (batch) => {
      view.take(batch)
      return element
    },
    shed: (rows) => {
      view.shed(rows)
    },
    failed: (reason) => {
      failure = reason
    },
    dispose: () => {
      attempt(() => {
        view.end(failure)
      })
      if (!parts.stream.locked) parts.stream.cancel().catch(() => undefined)
    }
  }
}
