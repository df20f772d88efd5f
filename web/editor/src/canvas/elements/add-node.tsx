// The button that opens the palette, with the key that does the same.
import { openPalette } from '../gestures/targets.ts'
import { useSurface } from './surface-context.ts'

export function AddNode() {
  const { view } = useSurface()
  if ((view.session.options.readOnly ?? '') !== '') return null
  return (
    <button
      type="button"
      data-canvas-own
      className="flex shrink-0 items-center gap-2 rounded-base border border-edge bg-panel px-3 py-1 text-data hover:border-water"
      onClick={() => {
        openPalette(view)
      }}
    >
      <span aria-hidden="true">+</span> Add a node <kbd className="text-small text-faint">Space</kbd>
    </button>
  )
}
