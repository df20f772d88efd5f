// A part of a page with a heading.
import type { ReactNode } from 'react'

/** A section; `actions` stand at the right end of its heading. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-b border-line">
      <div className="flex min-h-10 items-center gap-3 px-4 pt-2">
        <h2 className="text-head font-semibold">{title}</h2>
        <div className="ml-auto flex items-center gap-2">{actions}</div>
      </div>
      <div className="pb-3">{children}</div>
    </section>
  )
}
