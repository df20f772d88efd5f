// What a person has chosen for themselves: theme, time zone, keys. Kept in this browser.
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { setFormats } from './figures/figures.ts'

export type Theme = 'system' | 'dark' | 'light' | 'contrast'
export type ShownTheme = Exclude<Theme, 'system'>

interface Preferences {
  theme: Theme
  /** An IANA name; empty for the zone of this machine. */
  timeZone: string
  /** How figures are written: a locale; empty: as the machine does. */
  figures: string
  /** How days are written: `iso`, a locale, or empty: as the machine does. */
  days: string
  /** Whether single letters act as keys. */
  letterKeys: boolean
  /** Whether the browser tells of alerts and ended runs. */
  notify: boolean
  /** Whether the person was asked for that, at their first long run, and said no. */
  notifyDeclined: boolean
  choose: (
    change: Partial<
      Pick<Preferences, 'theme' | 'timeZone' | 'figures' | 'days' | 'letterKeys' | 'notify' | 'notifyDeclined'>
    >
  ) => void
}

export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: 'system',
      timeZone: '',
      figures: 'en',
      days: 'iso',
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

/** Colours that a person forces on all pages are a wish for contrast too: what is drawn on a canvas keeps ours. */
const WISHES_CONTRAST = ['(prefers-contrast: more)', '(forced-colors: active)']

/** The theme that a choice comes to on this machine. */
export function shownTheme(theme: Theme, asks: (query: string) => boolean): ShownTheme {
  if (theme !== 'system') return theme
  if (WISHES_CONTRAST.some(asks)) return 'contrast'
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
  for (const query of [...WISHES_CONTRAST, '(prefers-color-scheme: light)']) {
    matchMedia(query).addEventListener('change', show)
  }
}

/** Writes figures and days as they were chosen, now and whenever the choice changes. */
export function followFormats(): void {
  const write = () => {
    const { figures, days } = usePreferences.getState()
    setFormats({ figures, days })
  }
  write()
  usePreferences.subscribe(write)
}

/** The zone in which times are shown. */
export function shownZone(timeZone: string): string {
  return timeZone === '' ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone
}
