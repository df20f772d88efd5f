// Paints pills: what was set aside under a node, and the figures of an edge that is pinned or more than half full.
import type { Rect } from '@weir/flow-model'
import { count, rate } from '@weir/ui/figures/figures.ts'
import { short } from '../scene/node-state.ts'
import { cubicOf, pointAt } from './curve.ts'
import { paintStop } from './marks.ts'
import { kDetailZoom, kNameZoom } from './picture.ts'
import type { Picture } from './picture.ts'
import type { ColorName } from './theme.ts'

const kPillRoom = 220
const kOverHeads = 60

export function paintPills(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { live, scene, zoom } = picture
  paintBreakpoints(context, picture)
  paintHeld(context, picture)
  if (zoom < kDetailZoom || live.figures === undefined) return
  paintAside(context, picture, area)
  const { edges } = scene
  const { tapped, hovered } = picture.session.view.getState()
  for (let row = 0; row < edges.used; ++row) {
    const id = edges.ids[row]
    if (id === undefined || Number.isNaN(edges.at(row, 0)) || !live.figures.hasEdge(id)) continue
    const fill = live.figures.edge(id, 'fill')
    if (fill <= 0.5 && id !== tapped && id !== hovered) continue
    const curve = cubicOf(edges.at(row, 0), edges.at(row, 1), edges.at(row, 2), edges.at(row, 3))
    const [x, y] = pointAt(curve, 0.5)
    if (x < area.x - 140 || x > area.x + area.width + 140 || y < area.y - 40 || y > area.y + area.height + 90) continue
    const text = `${short(live.figures.edge(id, 'waiting'))} waiting · ${rate(live.figures.edge(id, 'rate'))}`
    // Between nodes that stand near one another it goes over their heads.
    const narrow = Math.abs(edges.at(row, 2) - edges.at(row, 0)) < kPillRoom
    paintPill(context, picture, text, x, y - (narrow ? kOverHeads : 18), fill >= 0.8 ? 'warn' : 'water', true)
  }
}

/** Those of edges: in their middle. */
function paintBreakpoints(context: CanvasRenderingContext2D, { session, scene, theme, zoom }: Picture): void {
  for (const { edge } of session.view.getState().breakpoints) {
    const ends = edge === undefined ? undefined : scene.edgeEnds(edge)
    if (ends === undefined) continue
    const [x, y] = pointAt(cubicOf(ends.from.x, ends.from.y, ends.to.x, ends.to.y), 0.5)
    paintStop(context, theme, x, y, 5 / Math.min(1, zoom))
  }
}

/** An edge that a row is held on says so, as near as its words can be read. */
function paintHeld(context: CanvasRenderingContext2D, picture: Picture): void {
  const { live, scene, zoom } = picture
  if (zoom < kNameZoom) return
  const rows = new Map<string, number>()
  for (const { edge } of live.run?.held ?? []) rows.set(edge, (rows.get(edge) ?? 0) + 1)
  for (const [edge, count] of rows) {
    const ends = scene.edgeEnds(edge)
    if (ends === undefined) continue
    const [x, y] = pointAt(cubicOf(ends.from.x, ends.from.y, ends.to.x, ends.to.y), 0.5)
    const text = count === 1 ? '‖ row held' : `‖ ${count} rows held`
    paintPill(context, picture, text, x, y + 22, 'warn', true)
  }
}

function paintAside(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { nodes } = picture.scene
  for (let row = 0; row < nodes.used; ++row) {
    const [x, y] = [nodes.at(row, 0), nodes.at(row, 1) + nodes.at(row, 3)]
    if (!(x < area.x + area.width + 14) || x + 206 < area.x - 14 || y > area.y + area.height + 4 || y + 34 < area.y)
      continue
    const id = nodes.ids[row]
    if (id === undefined) continue
    const { aside } = picture.live.state(id)
    if (aside > 0) paintPill(context, picture, `${count(aside)} set aside`, x + 9, y + 17, 'error', false)
  }
}

function paintPill(
  context: CanvasRenderingContext2D,
  { theme, texts }: Picture,
  text: string,
  x: number,
  y: number,
  color: ColorName,
  centred: boolean
): void {
  const font = `11px ${theme.fontData}`
  const width = texts.width(text, font) + 18
  const left = centred ? x - width / 2 : x
  context.beginPath()
  context.roundRect(left, y - 9, width, 18, 9)
  context.fillStyle = theme.color('panel')
  context.fill()
  context.strokeStyle = theme.color(color)
  context.lineWidth = 1
  context.stroke()
  context.font = font
  context.textBaseline = 'middle'
  context.fillStyle = theme.color(color === 'error' ? 'error' : 'text')
  context.fillText(text, left + 9, y + 0.5)
}
