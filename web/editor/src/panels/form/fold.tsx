// A part that is folded: it opens by itself when something in it is wrong, and closes only by hand.
import { useState } from 'react'
import type { ReactNode } from 'react'

export function Fold({ wrong, title, children }: { wrong: boolean; title: ReactNode; children: ReactNode }) {
  const [open, setOpen] = useState(wrong)
  const [was, setWas] = useState(wrong)
  if (was !== wrong) {
    setWas(wrong)
    if (wrong) setOpen(true)
  }
  return (
    <details
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
      }}
    >
      <summary className="text-data hover:text-text">{title}</summary>
      <div className="mt-3 grid gap-3">{children}</div>
    </details>
  )
}
