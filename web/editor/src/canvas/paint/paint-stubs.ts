// Paints what stands for nodes outside of the box that is gone into, at the ends of edges that lead there.
import type { Rect } from '@weir/flow-model'
import { nameOf } from '../actions.ts'
import { kNameZoom } from './picture.ts'
import type { Picture } from './picture.ts'

const kMostWidth = 150

export function paintStubs(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { scene, theme, texts, session, zoom } = picture
  if (scene.stubs.size === 0 || zoom < kNameZoom) return
  const size = Math.max(11, 9.5 / zoom)
  const font = `500 ${size.toFixed(1)}px ${theme.fontText}`
  for (const { at, side, node } of scene.stubs.values()) {
    if (
      at.x < area.x - 200 ||
      at.x > area.x + area.width + 200 ||
      at.y < area.y - 30 ||
      at.y > area.y + area.height + 30
    )
      continue
    const name = texts.fit(nameOf(session, node), font, kMostWidth)
    const width = texts.width(name, font) + 18
    const left = side === 'inputs' ? at.x - width : at.x
    context.beginPath()
    context.roundRect(left, at.y - size, width, 2 * size, size)
    context.fillStyle = theme.color('panel')
    context.fill()
    context.strokeStyle = theme.color('edge')
    context.lineWidth = 1 / Math.min(1, zoom)
    context.setLineDash([3, 3])
    context.stroke()
    context.setLineDash([])
    context.font = font
    context.textBaseline = 'middle'
    context.fillStyle = theme.color('mute')
    context.fillText(name, left + 9, at.y + 0.5)
  }
}
