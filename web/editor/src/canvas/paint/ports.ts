// How ports look: each type has a shape and a colour, so that neither is needed to tell them apart.
import type { ColorName } from './theme.ts'

export type PortShape = 'square' | 'circle' | 'diamond' | 'triangle' | 'hexagon' | 'bolt' | 'grid' | 'drop' | 'cross'

interface PortLook {
  shape: PortShape
  color: ColorName
}

const kLooks: Readonly<Record<string, PortLook>> = {
  rows: { shape: 'square', color: 'mute' },
  any: { shape: 'circle', color: 'any' },
  string: { shape: 'diamond', color: 'string' },
  number: { shape: 'triangle', color: 'number' },
  object: { shape: 'hexagon', color: 'bool' },
  map: { shape: 'hexagon', color: 'bool' },
  signal: { shape: 'bolt', color: 'time' },
  tensor: { shape: 'grid', color: 'number' },
  blob: { shape: 'drop', color: 'string' },
  error_packet: { shape: 'cross', color: 'error' }
}
const kOther: PortLook = { shape: 'circle', color: 'any' }

export function portLook(type: string): PortLook {
  return (Object.hasOwn(kLooks, type) ? kLooks[type] : undefined) ?? kOther
}

/** Adds the outline of a port around a point to the current path; `r` is half of its size. */
export function portPath(context: CanvasRenderingContext2D, shape: PortShape, x: number, y: number, r: number): void {
  if (shape === 'circle') {
    context.moveTo(x + r, y)
    context.arc(x, y, r, 0, 2 * Math.PI)
    return
  }
  if (shape === 'square' || shape === 'grid') {
    context.roundRect(x - r, y - r, 2 * r, 2 * r, shape === 'square' ? r / 2 : 0)
    if (shape === 'square') return
    context.moveTo(x, y - r)
    context.lineTo(x, y + r)
    context.moveTo(x - r, y)
    context.lineTo(x + r, y)
    return
  }
  const points = kCorners[shape]
  for (let i = 0; i < points.length; i += 2) {
    const [px, py] = [x + (points[i] ?? 0) * r, y + (points[i + 1] ?? 0) * r]
    if (i === 0) context.moveTo(px, py)
    else context.lineTo(px, py)
  }
  context.closePath()
}

const kCorners: Readonly<Record<Exclude<PortShape, 'circle' | 'square' | 'grid'>, readonly number[]>> = {
  diamond: [0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0],
  triangle: [0, -1.2, 1.2, 0.9, -1.2, 0.9],
  hexagon: [-1.2, 0, -0.6, -1.05, 0.6, -1.05, 1.2, 0, 0.6, 1.05, -0.6, 1.05],
  bolt: [-0.9, -1.1, 1.2, 0, -0.9, 1.1],
  drop: [-1, -1, 1, -1, 1, 0.2, 0, 1.2, -1, 0.2],
  cross: [
    -1.1, -0.5, -0.5, -1.1, 0, -0.5, 0.5, -1.1, 1.1, -0.5, 0.5, 0, 1.1, 0.5, 0.5, 1.1, 0, 0.5, -0.5, 1.1, -1.1, 0.5,
    -0.5, 0
  ]
}
