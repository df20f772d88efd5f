// DataTable: the widget of that name as a React component.
import type { ReactElement } from 'react'
import { TableView, type TableOptions } from '../rows/table.ts'
import { NodeWidget, type NodeProps } from './node-widget.tsx'

export type DataTableProps = NodeProps & Omit<TableOptions, 'clock'>

export function DataTable({ nodeId, className, status, ...options }: DataTableProps): ReactElement {
  const node = { nodeId, ...(className !== undefined && { className }), ...(status && { status }) }
  return (
    <NodeWidget
      {...node}
      settings={options}
      title={options.title}
      make={(clock) => new TableView({ ...options, ...clock })}
    />
  )
}
