// A small fact in a frame, such as a tag.
import type { ReactNode } from 'react'

/** A chip; it can be pressed if it has something to do. */
export function Chip({ children, press, on = false }: { children: ReactNode; press?: () => void; on?: boolean }) {
  const look = `inline-flex items-center gap-1 rounded-full border px-2 text-data font-sans whitespace-nowrap ${
    on ? 'border-water text-water bg-water-dim' : 'border-edge text-mute'
  }`
  if (press === undefined) return <span className={look}>{children}</span>
  return (
    <button type="button" className={`${look} hover:text-text`} aria-pressed={on} onClick={press}>
      {children}
    </button>
  )
}
