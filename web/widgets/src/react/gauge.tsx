// Gauge: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { GaugeView, type GaugeOptions } from '../gauge/gauge.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type GaugeProps = NodeProps & Omit<GaugeOptions, 'clock'>

export function Gauge({ nodeId, className, status, ...options }: GaugeProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new GaugeView({ ...options, ...clock })}
    />
  )
}
