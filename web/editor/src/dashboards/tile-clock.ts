// TileClock: the clock of one tile: what nobody can see waits, and is drawn once when it comes into view.
import { FrameClock } from '@weir/widgets/core'
import type { Drawable } from '@weir/widgets/core'

/** All tiles of a board have the same clock behind them: one frame draws all that changed. */
export class TileClock extends FrameClock {
  private seen = true
  private readonly waits = new Set<Drawable>()

  constructor(private readonly board: FrameClock) {
    super()
  }

  override now(): number {
    return this.board.now()
  }

  override request(what: Drawable): void {
    if (this.seen) this.board.request(what)
    else this.waits.add(what)
  }

  override forget(what: Drawable): void {
    this.waits.delete(what)
    this.board.forget(what)
  }

  /** Whether the tile can be seen; what changed meanwhile is drawn in the next frame. */
  show(seen: boolean): void {
    this.seen = seen
    if (!seen) return
    const waits = [...this.waits]
    this.waits.clear()
    for (const what of waits) this.board.request(what)
  }
}
