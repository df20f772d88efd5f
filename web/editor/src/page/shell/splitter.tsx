// Splitter: the line between two parts of the page that a person drags, by pointer or keys.
import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'

interface SplitterProps {
  label: string
  /** `column`: it stands, and is dragged to the left and right. */
  way: 'column' | 'row'
  value: number
  least: number
  most: number
  /** Pixels, the larger the more to the left or up. */
  set: (value: number) => void
  /** On a double click, and on Enter. */
  toggle: () => void
}

const kStep = 16

/** The part behind it, at the right or below, has `value` pixels. */
export function Splitter({ label, way, value, least, most, set, toggle }: SplitterProps) {
  const from = useRef<{ at: number; value: number } | null>(null)
  const at = (event: PointerEvent) => (way === 'column' ? event.clientX : event.clientY)
  const move = (event: PointerEvent) => {
    if (from.current !== null) set(from.current.value + from.current.at - at(event))
  }
  const press = (event: KeyboardEvent) => {
    const [more, less] = way === 'column' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    if (event.key === more) set(value + kStep)
    else if (event.key === less) set(value - kStep)
    else if (event.key === 'Home') set(least)
    else if (event.key === 'End') set(most)
    else if (event.key === 'Enter') toggle()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const look =
    way === 'column' ? 'w-[5px] -mr-[4px] cursor-col-resize border-l' : 'h-[5px] -mb-[4px] cursor-row-resize border-t'
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={way === 'column' ? 'vertical' : 'horizontal'}
      aria-valuenow={value}
      aria-valuemin={least}
      aria-valuemax={most}
      className={`relative z-10 shrink-0 touch-none border-edge hover:border-water focus-visible:border-water max-sm:hidden ${look}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = { at: at(event), value }
      }}
      onPointerMove={move}
      onPointerUp={() => {
        from.current = null
      }}
      onPointerCancel={() => {
        from.current = null
      }}
      onDoubleClick={toggle}
      onKeyDown={press}
    />
  )
}
