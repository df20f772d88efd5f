// ImageStream: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { ImageView, type ImageOptions } from '../image/image.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type ImageStreamProps = NodeProps & Omit<ImageOptions, 'clock'>

export function ImageStream({ nodeId, className, status, ...options }: ImageStreamProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new ImageView({ ...options, ...clock })}
    />
  )
}
