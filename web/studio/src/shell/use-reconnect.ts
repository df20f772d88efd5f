// While the server is away it is asked again and again, with growing pauses; when it is back everything is read anew.
import { useEffect } from 'react'
import { cache, server } from '../api/server.ts'
import { useConnection } from '../state/connection.ts'

const FIRST_MS = 1000
const LONGEST_MS = 15_000

/** Looks for the server until it answers. */
export function useReconnect(): void {
  const reachable = useConnection((connection) => connection.reachable)
  useEffect(() => {
    if (reachable) return
    let timer: ReturnType<typeof setTimeout>
    let pause = FIRST_MS
    const look = async () => {
      try {
        const answer = await fetch(server.url('/api/v1/health/live'), { cache: 'no-store' })
        if (answer.ok) {
          useConnection.getState().tell(true)
          await cache.invalidateQueries()
          return
        }
      } catch {
        // It is still away.
      }
      pause = Math.min(pause * 2, LONGEST_MS)
      timer = setTimeout(() => void look(), pause)
    }
    const now = () => {
      clearTimeout(timer)
      void look()
    }
    timer = setTimeout(() => void look(), pause)
    window.addEventListener('online', now)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('online', now)
    }
  }, [reachable])
}
