// While the first long run goes on: whether the browser should tell when such a run ends. Asked once.
import { useEffect, useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { usePreferences } from '@weir/ui/preferences.ts'
import { askForNotices, mayAsk } from '../state/browser-notice.ts'
import { LONG_MS, useLongRuns } from '../state/long-runs.ts'

/** The run that has gone on for long, if one has; looked at again when the next one gets there. */
function useLong(): string {
  const going = useLongRuns((runs) => runs.going)
  const [now, setNow] = useState(() => Date.now())
  const starts = [...going.values()].map((run) => run.startedAt)
  const next = Math.min(...starts.map((at) => at + LONG_MS).filter((at) => at > now))
  useEffect(() => {
    if (!Number.isFinite(next)) return undefined
    const timer = setTimeout(
      () => {
        setNow(Date.now())
      },
      Math.max(0, next - Date.now()) + 1
    )
    return () => {
      clearTimeout(timer)
    }
  }, [next])
  return [...going.values()].find((run) => run.startedAt + LONG_MS <= now)?.name ?? ''
}

/** Nothing where no run is long, or the person was asked before. */
export function TellMe() {
  const name = useLong()
  const { notify, notifyDeclined, choose } = usePreferences()
  if (name === '' || notify || notifyDeclined || !mayAsk()) return null
  return (
    <div
      role="group"
      aria-label="Notices of the browser"
      className="pointer-events-auto mb-2 grid gap-2 rounded-panel border border-edge bg-panel px-3 py-2 shadow-base"
    >
      <p>{name} takes a while. Should the browser tell you when a long run ends?</p>
      <div className="flex justify-end gap-2">
        <Button
          look="quiet"
          onClick={() => {
            choose({ notifyDeclined: true })
          }}
        >
          No
        </Button>
        <Button onClick={() => void askForNotices()}>Tell me</Button>
      </div>
    </div>
  )
}
