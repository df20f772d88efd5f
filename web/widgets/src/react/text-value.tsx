// TextValue: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { TextView, type TextOptions } from '../text/text.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type TextValueProps = NodeProps & Omit<TextOptions, 'clock'>

export function TextValue({ nodeId, className, status, ...options }: TextValueProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new TextView({ ...options, ...clock })}
    />
  )
}
