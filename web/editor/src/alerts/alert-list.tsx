// The alerts of a flow, in its panel: what each asks, whether it is raised, and what can be done with it.
import { alertsOf, parseMetric } from '@weir/flow-model'
import type { FlowAlert } from '@weir/flow-model'
import { count, time } from '@weir/ui/figures/figures.ts'
import { useNow } from '@weir/ui/figures/use-now.ts'
import { Menu } from '@weir/ui/menu.tsx'
import type { MenuItem } from '@weir/ui/menu.tsx'
import { shownZone, usePreferences } from '@weir/ui/preferences.ts'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { Fold } from '../panels/form/fold.tsx'
import { problemsAt, useForm } from '../panels/form/form-context.ts'
import type { RaisedAlert } from '../run/shown-run.ts'
import { usePart } from '../session/use-session.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { AlertButton, alertMe } from './alert-button.tsx'
import { alertWords, muteAlert, removeAlert } from './alert-draft.ts'

const kNoAlerts = createStore<{ raised: readonly RaisedAlert[] }>(() => ({ raised: [] }))
const kHour = 3_600_000
const kMutes: readonly (readonly [string, number])[] = [
  ['Mute for an hour', kHour],
  ['Mute for 8 hours', 8 * kHour],
  ['Mute for a day', 24 * kHour]
]

/** The alerts of the document that the shown run has raised. */
export function useRaised(session: EditorSession): readonly RaisedAlert[] {
  const shown = usePart(session.run, (state) => state.shown)
  return useStore(shown?.alerts ?? kNoAlerts, (state) => state.raised)
}

/** Folded, and open while something in it is wrong or raised. */
export function AlertList({ session }: { session: EditorSession }) {
  const form = useForm()
  const raised = useRaised(session)
  const alerts = alertsOf(session.document.root)
  const wrong = alerts.some(
    ({ pointer }) => problemsAt(form, pointer, true).length + problemsAt(form, pointer).length > 0
  )
  return (
    <Fold
      wrong={wrong || raised.length > 0}
      title={
        <>
          Alerts <span className="text-mute">{alerts.length === 0 ? 'none' : count(alerts.length)}</span>
        </>
      }
    >
      {alerts.length > 0 && (
        <ul className="grid gap-3">
          {alerts.map(({ alert, pointer }) => (
            <AlertLine key={pointer} session={session} alert={alert} pointer={pointer} raised={raised} />
          ))}
        </ul>
      )}
      <div>
        <AlertButton session={session} wish={{ subject: 'run', of: 'run' }} />
      </div>
    </Fold>
  )
}

interface LineProps {
  session: EditorSession
  alert: FlowAlert
  pointer: string
  raised: readonly RaisedAlert[]
}

function AlertLine({ session, alert, pointer, raised }: LineProps) {
  const form = useForm()
  const now = useNow()
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  const muted = Date.parse(alert.muteUntil)
  const isMuted = !Number.isNaN(muted) && muted > now
  const own = raised.filter((each) => each.name === alert.name)
  const told = [...problemsAt(form, pointer), ...problemsAt(form, pointer, true)]
  return (
    <li data-path={pointer} className="grid gap-0.5 text-data">
      <div className="flex items-start gap-2">
        <span className="min-w-0 flex-1 font-semibold break-words">{alert.name}</span>
        <Menu label={`More about ${alert.name}`} items={actionsOf(session, alert, pointer, isMuted)} />
      </div>
      <p className="break-words text-mute">{alertWords(session.document, alert)}</p>
      {own.length > 0 && (
        <p role="status" className="text-warn">
          <span aria-hidden="true">▲</span> raised{own.length > 1 ? ` for ${count(own.length)} keys` : ''}
          {keysText(own)}
        </p>
      )}
      <p className="text-small text-mute">
        {alert.severity === '' ? 'warning' : alert.severity}
        {alert.owner === '' ? '' : ` · ${alert.owner}`}
        {isMuted ? ` · muted until ${time(muted, zone)} ${zone}` : ''}
      </p>
      {told.map(({ text }) => (
        <p key={text} className="text-small text-error">
          <span aria-hidden="true">✕</span> {text}
        </p>
      ))}
    </li>
  )
}

function keysText(raised: readonly RaisedAlert[]): string {
  const keys = raised.map((each) => each.key).filter((key) => key !== '')
  if (keys.length === 0) return ''
  return `: ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ' …' : ''}`
}

function actionsOf(session: EditorSession, alert: FlowAlert, pointer: string, isMuted: boolean): MenuItem[] {
  const { subject = 'run', of = 'run' } = parseMetric(alert.metric) ?? {}
  const mute = (forMs: number): void => {
    const until = forMs === 0 ? undefined : new Date(Date.now() + forMs)
    session.do([muteAlert(session.document, pointer, until)], forMs === 0 ? 'Unmute an alert' : 'Mute an alert')
    session.run
      .getState()
      .shown?.muteAlert?.(alert.name, forMs)
      .catch(() => undefined)
  }
  return [
    {
      words: 'Change…',
      act: () => {
        alertMe(session, { subject, of, pointer })
      }
    },
    ...(isMuted ? [['Not muted any more', 0] as const] : kMutes).map(([words, forMs]) => ({
      words,
      act: () => {
        mute(forMs)
      }
    })),
    {
      words: 'Delete',
      danger: true,
      act: () => {
        session.do([removeAlert(session.document, pointer)], 'Delete an alert')
      }
    }
  ]
}
