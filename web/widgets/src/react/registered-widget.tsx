// RegisteredWidget: a widget by its name in a registry, as a node's schema gives it.
import type { ReactElement } from 'react'
import type { WidgetRegistry, WidgetRequest } from '../registry/registry.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type RegisteredWidgetProps = NodeProps &
  Omit<WidgetRequest, 'clock'> & {
    registry: WidgetRegistry
    /** The name, as in `ui.widget`. */
    widget: string
  }

export function RegisteredWidget(props: RegisteredWidgetProps): ReactElement {
  const { nodeId, className, status, registry, widget, ...request } = props
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={[widget, request]}
      title={request.title}
      make={(clock) => registry.create(widget, { ...request, ...clock })}
    />
  )
}
