// The frame of the pages before somebody has signed in: one column, the mark above it.
import { useEffect, type ReactNode } from 'react'
import { Mark } from '@weir/ui/mark.tsx'

/** A narrow page with a title. */
export function Narrow({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Weir`
  }, [title])
  return (
    <main className="grid h-full content-start justify-items-center overflow-auto px-4 pt-[14vh]">
      <div className="grid w-full max-w-[360px] gap-4 pb-8">
        <div className="flex items-center gap-3">
          <Mark size={32} />
          <span className="text-title font-semibold">Weir</span>
        </div>
        <div className="grid gap-4 rounded-panel border border-edge bg-panel p-4">
          <h1 className="text-figure font-semibold">{title}</h1>
          {children}
        </div>
      </div>
    </main>
  )
}
