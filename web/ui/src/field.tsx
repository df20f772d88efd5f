// A labelled place to write into, with its help and what is wrong with it.
import { useId, type InputHTMLAttributes } from 'react'

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string
  help?: string
  problem?: string
}

/** An input with its label; `className` is of the input alone. */
export function Field({ label, help = '', problem = '', className = '', ...rest }: FieldProps) {
  const id = useId()
  const below = problem !== '' ? problem : help
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-data text-mute">
        {label}
      </label>
      <input
        id={id}
        className={`field ${className}`}
        aria-invalid={problem !== '' ? true : undefined}
        aria-describedby={below === '' ? undefined : `${id}-below`}
        {...rest}
      />
      {below !== '' && (
        <p id={`${id}-below`} className={`text-small ${problem !== '' ? 'text-error' : 'text-mute'}`}>
          {below}
        </p>
      )}
    </div>
  )
}
