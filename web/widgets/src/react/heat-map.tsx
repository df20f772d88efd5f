// HeatMap: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { HeatMapView, type HeatMapOptions } from '../heat/heat-map.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type HeatMapProps = NodeProps & Omit<HeatMapOptions, 'clock'>

export function HeatMap({ nodeId, className, status, ...options }: HeatMapProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new HeatMapView({ ...options, ...clock })}
    />
  )
}
