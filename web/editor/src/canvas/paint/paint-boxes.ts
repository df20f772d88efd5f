// Paints boxes (open and collapsed), the ground of notes, and the hair lines that tie widgets to their ports.
import type { Rect } from '@weir/flow-model'
import { portPath } from './ports.ts'
import { paintMark } from './marks.ts'
import { kDetailZoom, kNameZoom } from './picture.ts'
import type { Picture } from './picture.ts'
import type { BoxPort, CollapsedBox } from '../scene/collapsed.ts'
import type { Mark } from '../scene/node-state.ts'
import { foldArea, kFoldZoom } from '../scene/scene.ts'

const kRadius = 12

export function paintBoxes(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { scene, theme, zoom, session, texts } = picture
  const { document, index } = scene
  if (document.tables.groups.size === 0) return
  const seen = [...index.visible('groups', { area: { ...area, y: area.y - 30, height: area.height + 60 }, zoom })]
  const boxes = seen
    .filter((id) => !scene.collapsed.boxes.has(id) && !scene.isHidden('groups', id))
    .map((id) => ({ id, box: index.box('groups', id), group: document.group(id) }))
  boxes.sort((a, b) => size(b.box) - size(a.box))
  for (const { id, box, group } of boxes) {
    if (box === undefined || group === undefined) continue
    const selected = session.selection.has('groups', id)
    const color = group.color === '' ? theme.color('edge') : theme.tint(group.color).ink
    context.beginPath()
    context.roundRect(box.x, box.y, box.width, box.height, kRadius)
    context.globalAlpha = 0.05
    context.fillStyle = group.color === '' ? theme.color('mute') : color
    context.fill()
    context.globalAlpha = 1
    context.strokeStyle = selected ? theme.color('water') : color
    context.lineWidth = (selected ? 2 : 1) / Math.min(1, zoom)
    context.setLineDash(selected ? [] : [3 / Math.min(1, zoom), 4 / Math.min(1, zoom)])
    context.stroke()
    context.setLineDash([])
    if (box.width * zoom < 60) continue
    const font = `500 ${(12 / Math.min(1, zoom / 0.75)).toFixed(1)}px ${theme.fontText}`
    const fold = zoom < kFoldZoom ? undefined : foldArea(box, zoom, false)
    const left = fold === undefined ? 10 : fold.width + 8
    const name = texts.fit(group.name === '' ? 'Box' : group.name, font, box.width - left - 10)
    context.font = font
    context.textBaseline = 'alphabetic'
    context.fillStyle = theme.color(selected ? 'water' : 'mute')
    context.fillText(name, box.x + left, box.y - 7)
    if (fold !== undefined) paintFold(context, fold, false)
  }
}

/** A triangle: to the right if the box is collapsed, down if it is open. */
function paintFold(context: CanvasRenderingContext2D, { x, y, width, height }: Rect, collapsed: boolean): void {
  const [cx, cy, r] = [x + width / 2, y + height / 2, Math.min(width, height) * 0.25]
  context.beginPath()
  if (collapsed) {
    context.moveTo(cx - r * 0.7, cy - r)
    context.lineTo(cx + r * 0.9, cy)
    context.lineTo(cx - r * 0.7, cy + r)
  } else {
    context.moveTo(cx - r, cy - r * 0.7)
    context.lineTo(cx + r, cy - r * 0.7)
    context.lineTo(cx, cy + r * 0.9)
  }
  context.closePath()
  context.fill()
}

function size(box: Rect | undefined): number {
  return box === undefined ? 0 : box.width * box.height
}

/** Grounds of notes and widgets, which are elements of the page where they can be read. */
export function paintThings(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { scene, theme, zoom, session } = picture
  const { document, index } = scene
  for (const kind of ['notes', 'widgets'] as const) {
    if (document.tables[kind].size === 0) continue
    for (const id of index.visible(kind, { area, zoom })) {
      const box = index.box(kind, id)
      if (box === undefined || scene.isHidden(kind, id)) continue
      const selected = session.selection.has(kind, id)
      context.beginPath()
      context.roundRect(box.x, box.y, box.width, box.height, 8)
      context.fillStyle = theme.color(kind === 'notes' ? 'panel' : 'raised')
      context.fill()
      context.strokeStyle = theme.color(selected ? 'water' : kind === 'notes' ? 'line' : 'edge')
      context.lineWidth = (selected ? 2 : 1) / Math.min(1, zoom)
      context.stroke()
    }
  }
  paintTies(context, picture)
}

