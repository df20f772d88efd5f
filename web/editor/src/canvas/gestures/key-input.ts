// KeyInput: the hand of the keyboard: Space held pans, tapped it opens the palette, Escape gives up what is in the hand. What
// other keys do is in the table of the tools. A key that somebody else has taken is left alone.
import { endConnecting } from './connect-by-key.ts'
import type { Surface } from './gesture.ts'
import { kTapMs } from './limits.ts'
import type { PointerInput } from './pointer-input.ts'
import { openPalette } from './targets.ts'

export class KeyInput {
  private spaceAt = 0
  private readonly stop = new AbortController()

  constructor(
    private readonly surface: Surface,
    private readonly pointer: PointerInput
  ) {
    const { root } = surface.view
    const { signal } = this.stop
    root.addEventListener(
      'keydown',
      (event) => {
        this.down(event)
      },
      { signal }
    )
    root.addEventListener(
      'keyup',
      (event) => {
        this.up(event)
      },
      { signal }
    )
    root.addEventListener(
      'focusout',
      () => {
        this.release()
      },
      { signal }
    )
    root.addEventListener(
      'focusin',
      (event) => {
        surface.view.setFocusVisible(event.target instanceof Element && event.target.matches(':focus-visible'))
      },
      { signal }
    )
  }

  dispose(): void {
    this.stop.abort()
  }

  private down(event: KeyboardEvent): void {
    if (event.defaultPrevented || takesText(event.target)) return
    const { view, ui } = this.surface
    if (event.key === ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      if (!event.repeat) {
        this.spaceAt = performance.now()
        this.pointer.panning = true
        this.pointer.panned = false
        this.pointer.showCursor('grab')
      }
      return
    }
    // Whatever else is pressed with Space held, it was no tap.
    this.spaceAt = 0
    if (event.key !== 'Escape') return
    const refused = ui.getState().refusal !== undefined
    if (refused) ui.setState({ refusal: undefined })
    if (this.pointer.cancel() || endConnecting(view) || refused) event.preventDefault()
  }

  private up(event: KeyboardEvent): void {
    if (event.key !== ' ' || !this.pointer.panning) return
    const { panned } = this.pointer
    const { pointer } = this.surface.view
    const tapped = this.spaceAt > 0 && performance.now() - this.spaceAt < kTapMs && !panned
    this.release()
    event.preventDefault()
    if (tapped) openPalette(this.surface.view, pointer?.x, pointer?.y)
  }

  private release(): void {
    this.spaceAt = 0
    if (!this.pointer.panning) return
    this.pointer.panning = false
    this.pointer.showCursor('')
  }
}

function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable=true], [data-canvas-own]') !== null
  )
}
