// Alerts in a table, grouped by their cause: the same name is one line with its count.
import { useState } from 'react'
import { Link } from 'react-router'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useGet } from '../../api/use-get.ts'
import type { Alert } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import { useNames } from '../runs/use-names.ts'
import { causesOf } from './causes.ts'
import { Owner } from './owner.tsx'
import { Severity } from './severity.tsx'
import { SilenceDialog } from './silence-dialog.tsx'

const HOUR = 3_600_000
const SILENCES: readonly (readonly [string, number])[] = [
  ['Silence for an hour', HOUR],
  ['Silence for 8 hours', 8 * HOUR],
  ['Silence for a day', 24 * HOUR]
]
const CHANGES = ['/api/v1/alerts']

/** The alerts of a state. */
export function AlertList({ state }: { state: Alert['state'] }) {
  const alerts = useGet(
    '/api/v1/alerts',
    { query: { state, limit: 500 } },
    { everyMs: state === 'raised' ? 1000 : 5000 }
  )
  return (
    <Shown of={alerts} what="the alerts">
      {(page) =>
        page.alerts.length === 0 ? (
          <Empty title={state === 'raised' ? 'Nothing is raised' : 'No alert has cleared yet'}>
            {state === 'raised'
              ? 'Rules look at what runs tell; what they find stands here and clears itself.'
              : 'Alerts stand here when what raised them has passed.'}
          </Empty>
        ) : (
          <table className="data-table">
            <thead>
              <tr>
                <th scope="col">Severity</th>
                <th scope="col">Alert</th>
                <th scope="col">Flow</th>
                <th scope="col">
                  <ZoneHead>{state === 'raised' ? 'Raised' : 'Cleared'}</ZoneHead>
                </th>
                <th scope="col">Seen by</th>
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {causesOf(page.alerts).map((cause) => (
                <AlertRow key={cause.newest.number} alert={cause.newest} count={cause.count} />
              ))}
            </tbody>
          </table>
        )
      }
    </Shown>
  )
}

function AlertRow({ alert, count }: { alert: Alert; count: number }) {
  const names = useNames()
  const [asking, setAsking] = useState(false)
  const { mayIn } = useSigned()
  const path = { alert: alert.number }
  const acknowledge = useChange({
    work: () => server.ask('post', '/api/v1/alerts/{alert}/acknowledge', { path }),
    changes: CHANGES,
    done: () => 'Others see that you deal with it.'
  })
  const silence = useChange({
    work: (forMs: number) => server.ask('post', '/api/v1/alerts/{alert}/silence', { path, body: { forMs } }),
    changes: CHANGES,
    done: (_, forMs) => (forMs === 0 ? 'It is told of again.' : 'Nobody is told of it meanwhile.')
  })
  const raised = alert.state === 'raised'
  const acts = raised && mayIn('run.stop', alert.folder)
  return (
    <tr>
      <td className="w-0">
        <Severity of={alert.severity} />
      </td>
      <td>
        <span className="block font-sans text-base font-semibold">
          {alert.name}
          {count > 1 && <span className="font-normal text-mute"> {count} times</span>}
        </span>
        <span className="text-mute">{alert.message}</span>
      </td>
      <td>
        {alert.flow === '' ? (
          <span className="text-mute">server</span>
        ) : (
          <Link to={`/runs?flow=${encodeURIComponent(alert.flow)}`}>{alert.flow}</Link>
        )}
        {alert.flow !== '' && alert.rule === undefined && <Owner flow={alert.flow} alert={alert.name} />}
      </td>
      <td>
        <TimeText ms={raised ? alert.raisedAt : (alert.clearedAt ?? alert.raisedAt)} />
        {alert.silencedUntil !== undefined && (
          <span className="block text-mute">
            silent, ends <TimeText ms={alert.silencedUntil} far />
          </span>
        )}
      </td>
      <td className="text-mute">
        {alert.acknowledgedBy === undefined || alert.acknowledgedBy === ''
          ? ''
          : (names.get(alert.acknowledgedBy) ?? alert.acknowledgedBy)}
      </td>
      <td className="w-0">
        {acts && (
          <span className="flex items-center justify-end gap-2">
            {alert.acknowledgedAt === undefined && (
              <Button
                aria-label={`Acknowledge ${alert.name}`}
                onClick={() => {
                  acknowledge.mutate(undefined)
                }}
              >
                Acknowledge
              </Button>
            )}
            <Menu
              label={`More about ${alert.name}`}
              items={[
                ...SILENCES.map(([words, forMs]) => ({
                  words,
                  act: () => {
                    silence.mutate(forMs)
                  }
                })),
                {
                  words: 'Silence until…',
                  act: () => {
                    setAsking(true)
                  }
                },
                ...(alert.silencedUntil === undefined
                  ? []
                  : [
                      {
                        words: 'Silent no more',
                        act: () => {
                          silence.mutate(0)
                        }
                      }
                    ])
              ]}
            />
            {asking && (
              <SilenceDialog
                name={alert.name}
                close={() => {
                  setAsking(false)
                }}
                silence={(forMs) => {
                  silence.mutate(Math.round(forMs))
                }}
              />
            )}
          </span>
        )}
      </td>
    </tr>
  )
}
