// While the first long run goes on: whether the browser should tell when such a run ends. Asked once.
import { useEffect, useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { usePreferences } from '@weir/ui/preferences.ts'
import { askForNotices, mayAsk } from '../state/browser-notice.ts'
import { LONG_MS, useLongRuns, type GoingRun } from '../state/long-runs.ts'

/** The run that has gone on for long, if one has; looked at again when the next one gets there. */
function useLong(): GoingRun | undefined {
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
  return [...going.values()].find((run) => run.startedAt + LONG_MS <= now)
}

/** What is asked: a run that nothing ends but a stop or a failure is not waited for. */
export function question({ name, endless }: Pick<GoingRun, 'name' | 'endless'>): string {
  if (endless === true) return `${name} goes on until it is stopped. Should the browser tell you if such a run fails?`
  if (endless === false) return `${name} takes a while. Should the browser tell you when a long run ends?`
  return `${name} goes on. Should the browser tell you when a long run ends or fails?`
}

/** Nothing where no run is long, or the person was asked before; it waits while a dialog is open, whose buttons it would cover. */
export function TellMe() {
  const run = useLong()
  const { notify, notifyDeclined, choose } = usePreferences()
  if (run === undefined || notify || notifyDeclined || !mayAsk()) return null
  return (
    <div
      role="group"
      aria-label="Notices of the browser"
      className="pointer-events-auto mb-2 grid [body:has([role$=dialog][data-state=open])_&]:hidden gap-2 rounded-panel border border-edge bg-panel px-3 py-2 shadow-base"
    >
      <p>{question(run)}</p>
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
