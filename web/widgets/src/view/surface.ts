// A canvas that fills its box at the resolution of the screen.
import { make } from './widget-view.ts'

/** Sizes in CSS pixels. */
export class Surface {
  readonly canvas: HTMLCanvasElement
  width = 0
  height = 0
  scale = 1

  constructor(page: Document) {
    this.canvas = make(page, 'canvas', 'weir-canvas')
  }

  /** Takes the size of the box; true if there is room to draw. */
  fit(): boolean {
    this.width = this.canvas.clientWidth
    this.height = this.canvas.clientHeight
    this.scale = this.canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1
    const width = Math.round(this.width * this.scale)
    const height = Math.round(this.height * this.scale)
    if (this.canvas.width !== width) this.canvas.width = width
    if (this.canvas.height !== height) this.canvas.height = height
    return width > 0 && height > 0
  }

  /** A cleared context in CSS pixels; undefined where there is no room or no canvas. */
  begin(): CanvasRenderingContext2D | undefined {
    if (!this.fit()) return undefined
    const context = this.canvas.getContext('2d')
    if (!context) return undefined
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0)
    context.clearRect(0, 0, this.width, this.height)
    return context
  }
}
