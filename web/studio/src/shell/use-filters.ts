// Filters that are kept in the address, so that a view can be sent to somebody and found again.
import { useEffect, useRef } from 'react'
import { useSearchParams } from 'react-router'

export interface Filters {
  get: (name: string) => string
  all: (name: string) => string[]
  /** Sets some; an empty value takes a filter away. */
  set: (change: Record<string, string | readonly string[]>) => void
}

/** The filters of the page. */
export function useFilters(): Filters {
  const [search, setSearch] = useSearchParams()
  // A change may be made by what was drawn before the last one, such as a field that waits for the end of typing.
  const newest = useRef(search)
  useEffect(() => {
    newest.current = search
  }, [search])
  return {
    get: (name) => search.get(name) ?? '',
    all: (name) => search.getAll(name),
    set: (change) => {
      const next = new URLSearchParams(newest.current)
      for (const [name, value] of Object.entries(change)) {
        next.delete(name)
        for (const one of typeof value === 'string' ? [value] : value) {
          if (one !== '') next.append(name, one)
        }
      }
      newest.current = next
      setSearch(next, { replace: true })
    }
  }
}
