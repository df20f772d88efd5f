// @weir/widgets: widgets that draw what flows, for pages with or without React.
import type { ReactElement } from 'react'
import type { StreamingWidget as CoreWidget } from './contract.ts'

export * from './core.ts'

/** As the specification writes it: `render` gives an element of React. */
export type StreamingWidget<Data = unknown> = CoreWidget<Data, ReactElement>

export { BarChart, type BarChartProps } from './react/bar-chart.tsx'
export { DataTable, type DataTableProps } from './react/data-table.tsx'
export { Gauge, type GaugeProps } from './react/gauge.tsx'
export { HeatMap, type HeatMapProps } from './react/heat-map.tsx'
export { Histogram, type HistogramProps } from './react/histogram.tsx'
export { ImageStream, type ImageStreamProps } from './react/image-stream.tsx'
export { LineChart, type LineChartProps } from './react/line-chart.tsx'
export { LogLines, type LogLinesProps } from './react/log-lines.tsx'
export { NodeWidget, type NodeProps, type NodeWidgetProps } from './react/node-widget.tsx'
export { RegisteredWidget, type RegisteredWidgetProps } from './react/registered-widget.tsx'
export { streamingWidget, type StreamingWidgetParts } from './react/streaming-widget.tsx'
export { StreamsProvider, type StreamsProviderProps } from './react/streams-provider.tsx'
export { TextValue, type TextValueProps } from './react/text-value.tsx'
export { useStreamData } from './react/use-stream-data.ts'
export { WidgetHost, type WidgetHostProps } from './react/widget-host.tsx'
