// A place to search in: what is typed counts after a short pause, so that not every letter is a request.
import { useEffect, useId, useRef, useState } from 'react'

/** Calls `set` 200 ms after the last letter. */
export function FilterText({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  const id = useId()
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // The address was changed elsewhere, as by going back.
  if (seen !== value) {
    setSeen(value)
    setText(value)
  }
  useEffect(
    () => () => {
      clearTimeout(timer.current)
    },
    []
  )
  return (
    <div className="w-[240px]">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <input
        id={id}
        type="search"
        className="field"
        placeholder={label}
        data-filter=""
        value={text}
        onChange={(event) => {
          const next = event.target.value
          setText(next)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => {
            setSeen(next)
            set(next)
          }, 200)
        }}
      />
    </div>
  )
}
