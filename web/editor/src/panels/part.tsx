// A part of a panel, with its heading.
import type { ReactNode } from 'react'

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-2">
      <h3 className="text-small tracking-wide text-mute uppercase">{title}</h3>
      {children}
    </section>
  )
}
