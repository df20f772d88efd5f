// What a person has chosen for themselves: theme, time zone, keys. Kept in this browser.
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type Theme = 'system' | 'dark' | 'light' | 'contrast'
export type ShownTheme = Exclude<Theme, 'system'>

interface Preferences {
  theme: Theme
  /** An IANA name; empty for the zone of this machine. */
  timeZone: string
  /** Whether single letters act as keys. */
  letterKeys: boolean
  /** Whether the browser tells of alerts and ended runs. */
  notify: boolean
  /** Whether the person was asked for that, at their first long run, and said no. */
  notifyDeclined: boolean
  choose: (
    change: Partial<Pick<Preferences, 'theme' | 'timeZone' | 'letterKeys' | 'notify' | 'notifyDeclined'>>
  ) => void
}

export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: 'system',
      timeZone: '',
      letterKeys: true,
      notify: false,
      notifyDeclined: false,
      choose: (change) => {
        set(change)
      }
    }),
    { name: 'weir.preferences', version: 1 }
  )
)

/** The theme that a choice comes to on this machine. */
export function shownTheme(theme: Theme, asks: (query: string) => boolean): ShownTheme {
  if (theme !== 'system') return theme
  if (asks('(prefers-contrast: more)')) return 'contrast'
  return asks('(prefers-color-scheme: light)') ? 'light' : 'dark'
}

/** Puts the chosen theme on the page, now and whenever the choice or the machine's wish changes. */
export function followTheme(): void {
  const show = () => {
    const { theme } = usePreferences.getState()
    document.documentElement.dataset.theme = shownTheme(theme, (query) => matchMedia(query).matches)
  }
  show()
  usePreferences.subscribe(show)
  for (const query of ['(prefers-contrast: more)', '(prefers-color-scheme: light)']) {
    matchMedia(query).addEventListener('change', show)
  }
}

/** The zone in which times are shown. */
export function shownZone(timeZone: string): string {
  return timeZone === '' ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone
}
