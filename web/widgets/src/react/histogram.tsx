// Histogram: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { HistogramView, type HistogramOptions } from '../histogram/histogram.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type HistogramProps = NodeProps & Omit<HistogramOptions, 'clock'>

export function Histogram({ nodeId, className, status, ...options }: HistogramProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new HistogramView({ ...options, ...clock })}
    />
  )
}
