// The frame of a page: its title, what can be done on it, and a region that scrolls.
import { useEffect, type ReactNode } from 'react'

interface PageProps {
  title: string
  /** Beside the title. */
  facts?: ReactNode
  /** At the right end. */
  actions?: ReactNode
  /** A line of filters below the title. */
  filters?: ReactNode
  children: ReactNode
}

/** A page; its title is also that of the tab. */
export function Page({ title, facts, actions, filters, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Weir`
  }, [title])
  return (
    <div className="flex h-full min-w-0 flex-col">
      <header className="flex flex-wrap items-center gap-3 border-b border-line bg-panel px-4 py-2">
        <h1 className="min-w-0 truncate text-figure font-semibold">{title}</h1>
        {facts}
        <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
        {filters !== undefined && <div className="flex w-full flex-wrap items-center gap-2">{filters}</div>}
      </header>
      <div className="min-h-0 flex-1 overflow-auto" tabIndex={0} role="region" aria-label={title}>
        {children}
      </div>
    </div>
  )
}
