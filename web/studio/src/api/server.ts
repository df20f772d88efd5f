// The one server of the page: its client, and the cache of what it has answered.
import { QueryClient } from '@tanstack/react-query'
import { useConnection } from '../state/connection.ts'
import { useLongRuns } from '../state/long-runs.ts'
import { usePasswordAgain } from '../state/password-again.ts'
import { Client } from './client.ts'

/** Where the API is: what the page's `weir-server` says, else the place that the page came from. */
function serverOf(document: Document): string {
  const said = document.querySelector('meta[name="weir-server"]')?.getAttribute('content') ?? ''
  return said.replace(/\/$/, '')
}

export const SESSION = ['session'] as const

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      // The client itself tries again what may pass.
      retry: false,
      networkMode: 'always',
      staleTime: 1000,
      refetchOnWindowFocus: true
    },
    mutations: { retry: false, networkMode: 'always' }
  }
})

export const server = new Client({
  server: serverOf(document),
  fetch: (input, init) => fetch(input, init),
  confirm: () => usePasswordAgain.getState().ask(),
  signedOut: () => {
    forgetSession()
  },
  reached: (yes) => {
    useConnection.getState().tell(yes)
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
})

/** Forgets who has signed in, and with it all that was read in their name. */
export function forgetSession(): void {
  server.csrf = ''
  useLongRuns.setState({ going: new Map() })
  const signed = cache.getQueryData(SESSION) ?? null
  if (signed === null) return
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] })
  cache.setQueryData(SESSION, null)
}
