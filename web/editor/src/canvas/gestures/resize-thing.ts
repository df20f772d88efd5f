// Resizes a box, note, widget or resizable node by its lower right corner, on the grid.
import { resize, snap } from '@weir/flow-model'
import type { Point, Rect } from '@weir/flow-model'
import type { Gesture, PointerAt, Surface } from './gesture.ts'

export type Resizable = 'nodes' | 'groups' | 'notes' | 'widgets'

const kLeast = { width: 120, height: 40 }
let kResizes = 0

export class ResizeThing implements Gesture {
  readonly cursor = 'nwse-resize'
  private readonly from: Point
  private readonly key = `resize-${++kResizes}`
  private applied = false

  constructor(
    private readonly surface: Surface,
    private readonly kind: Resizable,
    private readonly id: string,
    private readonly box: Rect,
    from: PointerAt
  ) {
    surface.view.session.history.seal()
    this.from = surface.view.toCanvas(from.x, from.y)
  }

  move(at: PointerAt): void {
    const { view } = this.surface
    const to = view.toCanvas(at.x, at.y)
    const width = Math.max(kLeast.width, snap(this.box.width + to.x - this.from.x))
    const height = Math.max(kLeast.height, snap(this.box.height + to.y - this.from.y))
    const options = { label: 'Resize', coalesce: this.key, windowMs: Infinity }
    const { gesture } = view.session.do([resize(this.kind, this.id, width, height)], options)
    this.applied ||= gesture !== undefined
  }

  end(at: PointerAt): void {
    this.move(at)
    this.surface.view.session.history.seal()
  }

  cancel(): void {
    const { history } = this.surface.view.session
    history.seal()
    if (this.applied) history.undo()
  }
}
