// BarChart: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { BarChartView, type BarChartOptions } from '../bar/bar-chart.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type BarChartProps = NodeProps & Omit<BarChartOptions, 'clock'>

export function BarChart({ nodeId, className, status, ...options }: BarChartProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new BarChartView({ ...options, ...clock })}
    />
  )
}