function paintTies(context: CanvasRenderingContext2D, { scene, theme }: Picture): void {
  const { document, index } = scene
  if (document.tables.widgets.size === 0) return
  context.beginPath()
  for (const { id } of document.tables.widgets.list()) {
    const widget = document.widget(id)
    const box = index.box('widgets', id)
    if (widget === undefined || box === undefined || scene.isHidden('widgets', id)) continue
    const node = scene.nodeBox(widget.node)
    if (node === undefined) continue
    const port = scene.port(widget.node, 'outputs', widget.port)
    if (box.y >= node.y + node.height) {
      context.moveTo(node.x + node.width / 2, node.y + node.height)
      context.lineTo(Math.min(Math.max(node.x + node.width / 2, box.x), box.x + box.width), box.y)
    } else if (port !== undefined) {
      context.moveTo(port.x, port.y)
      context.lineTo(box.x, box.y + Math.min(18, box.height / 2))
    }
  }
  context.strokeStyle = theme.color('edge')
  context.lineWidth = 1
  context.setLineDash([2, 3])
  context.stroke()
  context.setLineDash([])
}

/** A collapsed box looks like a node with the ports of what goes in and out. */
export function paintCollapsed(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  for (const collapsed of picture.scene.collapsed.boxes.values()) {
    const { box } = collapsed
    const away = box.x > area.x + area.width + 10 || box.x + box.width < area.x - 10
    if (away || box.y > area.y + area.height + 10 || box.y + box.height < area.y - 10) continue
    paintOne(context, picture, collapsed)
  }
}

function paintOne(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { id, box, hidden, inputs, outputs }: CollapsedBox
): void {
  const { scene, theme, zoom, session } = picture
  const group = scene.document.group(id)
  const selected = session.selection.has('groups', id)
  const color = group === undefined || group.color === '' ? theme.color('edge') : theme.tint(group.color).ink
  const thin = 1 / Math.min(1, zoom)
  for (const by of [4, 0]) {
    context.beginPath()
    context.roundRect(box.x + by, box.y + by, box.width, box.height, 8)
    context.fillStyle = theme.color('raised')
    context.fill()
    context.strokeStyle = selected ? theme.color('water') : color
    context.lineWidth = selected && by === 0 ? 2 * thin : thin
    context.stroke()
  }
  if (zoom < kNameZoom) return
  paintHead(context, picture, { id, box, hidden })
  for (const [side, ports] of [
    ['inputs', inputs],
    ['outputs', outputs]
  ] as const)
    for (const port of ports) paintBoxPort(context, picture, box, side, port)
}

/** What is worst of the nodes in it is seen at the box. */
function worstMark({ live }: Picture, nodes: readonly string[]): Mark {
  const marks = new Set(nodes.map((node) => live.mark(node)))
  return kWorst.find((mark) => marks.has(mark)) ?? 'none'
}
const kWorst: readonly Mark[] = ['error', 'held', 'warning', 'running', 'done']

function paintHead(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { id, box, hidden }: Pick<CollapsedBox, 'id' | 'box' | 'hidden'>
): void {
  const { scene, theme, texts, zoom } = picture
  const group = scene.document.group(id)
  const mark = worstMark(picture, hidden)
  const size = Math.max(12.5, 10.5 / zoom)
  const font = `600 ${size.toFixed(1)}px ${theme.fontText}`
  const count = hidden.length === 1 ? '1 node' : `${hidden.length} nodes`
  const dataFont = `11px ${theme.fontData}`
  const right = (zoom >= kDetailZoom ? texts.width(count, dataFont) + 8 : 0) + (mark === 'none' ? 0 : 22)
  const fold = foldArea(box, zoom, true)
  const name = texts.fit(group === undefined || group.name === '' ? 'Box' : group.name, font, box.width - 42 - right)
  context.font = font
  context.textBaseline = 'middle'
  context.fillStyle = theme.color('text')
  context.fillText(name, box.x + 30, box.y + 19)
  context.fillStyle = theme.color('mute')
  paintFold(context, fold, true)
  if (zoom >= kDetailZoom) {
    context.font = dataFont
    context.fillText(count, box.x + box.width - right - 4, box.y + 19)
  }
  paintMark(context, theme, mark, box.x + box.width - 15, box.y + 18, Math.max(4.2, size * 0.32))
}

function paintBoxPort(
  context: CanvasRenderingContext2D,
  { scene, theme, texts, zoom }: Picture,
  box: Rect,
  side: 'inputs' | 'outputs',
  port: BoxPort
): void {
  const at = scene.collapsed.port(port.node, side, port.port)
  if (at === undefined) return
  if (zoom >= kDetailZoom) {
    const font = `10.5px ${theme.fontText}`
    const label = texts.fit(port.label, font, box.width / 2 - 16)
    context.font = font
    context.textBaseline = 'middle'
    context.fillStyle = theme.color('mute')
    context.fillText(label, side === 'inputs' ? at.x + 11 : at.x - 11 - texts.width(label, font), at.y + 0.5)
  }
  context.beginPath()
  portPath(context, port.shape, at.x, at.y, 4.5)
  context.fillStyle = theme.color('bg')
  context.fill()
  context.strokeStyle = theme.color(port.color)
  context.lineWidth = 1.8
  context.stroke()
}
