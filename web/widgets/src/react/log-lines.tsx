// LogLines: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { LogView, type LogOptions } from '../rows/log.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type LogLinesProps = NodeProps & Omit<LogOptions, 'clock'>

export function LogLines({ nodeId, className, status, ...options }: LogLinesProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new LogView({ ...options, ...clock })}
    />
  )
}
