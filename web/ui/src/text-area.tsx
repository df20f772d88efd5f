// A labelled place for several lines, such as a row as JSON.
import { useId, type TextareaHTMLAttributes } from 'react'

interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: string
  problem?: string
}

/** Lines in the font of data. */
export function TextArea({ label, problem = '', ...rest }: TextAreaProps) {
  const id = useId()
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-data text-mute">
        {label}
      </label>
      <textarea
        id={id}
        className="field font-mono text-data"
        spellCheck={false}
        aria-invalid={problem !== '' ? true : undefined}
        aria-describedby={problem === '' ? undefined : `${id}-problem`}
        {...rest}
      />
      {problem !== '' && (
        <p id={`${id}-problem`} className="text-small text-error">
          {problem}
        </p>
      )}
    </div>
  )
}
