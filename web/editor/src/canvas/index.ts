// What the canvas offers to the rest of the editor.
export { FlowCanvas } from './flow-canvas.tsx'
export type { FlowCanvasProps } from './flow-canvas.tsx'
export type { WidgetBody } from './elements/widget-element.tsx'
export { canvasOf } from './canvas-of.ts'
export type { CanvasView } from './canvas-view.ts'
export {
  connectPorts,
  connectThrough,
  nudgeSelected,
  removeAndReconnectSelected,
  removeSelected,
  toggleBreakpoint,
  toggleBypass,
  walkFocus
} from './actions.ts'
export type { ConnectRefusal, Converter } from './actions.ts'
export { kNodeDragType, nodeDragText, readNodeDrag } from './gestures/drop-input.ts'
export { toggleCollapsed } from '../boxes/box-actions.ts'
export { connectByKey } from './gestures/connect-by-key.ts'
export { openPalette } from './gestures/targets.ts'
export { kMarkWords } from './scene/node-state.ts'
export type { Mark } from './scene/node-state.ts'
export { iconNames, iconPath } from './paint/icons.ts'
export { portLook } from './paint/ports.ts'
export type { PortShape } from './paint/ports.ts'
export { Markdown } from './elements/markdown.tsx'
