// Listens to the keys of the whole page.
import { useEffect } from 'react'
import { useNavigate } from 'react-router'
import { usePreferences } from '@weir/ui/preferences.ts'
import { isCommand, letterReader, writesInto } from './keys.ts'
import { PLACES } from './places.ts'

interface Opens {
  commands(): void
  keys(): void
}

/** Ctrl+K everywhere; letters where nothing is being written. */
export function useKeys(opens: Opens): void {
  const navigate = useNavigate()
  useEffect(() => {
    const read = letterReader()
    const press = (event: KeyboardEvent) => {
      if (isCommand(event)) {
        event.preventDefault()
        opens.commands()
        return
      }
      if (!usePreferences.getState().letterKeys || event.ctrlKey || event.metaKey || event.altKey) return
      if (writesInto(event.target)) return
      const keys = read(event.key)
      const place = PLACES.find((one) => one.keys === keys)
      if (place !== undefined) {
        event.preventDefault()
        void navigate(place.path)
      } else if (keys === '?') {
        opens.keys()
      } else if (keys === '/') {
        const filter = document.querySelector<HTMLElement>('[data-filter]')
        if (filter === null) return
        event.preventDefault()
        filter.focus()
      }
    }
    document.addEventListener('keydown', press)
    return () => {
      document.removeEventListener('keydown', press)
    }
  }, [navigate, opens])
}
