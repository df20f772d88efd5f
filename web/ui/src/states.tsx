// What stands where there is nothing to show yet: loading, empty, refused or away.
import type { ReactNode } from 'react'
import { adviceOf, Refused, wordsOf } from './refused.ts'
import { Button } from './button.tsx'

/** Nothing is there, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-12 text-center">
      <p className="text-head font-semibold">{title}</p>
      <div className="max-w-[52ch] text-mute">{children}</div>
    </div>
  )
}

/** Lines where rows will be; no motion. */
export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="grid gap-3 p-4">
      <span className="sr-only">Loading {what}…</span>
      {[72, 88, 64, 80].map((width) => (
        <span
          key={width}
          aria-hidden="true"
          className="block h-3 rounded-base bg-line"
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  )
}

/** What went wrong and what to do, with a button that tries again. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const away = error instanceof Refused && error.status === 0
  return (
    <div role="alert" className="grid justify-items-center gap-2 px-4 py-12 text-center">
      <p className={`text-head font-semibold ${away ? 'text-warn' : 'text-error'}`}>
        <span aria-hidden="true">{away ? '▲' : '✕'}</span> {wordsOf(error)}
      </p>
      <p className="max-w-[52ch] text-mute">{adviceOf(error)}</p>
      {again !== undefined && <Button onClick={again}>Try again</Button>}
    </div>
  )
}

interface Readable<T> {
  data: T | undefined
  error: Error | null
  refetch: () => unknown
}

/** Shows what was read once it is there; what is shown stays when the server goes away afterwards. */
export function Shown<T>(props: { of: Readable<T>; what: string; children: (value: T) => ReactNode }) {
  const { data, error, refetch } = props.of
  if (data !== undefined) return <>{props.children(data)}</>
  if (error !== null) return <Failed error={error} again={() => void refetch()} />
  return <Loading what={props.what} />
}
