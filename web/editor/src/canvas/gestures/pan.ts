// Pans: the canvas goes along with the pointer.
import type { Camera } from '@weir/flow-model'
import { panned } from '../camera.ts'
import type { Gesture, PointerAt, Surface } from './gesture.ts'

export class Pan implements Gesture {
  readonly cursor = 'grabbing'
  private readonly before: Camera

  constructor(
    private readonly surface: Surface,
    private readonly from: PointerAt
  ) {
    this.before = surface.view.camera
  }

  move(at: PointerAt): void {
    this.surface.view.setCamera(panned(this.before, at.x - this.from.x, at.y - this.from.y))
  }

  end(at: PointerAt): void {
    this.move(at)
  }

  cancel(): void {
    this.surface.view.setCamera(this.before)
  }
}
