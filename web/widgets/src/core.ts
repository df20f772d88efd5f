// @weir/widgets/core: streams to widgets without a framework.
export { cell, isNull, rowsOf, type Batch, type Column } from '@weir/engine-client'
export type { StreamingWidget, WidgetStreamer } from './contract.ts'
export { batchOf, type ColumnValues } from './data/batch-of.ts'
export { readNumbers } from './data/column-read.ts'
export { decimate, makePath, type Path } from './data/decimate.ts'
export { KeptRows, type RowPlace } from './data/kept-rows.ts'
export { SeriesRing, type Range } from './data/series-ring.ts'
export { TextSlots } from './data/text-slots.ts'
export { FrameClock, pageFrames, type Drawable, type FrameHost } from './frame/frame-clock.ts'
export { pageVisibility, type Visibility } from './frame/visibility.ts'
export { copyBatch } from './stream/copy-batch.ts'
export { Feed, type FeedCounts, type FeedOptions, type HiddenPolicy, type Sink } from './stream/feed.ts'
export {
  RunStreamer,
  type Outlets,
  type RenderListener,
  type StreamerOptions,
  type StreamSource
} from './stream/run-streamer.ts'
export { LineChartView, type LineChartOptions } from './line/line-chart.ts'
export type { Status } from './view/status.ts'
export { WidgetView, type ViewOptions } from './view/widget-view.ts'
export { BarChartView, type BarChartOptions } from './bar/bar-chart.ts'
export { GaugeView, type GaugeOptions } from './gauge/gauge.ts'
export { HeatMapView, type HeatMapOptions } from './heat/heat-map.ts'
export { HistogramView, type HistogramOptions } from './histogram/histogram.ts'
export { ImageView, type ImageOptions } from './image/image.ts'
export { LogView, type LogOptions } from './rows/log.ts'
export { TableView, type TableOptions } from './rows/table.ts'
export { TextView, type TextOptions } from './text/text.ts'
export { WidgetRegistry, type NodeWithWidget, type WidgetFactory, type WidgetRequest } from './registry/registry.ts'
export { builtInWidgets, widgetSettings, type SettingKind } from './registry/built-in.ts'
export { FrameWidgetView, type FrameWidgetOptions } from './sandbox/frame-widget.ts'
export {
  StreamBuffer,
  type StreamDataOptions,
  type StreamMetrics,
  type StreamSnapshot
} from './stream/stream-buffer.ts'
