// Why an edge was refused, where it was dropped, with what could stand between.
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { connectThrough } from '../actions.ts'
import { useSurface } from './surface-context.ts'

const kMostOffered = 4

export function RefusalCard() {
  const { ui, view } = useSurface()
  const refusal = useStore(ui, (state) => state.refusal)
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    first.current?.focus({ preventScroll: true })
  }, [refusal])
  if (refusal === undefined) return null
  const { left, top, width, height } = view.root.getBoundingClientRect()
  const close = (): void => {
    ui.setState({ refusal: undefined })
    view.root.focus({ preventScroll: true })
  }
  const style = { left: Math.min(refusal.x - left + 8, width - 312), top: Math.min(refusal.y - top + 8, height - 160) }
  return (
    <div
      data-canvas-own
      role="dialog"
      aria-label="These ports do not fit"
      className="absolute w-[300px] rounded-panel border border-edge bg-panel p-3 shadow-base"
      style={style}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <p className="text-base">
        <span aria-hidden="true" className="pr-1 text-warn">
          ▲
        </span>
        {sentence(refusal.reason)}
      </p>
      {refusal.converters.length > 0 && <p className="pt-2 text-small text-mute">Put one of these between:</p>}
      <div className="flex flex-wrap gap-2 pt-2">
        {refusal.converters.slice(0, kMostOffered).map((converter, index) => (
          <button
            key={converter.type.id}
            ref={index === 0 ? first : undefined}
            type="button"
            className="rounded-base border border-edge px-2 py-1 text-data hover:border-water hover:text-water"
            onClick={() => {
              connectThrough(view.session, refusal, converter)
              close()
            }}
          >
            {converter.type.name}
          </button>
        ))}
        <button
          ref={refusal.converters.length === 0 ? first : undefined}
          type="button"
          className="rounded-base px-2 py-1 text-data text-mute hover:text-text"
          onClick={close}
        >
          Close
        </button>
      </div>
    </div>
  )
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
