// Paints nodes: blocks far out, names from 60 px on, and all they have from zoom 0.6 on.
import type { Rect } from '@weir/flow-model'
import type { NodeLook } from '../scene/node-look.ts'
import type { NodeState } from '../scene/node-state.ts'
import { iconShape } from './icons.ts'
import { paintMark, paintStop } from './marks.ts'
import { paintHeat, paintHeatText } from './paint-heat.ts'
import { paintBlocks } from './paint-blocks.ts'
import { paintPorts } from './paint-ports.ts'
import { kDetailZoom, kNameZoom } from './picture.ts'
import type { Picture } from './picture.ts'

export interface DrawnNode {
  id: string
  x: number
  y: number
  width: number
  height: number
  state: NodeState
  selected: boolean
  look: NodeLook
}

const kRadius = 8
const kFoot = 24
const kSpark = new Float32Array(60)

export function paintNodes(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  if (picture.zoom >= kNameZoom) {
    for (const node of nodesIn(picture, area)) paintNode(context, picture, node)
    return
  }
  paintBlocks(context, picture, area)
  for (const id of picture.session.selection.ids('nodes')) {
    const box = picture.scene.nodeBox(id)
    if (box !== undefined) paintRing(context, picture, box, kRadius)
  }
}

function nodesIn(picture: Picture, area: Rect): DrawnNode[] {
  const { scene, live, session } = picture
  const { nodes } = scene
  const found: DrawnNode[] = []
  const [right, bottom] = [area.x + area.width + 14, area.y + area.height + 14]
  for (let row = 0; row < nodes.used; ++row) {
    const [x, y] = [nodes.at(row, 0), nodes.at(row, 1)]
    if (!(x <= right && y <= bottom)) continue
    const [width, height] = [nodes.at(row, 2), nodes.at(row, 3)]
    if (x + width < area.x - 14 || y + height < area.y - 34) continue
    const id = nodes.ids[row]
    const look = id === undefined ? undefined : scene.look(row)
    if (id === undefined || look === undefined) continue
    found.push({ id, x, y, width, height, look, state: live.state(id), selected: session.selection.has('nodes', id) })
  }
  return found
}

function paintRing(context: CanvasRenderingContext2D, picture: Picture, node: Rect, radius: number): void {
  const { theme, zoom } = picture
  const width = 2 / Math.min(1, zoom)
  context.beginPath()
  context.roundRect(node.x - width, node.y - width, node.width + 2 * width, node.height + 2 * width, radius + width)
  context.strokeStyle = theme.color('water')
  context.lineWidth = width
  context.stroke()
}

function paintNode(context: CanvasRenderingContext2D, picture: Picture, node: DrawnNode): void {
  const { theme, emphasis, zoom, live } = picture
  const { x, y, width, height, look, state, selected } = node
  const detailed = zoom >= kDetailZoom
  const { lit } = picture.session.view.getState()
  const onWay = lit?.nodes.has(node.id) === true
  const dimmed = (emphasis.fits !== undefined && !takesAny(picture, node)) || (lit !== undefined && !onWay)
  context.globalAlpha = dimmed ? 0.4 : look.bypass ? 0.55 : 1
  context.beginPath()
  context.roundRect(x, y, width, height, kRadius)
  context.fillStyle = theme.color('raised')
  context.fill()
  paintHeat(context, picture, node, kRadius)
  if (live.isChanged(node.id)) hatch(context, picture, node)
  if (state.slow) paintAmber(context, picture, node)
  context.beginPath()
  context.roundRect(x, y, width, height, kRadius)
  context.strokeStyle = theme.color(
    state.slow ? 'warn' : selected ? 'water' : state.mark === 'error' ? 'error' : 'edge'
  )
  context.lineWidth = 1 / Math.min(1, zoom)
  if (!look.known) context.setLineDash([4, 4])
  context.stroke()
  context.setLineDash([])
  if (selected || onWay) paintRing(context, picture, node, kRadius)
  if (lit?.stops?.has(node.id) === true) paintAmber(context, picture, node)
  if (detailed) paintDetails(context, picture, node)
  else paintName(context, picture, node)
  if (look.bypass) paintBypass(context, picture, node)
  paintHeatText(context, picture, node)
  context.globalAlpha = dimmed ? 0.4 : 1
  if (live.hasBreakpoint('nodes', node.id)) paintStop(context, theme, x, y, 5 / Math.min(1, zoom))
  if (detailed || emphasis.fits !== undefined) paintPorts(context, picture, node)
  context.globalAlpha = 1
  paintFocus(context, picture, node)
}

function takesAny({ emphasis }: Picture, { id, look }: DrawnNode): boolean {
  const { fits } = emphasis
  if (fits === undefined) return true
  const { inputs, outputs } = look
  return (
    inputs.some((port) => fits({ node: id, side: 'inputs', port: port.name })) ||
    outputs.some((port) => fits({ node: id, side: 'outputs', port: port.name }))
  )
}

/** Strips over a node that is another than the one that runs. */
function hatch(context: CanvasRenderingContext2D, { theme }: Picture, { x, y, width, height }: Rect): void {
  context.save()
  context.beginPath()
  context.roundRect(x, y, width, height, kRadius)
  context.clip()
  context.beginPath()
  for (let at = -height; at < width; at += 9) {
    context.moveTo(x + at, y + height)
    context.lineTo(x + at + height, y)
  }
  context.strokeStyle = theme.color('line')
  context.lineWidth = 3
  context.stroke()
  context.restore()
}

