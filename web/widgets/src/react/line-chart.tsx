// LineChart: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { LineChartView, type LineChartOptions } from '../line/line-chart.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type LineChartProps = NodeProps & Omit<LineChartOptions, 'clock'>

export function LineChart({ nodeId, className, status, ...options }: LineChartProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new LineChartView({ ...options, ...clock })}
    />
  )
}
