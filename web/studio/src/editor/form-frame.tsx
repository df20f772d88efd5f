// Around a form: the name of the studio and nothing that leads to the canvas.
import type { ReactNode } from 'react'
import { Mark } from '@weir/ui/mark.tsx'

export function FormFrame({ children }: { children: ReactNode }) {
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-(--bar) shrink-0 items-center gap-3 border-b border-line bg-panel px-4">
        <Mark />
        <span className="text-figure font-semibold">Weir</span>
      </header>
      <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">
        {children}
      </main>
    </div>
  )
}
