// A box to tick, with its words.
import type { ReactNode } from 'react'

/** A checkbox and what it means. */
export function Check(props: {
  checked: boolean
  set: (checked: boolean) => void
  children: ReactNode
  help?: string
}) {
  return (
    <label className="flex items-start gap-2">
      <input
        type="checkbox"
        className="mt-0.5 size-4 accent-water"
        checked={props.checked}
        onChange={(event) => {
          props.set(event.target.checked)
        }}
      />
      <span>
        {props.children}
        {props.help !== undefined && <span className="block text-small text-mute">{props.help}</span>}
      </span>
    </label>
  )
}
