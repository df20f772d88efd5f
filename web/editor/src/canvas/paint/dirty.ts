// What of the canvas is to be drawn again, as few rectangles of whole device pixels.
import type { Camera, Rect } from '@weir/flow-model'

/** In device pixels. */
export interface PixelRect {
  x: number
  y: number
  width: number
  height: number
}

const kMostRects = 12
/** From this share of the view on it is drawn as a whole. */
const kWholeShare = 0.6

/** A camera in device pixels: whole ones, so that what is drawn can be moved without being drawn again. */
export interface PixelCamera {
  /** Device pixels for one canvas unit. */
  scale: number
  /** Where the canvas' origin is, in device pixels. */
  x: number
  y: number
}

export function pixelCamera({ x, y, zoom }: Camera, ratio: number): PixelCamera {
  const scale = zoom * ratio
  return { scale, x: -Math.round(x * scale), y: -Math.round(y * scale) }
}

/** Collects areas in canvas units until they are taken for a frame. */
export class DirtyAreas {
  private areas: Rect[] = []
  whole = true

  add(area: Rect | undefined): void {
    if (area === undefined) this.whole = true
    else if (!this.whole) this.areas.push(area)
    // So many are not worth being told apart.
    if (this.areas.length > 20_000) this.whole = true
    if (this.whole) this.areas.length = 0
  }

  get any(): boolean {
    return this.whole || this.areas.length > 0
  }

  /**
   * What is to be drawn: `strips` that are not painted yet, and what changed within `valid`, which is painted; nothing
   * is left. Undefined: so much that the whole view is.
   */
  take(camera: PixelCamera, valid: PixelRect, strips: readonly PixelRect[]): PixelRect[] | undefined {
    const { areas, whole } = this
    this.areas = []
    this.whole = false
    if (whole) return undefined
    const rects: PixelRect[] = []
    for (const area of areas) {
      const rect = clipped(toPixels(area, camera), valid)
      if (rect !== undefined) join(rects, rect)
    }
    const drawn = rects.reduce((sum, rect) => sum + rect.width * rect.height, 0)
    return drawn > kWholeShare * valid.width * valid.height ? undefined : [...strips, ...rects]
  }
}

export function toPixels({ x, y, width, height }: Rect, camera: PixelCamera): PixelRect {
  const left = Math.floor(x * camera.scale + camera.x) - 1
  const top = Math.floor(y * camera.scale + camera.y) - 1
  const right = Math.ceil((x + width) * camera.scale + camera.x) + 1
  const bottom = Math.ceil((y + height) * camera.scale + camera.y) + 1
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** What of the canvas such a rectangle shows. */
export function toUnits({ x, y, width, height }: PixelRect, camera: PixelCamera): Rect {
  return {
    x: (x - camera.x) / camera.scale,
    y: (y - camera.y) / camera.scale,
    width: width / camera.scale,
    height: height / camera.scale
  }
}

function clipped(rect: PixelRect, within: PixelRect): PixelRect | undefined {
  const x = Math.max(rect.x, within.x)
  const y = Math.max(rect.y, within.y)
  const width = Math.min(rect.x + rect.width, within.x + within.width) - x
  const height = Math.min(rect.y + rect.height, within.y + within.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : undefined
}

function around(a: PixelRect, b: PixelRect): PixelRect {
  const x = Math.min(a.x, b.x)
  const y = Math.min(a.y, b.y)
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y
  }
}

function size({ width, height }: PixelRect): number {
  return width * height
}

/** Puts a rectangle into one that it meets, or into the one that grows least once there are too many. */
function join(rects: PixelRect[], rect: PixelRect): void {
  let best = -1
  let least = Infinity
  for (let i = 0; i < rects.length; ++i) {
    const other = rects[i]
    if (other === undefined) continue
    const growth = size(around(other, rect)) - size(other) - size(rect)
    if (growth < least) {
      least = growth
      best = i
    }
  }
  const other = rects[best]
  if (other === undefined || (least > 0 && rects.length < kMostRects)) {
    rects.push(rect)
    return
  }
  rects.splice(best, 1)
  join(rects, around(other, rect))
}

/** What of `valid` is left after it moved within a surface of this size; of no size if nothing is. */
export function movedWithin(valid: PixelRect, dx: number, dy: number, width: number, height: number): PixelRect {
  const moved = { ...valid, x: valid.x + dx, y: valid.y + dy }
  return clipped(moved, { x: 0, y: 0, width, height }) ?? { x: 0, y: 0, width: 0, height: 0 }
}

/**
 * `valid`, grown so that it holds `needed` and `slack` more where it grows, within a surface of this size; and what is
 * to be painted for that. Undefined: nothing of `needed` is painted.
 */
export function grown(
  valid: PixelRect,
  needed: PixelRect,
  slack: number,
  width: number,
  height: number
): { valid: PixelRect; strips: PixelRect[] } | undefined {
  if (clipped(valid, needed) === undefined) return undefined
  const right = valid.x + valid.width
  const bottom = valid.y + valid.height
  const x1 = needed.x < valid.x ? Math.max(0, needed.x - slack) : valid.x
  const y1 = needed.y < valid.y ? Math.max(0, needed.y - slack) : valid.y
  const x2 = needed.x + needed.width > right ? Math.min(width, needed.x + needed.width + slack) : right
  const y2 = needed.y + needed.height > bottom ? Math.min(height, needed.y + needed.height + slack) : bottom
  const strips = [
    { x: x1, y: valid.y, width: valid.x - x1, height: valid.height },
    { x: right, y: valid.y, width: x2 - right, height: valid.height },
    { x: x1, y: y1, width: x2 - x1, height: valid.y - y1 },
    { x: x1, y: bottom, width: x2 - x1, height: y2 - bottom }
  ].filter((strip) => strip.width > 0 && strip.height > 0)
  return { valid: { x: x1, y: y1, width: x2 - x1, height: y2 - y1 }, strips }
}
