// Marquee: a frame is drawn, and what it meets is chosen; with Alt what lies in it. Shift keeps what was chosen before.
import type { Chosen, Point } from '@weir/flow-model'
import { kMarqueeMost } from './limits.ts'
import type { Gesture, PointerAt, Surface } from './gesture.ts'

export class Marquee implements Gesture {
  readonly cursor = 'crosshair'
  private readonly from: Point
  private readonly before: Chosen[]
  private last = ''

  constructor(
    private readonly surface: Surface,
    from: PointerAt
  ) {
    const { view } = surface
    this.from = view.toCanvas(from.x, from.y)
    const { selection } = view.session
    this.before = (['nodes', 'edges', 'groups', 'notes', 'widgets'] as const).flatMap((kind) =>
      [...selection.ids(kind)].map((id) => ({ kind, id }))
    )
  }

  move(at: PointerAt): void {
    const { view, overlay } = this.surface
    const to = view.toCanvas(at.x, at.y)
    const area = {
      x: Math.min(this.from.x, to.x),
      y: Math.min(this.from.y, to.y),
      width: Math.abs(to.x - this.from.x),
      height: Math.abs(to.y - this.from.y)
    }
    overlay.showFrame(area)
    const met = view.session.index
      .within(area, at.alt)
      .filter(({ kind, id }) => kind === 'edges' || !view.scene.isHidden(kind, id))
    const chosen = at.shift || at.mod ? [...this.before, ...met] : met
    const key =
      chosen.length > kMarqueeMost
        ? `${chosen.length}`
        : chosen
            .map(({ kind, id }) => `${kind}/${id}`)
            .sort()
            .join(' ')
    if (key === this.last) return
    this.last = key
    view.session.selection.set(chosen)
  }

  end(at: PointerAt): void {
    this.move(at)
    this.surface.overlay.showFrame()
    const { selection } = this.surface.view.session
    if (selection.size > 0) this.surface.view.session.tell(`${selection.size} selected.`)
  }

  cancel(): void {
    this.surface.overlay.showFrame()
    this.surface.view.session.selection.set(this.before)
  }
}
