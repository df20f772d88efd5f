// The frame of a field: its label, whether it was changed, a way back to the default, its help and what is wrong with it.
import type { ReactNode } from 'react'

export interface FrameProps {
  id: string
  /** Below the element; what a problem names. */
  path: string
  label: string
  help: string
  required: boolean
  changed: boolean
  mixed: boolean
  problems: readonly { severity: 'error' | 'warning'; text: string }[]
  reset?: (() => void) | undefined
  /** Beside the label, at the right end. */
  actions?: ReactNode
  /** Before the label, in the place of what stands under it. */
  lead?: ReactNode
  /** The label is read out, but not shown: a heading says it already. */
  bare?: boolean
  children?: ReactNode
}

/** What describes the field to screen readers: its help, and what is wrong. */
export function describedBy(id: string, help: string, problems: readonly unknown[]): string | undefined {
  const ids = [help === '' ? '' : `${id}-help`, problems.length === 0 ? '' : `${id}-wrong`].filter(
    (each) => each !== ''
  )
  return ids.length === 0 ? undefined : ids.join(' ')
}

export function FieldFrame(props: FrameProps) {
  const { id, label, help, required, changed, mixed, problems, reset, actions } = props
  return (
    <div className="group grid gap-1" data-path={props.path}>
      <div className={`flex items-center gap-2 text-data ${props.bare === true ? '' : 'min-h-5'}`}>
        {props.lead}
        <label
          htmlFor={id}
          className={
            props.bare === true ? 'sr-only' : `min-w-0 truncate ${props.lead === undefined ? 'text-mute' : ''}`
          }
        >
          {label}
          {required && (
            <span className="text-faint" title="Has to be given">
              {' '}
              *
            </span>
          )}
        </label>
        {changed && (
          <span className="text-water" title="Not the default" role="img" aria-label="Not the default">
            ●
          </span>
        )}
        {mixed && <span className="text-small text-faint">differs</span>}
        <span className="ml-auto flex items-center gap-2">
          {reset !== undefined && changed && (
            <button
              type="button"
              className="text-small text-faint hover:text-text"
              onClick={reset}
              aria-label={`Reset ${label}`}
            >
              Reset
            </button>
          )}
          {actions}
        </span>
      </div>
      {props.children}
      {problems.length > 0 && (
        <ul id={`${id}-wrong`} className="grid gap-0.5 text-small">
          {problems.map(({ severity, text }) => (
            <li key={text} className={severity === 'error' ? 'text-error' : 'text-warn'}>
              <span aria-hidden="true">{severity === 'error' ? '✕' : '▲'}</span> {text}
            </li>
          ))}
        </ul>
      )}
      {help !== '' && <Help id={id} text={help} />}
    </div>
  )
}

/** A line of help; a longer one opens. */
function Help({ id, text }: { id: string; text: string }) {
  if (text.length < 90)
    return (
      <p id={`${id}-help`} className="text-small text-faint">
        {text}
      </p>
    )
  const cut = text.slice(0, 76)
  return (
    <details className="group/help text-small text-faint">
      <summary className="list-none">
        <span className="group-open/help:hidden">{cut.slice(0, cut.lastIndexOf(' '))}… </span>
        <span className="text-mute group-open/help:hidden">more</span>
        <span id={`${id}-help`} className="hidden group-open/help:inline">
          {text}
        </span>
      </summary>
    </details>
  )
}
