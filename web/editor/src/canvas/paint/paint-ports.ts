// Paints the ports of a node; the error port where it is used or could be.
import { portPath } from './ports.ts'
import type { DrawnPort } from '../scene/node-look.ts'
import type { DrawnNode } from './paint-nodes.ts'
import type { Picture } from './picture.ts'

const kSize = 4.5

export function paintPorts(context: CanvasRenderingContext2D, picture: Picture, node: DrawnNode): void {
  for (const side of ['inputs', 'outputs'] as const)
    for (const port of node.look[side]) paintPort(context, picture, node, side, port)
}

function paintPort(
  context: CanvasRenderingContext2D,
  picture: Picture,
  node: DrawnNode,
  side: 'inputs' | 'outputs',
  port: DrawnPort
): void {
  const { scene, theme, emphasis } = picture
  const at = scene.port(node.id, side, port.name)
  if (at === undefined) return
  const { fits } = emphasis
  const takes = fits?.({ node: node.id, side, port: port.name })
  const hot = emphasis.port?.node === node.id && emphasis.port.side === side && emphasis.port.port === port.name
  const quiet = port.isError && !hot && takes !== true && !isUsed(picture, node.id, port.name)
  if (quiet && !node.selected) return
  context.globalAlpha = takes === false ? 0.25 : 1
  const r = (quiet ? kSize * 0.7 : kSize) * (hot ? 1.6 : takes === true ? 1.2 : 1)
  context.beginPath()
  portPath(context, port.shape, at.x, at.y, r)
  context.fillStyle = hot ? theme.color('water') : theme.color('bg')
  context.fill()
  context.strokeStyle = hot || takes === true ? theme.color('water') : theme.color(port.color)
  context.lineWidth = 1.8
  context.stroke()
  context.globalAlpha = 1
}

function isUsed({ scene }: Picture, node: string, port: string): boolean {
  for (const id of scene.document.edgesAt(node)) {
    const edge = scene.document.edge(id)
    if (edge !== undefined && edge.source.node === node && edge.source.port === port) return true
  }
  return false
}
