// Makes a rule, or changes one.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import type { Alert, AlertRule } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { SEVERITIES } from './severity.tsx'

/** What people ask about most; any other metric can be typed. */
const METRICS = [
  'weir_flow_dead_letters_total',
  'weir_flow_errors_total',
  'weir_flow_rows_out_total',
  'weir_flow_rows_failed_total',
  'weir_flow_stuck_seconds',
  'weir_flow_report_age_seconds',
  'weir_flow_runs',
  'weir_engine_restarts_total'
]

/** The id of a new rule, from its name. */
export function idOf(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return id === '' ? 'rule' : id.slice(0, 60)
}

/** The dialog; null makes a new rule. */
export function EditRule({ rule, close }: { rule: AlertRule | null; close: () => void }) {
  const { me } = useSigned()
  const [name, setName] = useState(rule?.name ?? '')
  const [folder, setFolder] = useState(rule?.folder ?? me.grants[0]?.folder ?? '')
  const [metric, setMetric] = useState(rule?.metric ?? METRICS[0] ?? '')
  const [over, setOver] = useState(String(rule?.over ?? (rule === null ? '0' : '')))
  const [under, setUnder] = useState(String(rule?.under ?? ''))
  const [seconds, setSeconds] = useState(String((rule?.forMs ?? 0) / 1000))
  const [severity, setSeverity] = useState<Alert['severity']>(rule?.severity ?? 'warning')
  const keep = useChange({
    work: () =>
      server.ask('put', '/api/v1/alert-rules/{rule}', {
        path: { rule: rule?.id ?? idOf(name) },
        body: {
          name,
          folder,
          metric,
          severity,
          forMs: Math.round(Number(seconds) * 1000),
          ...(over === '' ? {} : { over: Number(over) }),
          ...(under === '' ? {} : { under: Number(under) }),
          ...(rule?.of === undefined ? {} : { of: rule.of }),
          ...(rule?.labels === undefined ? {} : { labels: rule.labels }),
          ...(rule?.windowMs === undefined ? {} : { windowMs: rule.windowMs })
        }
      }),
    changes: ['/api/v1/alert-rules', '/api/v1/alerts'],
    quiet: true,
    done: () => `The rule ${name} is kept.`,
    after: close
  })
  return (
    <Dialog open close={close} title={rule === null ? 'New rule' : 'Change the rule'}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          keep.mutate(undefined)
        }}
      >
        <Field
          label="Name"
          required
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Field
          label="Folder"
          help="Flows in it and below; empty: all"
          value={folder}
          onChange={(event) => {
            setFolder(event.target.value)
          }}
        />
        <Field
          label="Metric"
          help="A counter counts by its growth a second, a gauge as it is"
          required
          list="metrics"
          className="font-mono"
          value={metric}
          onChange={(event) => {
            setMetric(event.target.value)
          }}
        />
        <datalist id="metrics">
          {METRICS.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <div className="grid grid-cols-3 gap-3">
          <Field
            label="Over"
            type="number"
            step="any"
            value={over}
            onChange={(event) => {
              setOver(event.target.value)
            }}
          />
          <Field
            label="Under"
            type="number"
            step="any"
            value={under}
            onChange={(event) => {
              setUnder(event.target.value)
            }}
          />
          <Field
            label="For so many seconds"
            type="number"
            min="0"
            step="any"
            value={seconds}
            onChange={(event) => {
              setSeconds(event.target.value)
            }}
          />
        </div>
        <Choice
          label="Severity"
          value={severity}
          options={SEVERITIES.map((one) => [one, one] as const)}
          choose={(next) => {
            const found = SEVERITIES.find((one) => one === next)
            if (found !== undefined) setSeverity(found)
          }}
        />
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={keep.isPending || (over === '' && under === '')}>
            Keep the rule
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
