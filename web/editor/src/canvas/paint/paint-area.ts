// Paints one part of the canvas: dots, boxes, edges, nodes, and what lies over them.
import type { Rect } from '@weir/flow-model'
import { paintBoxes, paintCollapsed, paintThings } from './paint-boxes.ts'
import { paintEdges } from './paint-edges.ts'
import { paintNodes } from './paint-nodes.ts'
import { paintPills } from './paint-pills.ts'
import { paintStubs } from './paint-stubs.ts'
import { kNameZoom } from './picture.ts'
import type { Picture } from './picture.ts'

const kDotStep = 20

/** The context is in canvas units, clipped to this area and empty there. */
export function paintArea(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  paintDots(context, picture, area)
  paintBoxes(context, picture, area)
  paintEdges(context, picture, area)
  paintThings(context, picture, area)
  paintNodes(context, picture, area)
  paintCollapsed(context, picture, area)
  paintStubs(context, picture, area)
  paintPills(context, picture, area)
}

function paintDots(context: CanvasRenderingContext2D, { theme, zoom }: Picture, area: Rect): void {
  if (zoom < kNameZoom) return
  const step = zoom < 0.55 ? kDotStep * 2 : kDotStep
  const size = 1.6 / Math.max(zoom, 0.75)
  context.fillStyle = theme.color('line')
  const first = Math.floor(area.y / step) * step
  for (let x = Math.floor(area.x / step) * step; x <= area.x + area.width; x += step)
    for (let y = first; y <= area.y + area.height; y += step) context.fillRect(x - size / 2, y - size / 2, size, size)
}
