// When the alert that is being written would have been raised, over the figures of the newest run that this page has seen.
import { useEffect, useMemo, useState } from 'react'
import type { EditorSession } from '../session/editor-session.ts'
import { boundsOf, kindOfSubject } from './alert-draft.ts'
import type { AlertDraft } from './alert-draft.ts'
import { keptFigures } from './figure-history.ts'
import type { KeptFigures } from './figure-history.ts'
import { FiredChart } from './fired-chart.tsx'
import { measureNamed, readDuration } from './measures.ts'
import { firesOf, seriesOf } from './would-fire.ts'
import type { Rule, Series } from './would-fire.ts'

const kEveryMs = 1000

/** The newest run's figures; looked at again each second while it goes on. */
function useKept(session: EditorSession): { kept: KeptFigures | undefined; untilMs: number } {
  const [state, setState] = useState(() => read(session))
  useEffect(() => {
    const timer = setInterval(() => {
      setState((before) => {
        const next = read(session)
        return next.kept === before.kept && next.untilMs === before.untilMs ? before : next
      })
    }, kEveryMs)
    return () => {
      clearInterval(timer)
    }
  }, [session])
  return state
}

function read(session: EditorSession): { kept: KeptFigures | undefined; untilMs: number } {
  const kept = keptFigures(session).newest
  const { shown } = session.run.getState()
  const goesOn = shown !== undefined && shown.id === kept?.run && shown.facts.getState().endedAt === undefined
  return { kept, untilMs: kept === undefined ? 0 : goesOn ? kept.history.elapsedMs : kept.history.lastMs }
}

/** Why there is nothing to show; empty if there is. */
function whyNothing(kept: KeptFigures | undefined, draft: AlertDraft, series: Series | undefined): string {
  if (draft.measure === 'underPressure') return 'When an edge is under pressure is known only while a run goes on.'
  if (kept === undefined)
    return 'No run was seen here yet. After one, this shows when the alert would have been raised.'
  if (series === undefined) return `${kept.label} has told nothing of it.`
  if (series.values.every((value) => value === undefined)) return `${kept.label} was too short to say.`
  return ''
}

export function FiredPreview({ session, draft }: { session: EditorSession; draft: AlertDraft }) {
  const { kept, untilMs } = useKept(session)
  const { subject, measure, windowText } = draft
  const of = kindOfSubject(session.document, subject)
  const words = measureNamed(measure)
  const { over, under } = boundsOf(draft)
  const few = over === undefined
  const series = useMemo(() => {
    if (kept === undefined || of === undefined || words?.of !== of) return undefined
    return seriesOf(kept.history, { subject, of, measure }, { windowMs: readDuration(windowText), few, untilMs })
  }, [kept, of, words, subject, measure, windowText, few, untilMs])
  const rule: Rule = {
    over,
    under,
    forMs: readDuration(draft.forText) ?? 0,
    quietMs: readDuration(draft.quietText) ?? 0
  }
  const why = whyNothing(kept, draft, series)
  const unit = words?.unit ?? 'count'
  const hasBound = over !== undefined || under !== undefined
  const tellsRows = draft.where.trim() !== '' || draft.key.trim() !== ''
  return (
    <section aria-label="When it would have been raised" className="grid gap-2">
      <h3 className="text-small tracking-wide text-mute uppercase">When it would have been raised</h3>
      {why !== '' || series === undefined || kept === undefined ? (
        <p className="text-data text-mute">{why}</p>
      ) : (
        <FiredChart
          series={series}
          rule={rule}
          fired={hasBound ? firesOf(series, rule) : []}
          unit={unit}
          of={`${kept.label} (${kept.place})`}
        />
      )}
      {why === '' && tellsRows && (
        <p className="text-small text-mute">
          Of all rows: which of them meet the condition, and their keys, are counted only while a run goes on.
        </p>
      )}
    </section>
  )
}
