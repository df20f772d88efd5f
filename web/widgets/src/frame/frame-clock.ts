// FrameClock: everything that changed is drawn once in the next frame; work between frames has a budget.
import { attempt, tell } from './told.ts'

export interface Drawable {
  draw(): void
  /** `draw` threw: the others are drawn all the same. Without it the page is told. */
  failed?(reason: unknown): void
}

/** Where frames and time come from: the page, or a test. */
export interface FrameHost {
  request(call: () => void): number
  cancel(frame: number): void
  /** Milliseconds. */
  now(): number
}

export function pageFrames(): FrameHost {
  return {
    request: (call) => requestAnimationFrame(call),
    cancel: (frame) => {
      cancelAnimationFrame(frame)
    },
    now: () => performance.now()
  }
}

/** Milliseconds of a frame that may go into taking batches; the rest is for drawing and for the page. */
const BUDGET_MS = 5

export class FrameClock {
  private readonly changed = new Set<Drawable>()
  private waiting: (() => void)[] = []
  private frame: number | undefined
  private spentMs = 0
  private drawn = 0

  constructor(
    private readonly host: FrameHost = pageFrames(),
    private readonly budgetMs = BUDGET_MS
  ) {}

  /** Frames in which something was drawn. */
  get frames(): number {
    return this.drawn
  }

  now(): number {
    return this.host.now()
  }

  /** Draws `what` in the next frame, once however often it is asked. */
  request(what: Drawable): void {
    this.changed.add(what)
    this.schedule()
  }

  forget(what: Drawable): void {
    this.changed.delete(what)
  }

  /** Does `work` and counts its time against the budget of this frame. */
  spend(work: () => void): void {
    const from = this.host.now()
    try {
      work()
    } finally {
      this.spentMs += this.host.now() - from
      // The budget is given anew by a frame, so there has to be one.
      this.schedule()
    }
  }

  get exhausted(): boolean {
    return this.spentMs >= this.budgetMs
  }

  nextFrame(): Promise<void> {
    this.schedule()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** Lets those go on who wait for a frame that does not come, as in a tab that was just hidden. */
  release(): void {
    this.spentMs = 0
    const waiting = this.waiting
    this.waiting = []
    for (const resolve of waiting) resolve()
  }

  private schedule(): void {
    this.frame ??= this.host.request(() => {
      this.frame = undefined
      const changed = [...this.changed]
      this.changed.clear()
      if (changed.length > 0) this.drawn++
      for (const one of changed) drawOne(one)
      this.release()
    })
  }
}

/** What one throws ends that one: the frame goes on, and so does who waits for it. */
function drawOne(one: Drawable): void {
  try {
    one.draw()
  } catch (reason) {
    attempt(() => {
      if (one.failed) one.failed(reason)
      else tell(reason)
    })
  }
}
