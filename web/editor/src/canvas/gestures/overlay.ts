// Overlay: what is drawn over the canvas only while something is in the hand, in an SVG of its own: frame, wire, guides.
import type { Point, Rect } from '@weir/flow-model'
import type { CanvasView } from '../canvas-view.ts'
import { toScreen } from '../camera.ts'
import { cubicOf } from '../paint/curve.ts'

const kSvg = 'http://www.w3.org/2000/svg'

/** Works on an empty `<svg>` that fills the canvas. */
export class Overlay {
  private readonly frame: SVGElement
  private readonly wire: SVGElement
  private readonly guides: SVGElement

  constructor(
    private readonly view: CanvasView,
    svg: SVGSVGElement
  ) {
    const make = (name: string, className: string): SVGElement => {
      const element = svg.ownerDocument.createElementNS(kSvg, name)
      element.setAttribute('class', className)
      element.setAttribute('visibility', 'hidden')
      svg.append(element)
      return element
    }
    this.guides = make('path', 'canvas-guides')
    this.wire = make('path', 'canvas-wire')
    this.frame = make('rect', 'canvas-frame')
  }

  /** A frame around a part of the canvas; none if not said. */
  showFrame(area?: Rect): void {
    if (area === undefined) {
      this.frame.setAttribute('visibility', 'hidden')
      return
    }
    const { x, y } = toScreen(this.view.camera, area)
    const { zoom } = this.view.camera
    const values = { x, y, width: area.width * zoom, height: area.height * zoom }
    for (const [name, value] of Object.entries(values)) this.frame.setAttribute(name, value.toFixed(1))
    this.frame.setAttribute('visibility', 'visible')
  }

  /** The edge in hand, from an output's place to an input's; none if not said. */
  showWire(from?: Point, to?: Point): void {
    if (from === undefined || to === undefined) {
      this.wire.setAttribute('visibility', 'hidden')
      return
    }
    const [x1, y1, x2, y2, x3, y3, x4, y4] = cubicOf(from.x, from.y, to.x, to.y)
    const points = [
      [x1, y1],
      [x2, y2],
      [x3, y3],
      [x4, y4]
    ].map(([x = 0, y = 0]) => {
      const at = toScreen(this.view.camera, { x, y })
      return `${at.x.toFixed(1)} ${at.y.toFixed(1)}`
    })
    this.wire.setAttribute('d', `M${points[0] ?? ''}C${points.slice(1).join(' ')}`)
    this.wire.setAttribute('visibility', 'visible')
  }

  /** Lines at these x and y of the canvas, over all of it. */
  showGuides(x: readonly number[], y: readonly number[]): void {
    const { camera } = this.view
    const { width, height } = this.view.session.view.getState().size
    const lines = [
      ...x.map((at) => `M${toScreen(camera, { x: at, y: 0 }).x.toFixed(1)} 0V${height}`),
      ...y.map((at) => `M0 ${toScreen(camera, { x: 0, y: at }).y.toFixed(1)}H${width}`)
    ]
    this.guides.setAttribute('d', lines.join(''))
    this.guides.setAttribute('visibility', lines.length > 0 ? 'visible' : 'hidden')
  }

  clear(): void {
    this.showFrame()
    this.showWire()
    this.showGuides([], [])
  }
}
