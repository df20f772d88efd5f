// The camera: what of the canvas is seen, and how it moves.
import type { Camera, Point, Rect } from '@weir/flow-model'

export const kLeastZoom = 0.05
export const kMostZoom = 4

export function toCanvas(camera: Camera, x: number, y: number): Point {
  return { x: camera.x + x / camera.zoom, y: camera.y + y / camera.zoom }
}

export function toScreen(camera: Camera, { x, y }: Point): Point {
  return { x: (x - camera.x) * camera.zoom, y: (y - camera.y) * camera.zoom }
}

/** By so many pixels. */
export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom }
}

/** Another zoom, with the point under these pixels staying there. */
export function zoomedAt(camera: Camera, x: number, y: number, zoom: number): Camera {
  const next = Math.min(kMostZoom, Math.max(kLeastZoom, zoom))
  const at = toCanvas(camera, x, y)
  return { x: at.x - x / next, y: at.y - y / next, zoom: next }
}

/** What of the canvas a view of so many pixels shows. */
export function areaOf(camera: Camera, size: { width: number; height: number }): Rect {
  return { x: camera.x, y: camera.y, width: size.width / camera.zoom, height: size.height / camera.zoom }
}

/** Moves as little as it takes to have a box in view, with a margin in pixels. */
export function revealed(camera: Camera, size: { width: number; height: number }, box: Rect, margin = 40): Camera {
  const area = areaOf(camera, size)
  const by = margin / camera.zoom
  const lead = (from: number, length: number, at: number, room: number): number => {
    if (length + 2 * by > room) return from + length / 2 - room / 2
    if (from - by < at) return from - by
    return from + length + by > at + room ? from + length + by - room : at
  }
  return {
    zoom: camera.zoom,
    x: lead(box.x, box.width, area.x, area.width),
    y: lead(box.y, box.height, area.y, area.height)
  }
}