function paintAmber(context: CanvasRenderingContext2D, { theme }: Picture, { x, y, height }: Rect): void {
  context.beginPath()
  context.roundRect(x, y, 6, height, [kRadius, 0, 0, kRadius])
  context.fillStyle = theme.color('warn')
  context.fill()
}

/** A line through the head: rows pass by. */
function paintBypass(context: CanvasRenderingContext2D, { theme }: Picture, { x, y, width }: Rect): void {
  context.globalAlpha = 1
  context.beginPath()
  context.moveTo(x, y + 46)
  context.lineTo(x + width, y + 46)
  context.strokeStyle = theme.color('mute')
  context.lineWidth = 1.6
  context.stroke()
}

function paintFocus(context: CanvasRenderingContext2D, picture: Picture, { id, x, y, width, height }: DrawnNode): void {
  const { focus } = picture.session.selection
  if (!picture.focusVisible || focus?.kind !== 'nodes' || focus.id !== id) return
  const by = 5 / Math.min(1, picture.zoom)
  context.beginPath()
  context.roundRect(x - by, y - by, width + 2 * by, height + 2 * by, kRadius + by)
  context.strokeStyle = picture.theme.color('text')
  context.lineWidth = 1.5 / Math.min(1, picture.zoom)
  context.setLineDash([3, 3])
  context.stroke()
  context.setLineDash([])
}

/** Between blocks and details: the name as large as it can be read, and the state. */
function paintName(context: CanvasRenderingContext2D, picture: Picture, node: DrawnNode): void {
  const { theme, zoom, texts } = picture
  const { x, y, width, height, look, state } = node
  const size = Math.max(12.5, 10.5 / zoom)
  const tint = theme.tint(look.color)
  context.beginPath()
  context.roundRect(x, y, 10, height, [kRadius, 0, 0, kRadius])
  context.fillStyle = state.slow ? theme.color('warn') : tint.block
  context.fill()
  const r = size * 0.32
  const room = width - 22 - (state.mark === 'none' ? 8 : 4 * r)
  const font = `600 ${size.toFixed(1)}px ${theme.fontText}`
  const name = texts.fit(look.name, font, room)
  context.font = font
  context.textBaseline = 'middle'
  context.fillStyle = theme.color('text')
  context.fillText(name, x + 20, y + height / 2)
  paintMark(context, theme, state.mark, x + width - 2 * r - 2, y + height / 2, r)
}

function paintDetails(context: CanvasRenderingContext2D, picture: Picture, node: DrawnNode): void {
  const { theme, texts } = picture
  const { x, y, width, height, look, state } = node
  const inset = state.slow ? 6 : 0
  const tint = theme.tint(look.color)
  context.beginPath()
  context.roundRect(x + 9 + inset, y + 8, 20, 20, 5)
  context.fillStyle = tint.ground
  context.fill()
  context.save()
  context.translate(x + 12.2 + inset, y + 11.2)
  context.scale(0.85, 0.85)
  context.strokeStyle = tint.ink
  context.lineWidth = 1.5
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.stroke(iconShape(look.icon))
  context.restore()
  context.textBaseline = 'alphabetic'
  const nameFont = `600 12.5px ${theme.fontText}`
  const name = texts.fit(look.name, nameFont, width - 60 - inset)
  context.font = nameFont
  context.fillStyle = theme.color('text')
  context.fillText(name, x + 37 + inset, y + 22.5)
  paintMark(context, theme, state.mark, x + width - 15, y + 18, 4.2)
  const dataFont = `11px ${theme.fontData}`
  const key = texts.fit(look.key, dataFont, width - 22 - inset)
  context.font = dataFont
  context.fillStyle = theme.color(look.known ? 'mute' : 'warn')
  context.fillText(key, x + 11 + inset, y + 49)
  context.beginPath()
  context.moveTo(x + 1, y + height - kFoot + 0.5)
  context.lineTo(x + width - 1, y + height - kFoot + 0.5)
  context.strokeStyle = theme.color('line')
  context.lineWidth = 1
  context.stroke()
  paintFoot(context, picture, node, dataFont, inset)
}

function paintFoot(
  context: CanvasRenderingContext2D,
  picture: Picture,
  node: DrawnNode,
  font: string,
  inset: number
): void {
  const { theme, texts, live } = picture
  const { x, y, width, height, look, state, id } = node
  const base = y + height - 8
  const points = live.isChanged(id) || state.slow ? 0 : (live.figures?.nodeSpark(id, kSpark) ?? 0)
  const spark = points > 1 ? 52 : 0
  const line = state.line === '' ? look.typeName : state.line
  context.font = font
  context.fillStyle = theme.color(state.slow ? 'warn' : state.line === '' ? 'faint' : 'mute')
  context.fillText(texts.fit(line, font, width - 22 - spark - inset), x + 11 + inset, base)
  if (points > 1) {
    context.strokeStyle = theme.color('water')
    paintSpark(context, kSpark, points, x + width - 54, base - 11, 44, 13)
  }
}

/** A line through the newest rates, the highest at the top. */
export function paintSpark(
  context: CanvasRenderingContext2D,
  values: Float32Array,
  count: number,
  x: number,
  y: number,
  width: number,
  height: number
): void {
  let most = 0
  for (let i = 0; i < count; ++i) most = Math.max(most, values[i] ?? 0)
  context.beginPath()
  for (let i = 0; i < count; ++i) {
    const px = x + (i / (count - 1)) * width
    const py = y + height - (most === 0 ? 0 : ((values[i] ?? 0) / most) * height)
    if (i === 0) context.moveTo(px, py)
    else context.lineTo(px, py)
  }
  context.lineWidth = 1.3
  context.stroke()
}
