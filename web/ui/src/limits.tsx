// What this browser does not give the page, each as one sentence that says how to get it.
import { create } from 'zustand'
import { Icon } from './icon.tsx'

/** The page came without TLS; the browser keeps nothing for it; it keeps no pages for working offline. */
export type Limit = 'insecure' | 'storage' | 'worker'

const SENTENCES: Readonly<Record<Limit, string>> = {
  insecure:
    'This page came by http, so the browser gives it neither folders nor work offline: open it by https, or on this machine as localhost.',
  storage:
    'The browser keeps nothing for this page, so a reload loses what no server has: allow this site to store data, or leave the private window.',
  worker:
    'The browser refused to keep these pages, so they do not open offline: give the site a certificate that the browser trusts, or allow it to store data.'
}

interface Limits {
  found: readonly Limit[]
  /** Those that the person has put away. */
  away: readonly Limit[]
}

const useLimits = create<Limits>(() => ({ found: [], away: [] }))

/** Says once that something is missing. */
export function tellLimit(limit: Limit): void {
  useLimits.setState((now) => (now.found.includes(limit) ? now : { found: [...now.found, limit] }))
}

/** One line each, until it is put away; nothing where nothing is missing. What a site without TLS lacks says why the rest is. */
export function LimitLines() {
  const { found, away } = useLimits()
  const said = found.includes('insecure') ? found.filter((limit) => limit !== 'worker') : found
  return said
    .filter((limit) => !away.includes(limit))
    .map((limit) => (
      <p key={limit} role="status" className="flex items-start gap-3 border-b border-warn bg-panel px-4 py-1.5">
        <span className="min-w-0 flex-1 text-warn">
          <span aria-hidden="true">▲ </span>
          {SENTENCES[limit]}
        </span>
        <button
          type="button"
          aria-label="Put this away"
          className="p-0.5 text-mute hover:text-text"
          onClick={() => {
            useLimits.setState((now) => ({ away: [...now.away, limit] }))
          }}
        >
          <Icon name="close" />
        </button>
      </p>
    ))
}
