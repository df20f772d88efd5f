// The rules that raise alerts.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll, useGet } from '../../api/use-get.ts'
import type { Alert, AlertRule } from '../../api/routes.ts'
import { duration } from '@weir/ui/figures/figures.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { EditRule, labelsText } from './edit-rule.tsx'
import { runRuleText } from './run-rules.ts'
import { Severity } from './severity.tsx'

/** What a rule asks, in words. */
export function ruleText(rule: AlertRule): string {
  const ofRuns = runRuleText(rule)
  if (ofRuns !== undefined) return ofRuns
  const bounds = [
    ...(typeof rule.over === 'number' ? [`over ${rule.over}`] : []),
    ...(typeof rule.under === 'number' ? [`under ${rule.under}`] : [])
  ].join(' or ')
  const of = rule.of === undefined || rule.of === '' ? '' : ` as a share of ${rule.of}`
  const held = rule.forMs === undefined || rule.forMs === 0 ? '' : ` for ${duration(rule.forMs)}`
  const only = labelsText(rule.labels)
  return `${rule.metric}${only === '' ? '' : `{${only}}`}${of} ${bounds}${held}`
}

const MOST_ALERTS = 500

/** How often a rule was raised among the newest alerts, and when last. */
function Raised({ alerts }: { alerts: readonly Alert[] }) {
  const [newest] = alerts
  if (newest === undefined) return <span className="text-mute">not lately</span>
  return (
    <span>
      {alerts.length === 1 ? 'once' : `${alerts.length} times`}
      <span className="text-mute">
        , {alerts.length > 1 && 'last '}
        <TimeText ms={newest.raisedAt} far />
      </span>
    </span>
  )
}

/** The rules, with a form for a new one. */
export function RuleList() {
  const { may, mayIn } = useSigned()
  const [editing, setEditing] = useState<AlertRule | 'new' | null>(null)
  const [leaving, setLeaving] = useState<AlertRule | null>(null)
  const rules = useAll('/api/v1/alert-rules', {}, { everyMs: 10_000 })
  const alerts = useGet('/api/v1/alerts', { query: { limit: MOST_ALERTS } }, { everyMs: 10_000 })
  const remove = useChange({
    work: (rule: AlertRule) => server.ask('delete', '/api/v1/alert-rules/{rule}', { path: { rule: rule.id ?? '' } }),
    changes: ['/api/v1/alert-rules', '/api/v1/alerts'],
    done: (_, rule) => `The rule ${rule.name ?? rule.id ?? ''} is deleted.`,
    after: () => {
      setLeaving(null)
    }
  })
  return (
    <>
      {may('flow.publish') && (
        <div className="flex justify-end px-4 py-2">
          <Button
            onClick={() => {
              setEditing('new')
            }}
          >
            New rule
          </Button>
        </div>
      )}
      <Shown of={rules} what="the rules">
        {(read) =>
          read.rules.length === 0 ? (
            <Empty title="No rule looks at anything">Make one that watches a figure of your flows.</Empty>
          ) : (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Severity</th>
                  <th scope="col">Rule</th>
                  <th scope="col">Folder</th>
                  <th scope="col">Raised</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {read.rules.map((rule) => (
                  <tr key={rule.id}>
                    <td className="w-0">
                      <Severity of={rule.severity ?? 'warning'} />
                    </td>
                    <td>
                      <span className="block font-sans text-base font-semibold">{rule.name ?? rule.id}</span>
                      <span className="text-mute">{ruleText(rule)}</span>
                    </td>
                    <td className="text-mute">
                      {rule.folder === undefined || rule.folder === '' ? 'all' : rule.folder}
                    </td>
                    <td>
                      <Raised alerts={(alerts.data?.alerts ?? []).filter((alert) => alert.rule === rule.id)} />
                    </td>
                    <td className="w-0">
                      {mayIn('flow.publish', rule.folder ?? '') && (
                        <span className="flex justify-end gap-6">
                          <Button
                            look="quiet"
                            aria-label={`Delete ${rule.name ?? ''}`}
                            onClick={() => {
                              setLeaving(rule)
                            }}
                          >
                            Delete
                          </Button>
                          <Button
                            aria-label={`Change ${rule.name ?? ''}`}
                            onClick={() => {
                              setEditing(rule)
                            }}
                          >
                            Change
                          </Button>
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
      {editing !== null && (
        <EditRule
          rule={editing === 'new' ? null : editing}
          close={() => {
            setEditing(null)
          }}
        />
      )}
      <Confirm
        open={leaving !== null}
        close={() => {
          setLeaving(null)
        }}
        title="Delete this rule?"
        about="The alerts that it has raised clear at once."
        yes="Delete"
        act={() => {
          if (leaving !== null) remove.mutate(leaving)
        }}
        busy={remove.isPending}
      />
    </>
  )
}
