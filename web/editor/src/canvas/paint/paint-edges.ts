// Paints edges: how much flows by thickness and colour, and how full their queues are by the water level at their end.
import type { Rect } from '@weir/flow-model'
import type { EdgeLook } from '../scene/live-look.ts'
import { cubicOf, lengthOf, startOfLast, tailOf } from './curve.ts'
import { kNameZoom } from './picture.ts'
import type { Picture } from './picture.ts'

/** An edge that meets the area, with how it looks. */
interface Drawn {
  id: string
  row: number
  look: EdgeLook
}

const kReach = 160
/** Units of an edge that its queue fills at most. */
const kGauge = 88

export function paintEdges(context: CanvasRenderingContext2D, picture: Picture, area: Rect): void {
  const { edges } = picture.scene
  const isChosen = chosenIn(picture)
  const groups = new Map<number, Drawn[]>()
  const chosen: Drawn[] = []
  for (let row = 0; row < edges.used; ++row) {
    if (!meets(edges.numbers, row * 4, area)) continue
    const id = edges.ids[row]
    if (id === undefined || id === picture.emphasis.lifted) continue
    const drawn = { id, row, look: picture.live.edge(id) }
    if (isChosen(id)) chosen.push(drawn)
    else {
      const key = drawn.look.flow + (drawn.look.dropped ? 16 : 0)
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [drawn])
      else group.push(drawn)
    }
  }
  for (const group of groups.values()) strokeGroup(context, picture, group)
  for (const group of groups.values()) for (const drawn of group) paintLevel(context, picture, drawn)
  for (const drawn of chosen) {
    strokeChosen(context, picture, drawn)
    paintLevel(context, picture, drawn)
  }
}

function meets(numbers: Float64Array, at: number, area: Rect): boolean {
  const [x1, y1, x2, y2] = [numbers[at] ?? NaN, numbers[at + 1] ?? NaN, numbers[at + 2] ?? NaN, numbers[at + 3] ?? NaN]
  if (!(Math.min(y1, y2) - 10 <= area.y + area.height && Math.max(y1, y2) + 10 >= area.y)) return false
  const reach = Math.max(40, Math.min(kReach, Math.abs(x2 - x1) / 2))
  return Math.min(x1, x2 - reach) - 10 <= area.x + area.width && Math.max(x1 + reach, x2) + 10 >= area.x
}

function chosenIn({ session, emphasis, live }: Picture): (id: string) => boolean {
  const { tapped, hovered, lit } = session.view.getState()
  const selected = session.selection.ids('edges')
  return (id) =>
    id === tapped ||
    id === hovered ||
    id === emphasis.edge ||
    selected.has(id) ||
    lit?.edges.has(id) === true ||
    live.isHeldAt(id)
}

function trace(context: CanvasRenderingContext2D, numbers: Float64Array, at: number, straight: boolean): void {
  const [x1, y1, x2, y2] = [numbers[at] ?? 0, numbers[at + 1] ?? 0, numbers[at + 2] ?? 0, numbers[at + 3] ?? 0]
  context.moveTo(x1, y1)
  if (straight || y1 === y2) {
    context.lineTo(x2, y2)
    return
  }
  const reach = Math.max(40, Math.min(kReach, Math.abs(x2 - x1) / 2))
  context.bezierCurveTo(x1 + reach, y1, x2 - reach, y2, x2, y2)
}

function strokeGroup(context: CanvasRenderingContext2D, picture: Picture, group: readonly Drawn[]): void {
  const { scene, theme, zoom, emphasis } = picture
  const [first] = group
  if (first === undefined) return
  const { numbers } = scene.edges
  const far = zoom < kNameZoom
  const dim = emphasis.fits !== undefined || picture.session.view.getState().lit !== undefined
  // Far out a curve cannot be told from a line.
  const straight = zoom < 0.16
  context.beginPath()
  let inPath = 0
  for (const { row } of group) {
    trace(context, numbers, row * 4, straight)
    // A path of too many pieces costs more than the sum of its parts.
    if (++inPath < 64) continue
    stroke()
    context.beginPath()
    inPath = 0
  }
  stroke()

  function stroke(): void {
    const { flow, dropped } = first?.look ?? { flow: 0, dropped: false }
    context.globalAlpha = dim ? 0.25 : flow > 0 ? 0.7 : far ? 0.6 : 0.9
    context.strokeStyle = theme.color(dropped ? 'error' : flow > 0 ? 'water' : 'edge')
    context.lineWidth = Math.max(far ? 1 / zoom : 0, flow === 0 ? 1.6 : 1.6 + flow * 0.35)
    context.stroke()
    context.globalAlpha = 1
  }
}

function strokeChosen(context: CanvasRenderingContext2D, picture: Picture, { id, row, look }: Drawn): void {
  const { scene, theme, zoom, session, live } = picture
  const { tapped, lit } = session.view.getState()
  const held = live.isHeldAt(id)
  const strong = session.selection.has('edges', id) || tapped === id || held || lit?.edges.has(id) === true
  context.beginPath()
  trace(context, scene.edges.numbers, row * 4, false)
  if (strong || picture.emphasis.edge === id) {
    context.strokeStyle = theme.color(held ? 'warn' : 'water')
    context.globalAlpha = 0.3
    context.lineWidth = 8 / Math.min(1, zoom)
    context.stroke()
    context.globalAlpha = 1
  }
  context.strokeStyle = theme.color(look.dropped ? 'error' : held ? 'warn' : 'water')
  context.lineWidth = (2 + look.flow * 0.35) / Math.min(1, zoom)
  context.stroke()
}

/** The last part of the edge, as full as its queue; amber from four fifths on. */
function paintLevel(context: CanvasRenderingContext2D, { scene, theme, zoom }: Picture, drawn: Drawn): void {
  const { row } = drawn
  if (drawn.look.fill <= 0) return
  // Far out a level is low or high: it is not drawn again for less.
  const full = drawn.look.fill >= 0.8
  const fill = zoom < kNameZoom ? (full ? 1 : 0.35) : drawn.look.fill
  const { edges } = scene
  const curve = cubicOf(edges.at(row, 0), edges.at(row, 1), edges.at(row, 2), edges.at(row, 3))
  const room = Math.min(kGauge, lengthOf(curve) * 0.8)
  const tail = tailOf(curve, startOfLast(curve, Math.max(4, room * fill)))
  context.beginPath()
  context.moveTo(tail[0], tail[1])
  context.bezierCurveTo(tail[2], tail[3], tail[4], tail[5], tail[6], tail[7])
  context.strokeStyle = theme.color(full ? 'warn' : 'water')
  context.lineWidth = Math.max(7, 2.5 / zoom)
  context.stroke()
}
