// Painter: the surface that a scene is painted on. One for Canvas 2D; another, such as one over WebGL, has the same face.
import type { PixelCamera, PixelRect } from './dirty.ts'
import { toUnits } from './dirty.ts'
import { paintArea } from './paint-area.ts'
import type { Picture } from './picture.ts'

export interface Painter {
  /** In device pixels, `ratio` of them for one of CSS; what was painted is gone if this is another size. */
  resize(width: number, height: number, ratio: number): void
  /** Where the surface stands in its parent, in device pixels: it is moved there as it is. */
  place(x: number, y: number): void
  /** Moves what is painted by whole device pixels; what comes into view is not painted yet. */
  scroll(dx: number, dy: number): void
  /** Paints these parts of the view again. */
  paint(picture: Picture, camera: PixelCamera, rects: readonly PixelRect[]): void
  dispose(): void
}

export class CanvasPainter implements Painter {
  private readonly context: CanvasRenderingContext2D
  private ratio = 1
  private placed = ''

  /** @throws where the browser gives no canvas */
  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { alpha: false })
    if (context === null) throw new Error('this browser gives no 2D canvas')
    this.context = context
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio
    this.canvas.style.width = `${width / ratio}px`
    this.canvas.style.height = `${height / ratio}px`
    if (this.canvas.width !== width) this.canvas.width = width
    if (this.canvas.height !== height) this.canvas.height = height
  }

  place(x: number, y: number): void {
    const placed = `translate(${x / this.ratio}px, ${y / this.ratio}px)`
    if (placed === this.placed) return
    this.placed = placed
    this.canvas.style.transform = placed
  }

  scroll(dx: number, dy: number): void {
    const { context } = this
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.globalCompositeOperation = 'copy'
    context.drawImage(this.canvas, dx, dy)
    context.globalCompositeOperation = 'source-over'
  }

  paint(picture: Picture, camera: PixelCamera, rects: readonly PixelRect[]): void {
    const { context } = this
    for (const rect of rects) {
      context.save()
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.beginPath()
      context.rect(rect.x, rect.y, rect.width, rect.height)
      context.clip()
      context.fillStyle = picture.theme.color('bg')
      context.fillRect(rect.x, rect.y, rect.width, rect.height)
      context.setTransform(camera.scale, 0, 0, camera.scale, camera.x, camera.y)
      paintArea(context, picture, toUnits(rect, camera))
      context.restore()
    }
  }

  dispose(): void {
    // A canvas without pixels gives its memory back at once.
    this.canvas.width = 0
    this.canvas.height = 0
  }
}
