// What a person chooses for this browser: theme, time zone, how figures and days are written, keys, notices.
import { usePreferences, shownZone, type Theme } from '@weir/ui/preferences.ts'
import { Check } from '@weir/ui/check.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Section } from '@weir/ui/section.tsx'

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the machine'],
  ['dark', 'Dark'],
  ['light', 'Light'],
  ['contrast', 'High contrast']
]

/** The zones that the browser knows; the machine's own and UTC first. */
function zones(): (readonly [string, string])[] {
  const known = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')
  return [['', `As the machine (${shownZone('')})`], ['UTC', 'UTC'], ...known.map((zone) => [zone, zone] as const)]
}

const FIGURES: readonly (readonly [string, string])[] = [
  ['en', '1,241,774.5'],
  ['de', '1.241.774,5'],
  ['fr', '1 241 774,5'],
  ['de-CH', '1’241’774.5'],
  ['', 'As the machine']
]
const DAYS: readonly (readonly [string, string])[] = [
  ['iso', '2026-03-04 12:20:07'],
  ['en-GB', '04/03/2026, 12:20:07'],
  ['de', '04.03.2026, 12:20:07'],
  ['', 'As the machine']
]

/** The choices; they count at once. */
export function Choices() {
  const { theme, timeZone, figures, days, letterKeys, notify, choose } = usePreferences()
  const ask = async (on: boolean) => {
    if (on && typeof Notification !== 'undefined' && Notification.permission !== 'granted') {
      choose({ notify: (await Notification.requestPermission()) === 'granted' })
      return
    }
    choose({ notify: on })
  }
  return (
    <Section title="This browser">
      <div className="grid max-w-[420px] gap-4 px-4">
        <Choice
          label="Theme"
          value={theme}
          options={THEMES}
          choose={(next) => {
            const found = THEMES.find(([name]) => name === next)
            if (found !== undefined) choose({ theme: found[0] })
          }}
        />
        <Choice
          label="Time zone"
          value={timeZone}
          options={zones()}
          choose={(zone) => {
            choose({ timeZone: zone })
          }}
          help="In which times are shown; UTC is one hover away."
        />
        <Choice
          label="Figures"
          value={figures}
          options={FIGURES}
          choose={(next) => {
            choose({ figures: next })
          }}
          help="On the pages; cells of tables and files stay as they are."
        />
        <Choice
          label="Days and times"
          value={days}
          options={DAYS}
          choose={(next) => {
            choose({ days: next })
          }}
        />
        <p className="text-data text-mute">The words are English: there is no other language yet.</p>
        <Check
          checked={letterKeys}
          set={(on) => {
            choose({ letterKeys: on })
          }}
          help="Ctrl+K always works."
        >
          Single letters act as keys
        </Check>
        {typeof Notification !== 'undefined' && (
          <Check checked={notify} set={(on) => void ask(on)} help="While a tab of the studio is open.">
            The browser tells of alerts and of long runs that end
          </Check>
        )}
      </div>
    </Section>
  )
}
