// Paints nodes far out, as blocks: thousands of them, one colour after the other, without an object for each.
import type { Rect } from '@weir/flow-model'
import { kMarkColors } from '../scene/node-state.ts'
import { paintHeatBlocks } from './paint-heat.ts'
import { paintMark } from './marks.ts'
import type { Picture } from './picture.ts'

/** From here on, in pixels, a block has room for a mark. */
const kMarkWidth = 28

/** Rows of nodes by the colour of their block; those of unknown type have none. */
type Blocks = Map<string, number[]>

export function paintBlocks(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { scene, theme, zoom, emphasis } = picture
  const blocks = blocksIn(picture, area)
  const { numbers } = scene.nodes
  context.globalAlpha = emphasis.fits === undefined ? 1 : 0.4
  for (const [color, rows] of blocks) {
    if (color === '') continue
    context.fillStyle = color
    for (const row of rows) {
      const at = row * 4
      const height = numbers[at + 3] ?? 0
      const [top, share] = scene.block(row)?.bypass === true ? [height * 0.35, 0.3] : [0, 1]
      context.fillRect(numbers[at] ?? 0, (numbers[at + 1] ?? 0) + top, numbers[at + 2] ?? 0, height * share)
    }
  }
  context.globalAlpha = 1
  for (const rows of blocks.values()) paintHeatBlocks(context, picture, rows)
  context.strokeStyle = theme.color('edge')
  context.lineWidth = 1 / zoom
  for (const row of blocks.get('') ?? []) {
    const at = row * 4
    context.strokeRect(numbers[at] ?? 0, numbers[at + 1] ?? 0, numbers[at + 2] ?? 0, numbers[at + 3] ?? 0)
  }
  if (206 * zoom >= kMarkWidth)
    for (const rows of blocks.values()) for (const row of rows) paintBad(context, picture, row)
}

function blocksIn(picture: Picture, area: Rect): Blocks {
  const { scene, live, theme } = picture
  const { numbers, used, ids } = scene.nodes
  const [right, bottom] = [area.x + area.width + 14, area.y + area.height + 14]
  const blocks: Blocks = new Map()
  for (let row = 0; row < used; ++row) {
    const at = row * 4
    const [x, y] = [numbers[at] ?? NaN, numbers[at + 1] ?? NaN]
    if (!(x <= right && y <= bottom && x + (numbers[at + 2] ?? 0) >= area.x - 14)) continue
    if (y + (numbers[at + 3] ?? 0) < area.y - 34) continue
    const id = ids[row]
    const block = scene.block(row)
    if (id === undefined || block === undefined) continue
    const mark = live.mark(id)
    const bad = mark === 'error' || mark === 'warning'
    const color = bad ? theme.color(kMarkColors[mark]) : block.known ? theme.tint(block.color).block : ''
    const rows = blocks.get(color)
    if (rows === undefined) blocks.set(color, [row])
    else rows.push(row)
  }
  return blocks
}

/** The shape of what is wrong, so that its colour is not needed. */
function paintBad(context: CanvasRenderingContext2D, { scene, live, theme }: Picture, row: number): void {
  const mark = live.mark(scene.nodes.ids[row] ?? '')
  if (mark !== 'error' && mark !== 'warning') return
  const height = scene.nodes.at(row, 3)
  const x = scene.nodes.at(row, 0) + scene.nodes.at(row, 2) - height / 2
  const y = scene.nodes.at(row, 1) + height / 2
  context.beginPath()
  context.arc(x, y, height * 0.36, 0, 2 * Math.PI)
  context.fillStyle = theme.color('bg')
  context.fill()
  paintMark(context, theme, mark, x, y, height * 0.22)
}
