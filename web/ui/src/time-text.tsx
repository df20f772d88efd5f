// A time in the zone of the person, with how far it is from now; UTC on hover.
import { distance, time } from './figures/figures.ts'
import { useNow } from './figures/use-now.ts'
import { shownZone, usePreferences } from './preferences.ts'

/** A time; `far` shows the distance only. */
export function TimeText({ ms, far = false }: { ms: number; far?: boolean }) {
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  const now = useNow()
  const text = far ? distance(ms, now) : time(ms, zone)
  return (
    <time
      className="whitespace-nowrap"
      dateTime={new Date(ms).toISOString()}
      title={`${time(ms, zone)} ${zone}, ${time(ms, 'UTC')} UTC`}
    >
      {text}
    </time>
  )
}
