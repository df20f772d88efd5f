// The head of a column of times: it names the zone.
import { shownZone, usePreferences } from './preferences.ts'

/** The name of a column and the zone of its times. */
export function ZoneHead({ children }: { children: string }) {
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  return (
    <>
      {children} <span className="font-normal text-time">{zone}</span>
    </>
  )
}
