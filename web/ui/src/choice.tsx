// A labelled choice of one of a few.
import { useId } from 'react'

interface ChoiceProps {
  label: string
  value: string
  options: readonly (readonly [value: string, shown: string])[]
  choose: (value: string) => void
  /** The label is read out, but not shown. */
  bare?: boolean
  help?: string
  className?: string
}

/** A native select: it opens on phones and by keyboard as people know it. */
export function Choice({ label, value, options, choose, bare = false, help = '', className = '' }: ChoiceProps) {
  const id = useId()
  return (
    <div className={`grid gap-1 ${className}`}>
      <label htmlFor={id} className={bare ? 'sr-only' : 'text-data text-mute'}>
        {label}
      </label>
      <select
        id={id}
        className="field"
        value={value}
        aria-describedby={help === '' ? undefined : `${id}-help`}
        onChange={(event) => {
          choose(event.target.value)
        }}
      >
        {options.map(([option, shown]) => (
          <option key={option} value={option}>
            {shown}
          </option>
        ))}
      </select>
      {help !== '' && (
        <p id={`${id}-help`} className="text-small text-mute">
          {help}
        </p>
      )}
    </div>
  )
}
