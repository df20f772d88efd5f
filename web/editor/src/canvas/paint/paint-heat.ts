// Paints the heat map: the ground of nodes by their share, and the figure itself above each.
import type { Rect } from '@weir/flow-model'
import { kDetailZoom } from './picture.ts'
import type { Picture } from './picture.ts'
import type { ColorName } from './theme.ts'

const kColors = { none: 'water', time: 'warn', rows: 'water', errors: 'error' } as const satisfies Record<
  string,
  ColorName
>

/** How much of its colour a ground has for a share of 0 to 1. */
function alphaOf(share: number): number {
  // Text on it stays as readable as the tokens have it.
  return share <= 0 ? 0 : 0.05 + 0.17 * share
}

/** Over the ground of a node, under what it shows. */
export function paintHeat(
  context: CanvasRenderingContext2D,
  { live, theme }: Picture,
  { id, x, y, width, height }: Rect & { id: string },
  radius: number
): void {
  const { heat } = live
  const alpha = heat.kind === 'none' ? 0 : alphaOf(heat.share(id))
  if (alpha === 0) return
  const before = context.globalAlpha
  context.globalAlpha = before * alpha
  context.beginPath()
  context.roundRect(x, y, width, height, radius)
  context.fillStyle = theme.color(kColors[heat.kind])
  context.fill()
  context.globalAlpha = before
}

/** The figure, so that the colour is not needed. */
export function paintHeatText(
  context: CanvasRenderingContext2D,
  { live, theme, texts, zoom }: Picture,
  { id, x, y, width }: Rect & { id: string }
): void {
  const { heat } = live
  if (heat.kind === 'none' || zoom < kDetailZoom) return
  const text = heat.text(id)
  if (text === '') return
  const font = `11px ${theme.fontData}`
  context.font = font
  context.textBaseline = 'alphabetic'
  context.fillStyle = theme.color('mute')
  context.fillText(text, x + width - texts.width(text, font) - 2, y - 4)
}

/** Far out: blocks are darker or lighter by their share. */
export function paintHeatBlocks(
  context: CanvasRenderingContext2D,
  { live, scene, theme }: Picture,
  rows: readonly number[]
): void {
  const { heat } = live
  if (heat.kind === 'none') return
  context.fillStyle = theme.color(kColors[heat.kind])
  for (const row of rows) {
    const share = heat.share(scene.nodes.ids[row] ?? '')
    if (share <= 0) continue
    context.globalAlpha = 0.2 + 0.8 * share
    context.fillRect(scene.nodes.at(row, 0), scene.nodes.at(row, 1), scene.nodes.at(row, 2), scene.nodes.at(row, 3))
  }
  context.globalAlpha = 1
}
