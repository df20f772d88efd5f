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
import { runRuleText } from './run-rules.ts'
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

/** Labels as they are written: flow=orders, outcome=failed. */
export function labelsText(labels: AlertRule['labels'] = {}): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

/** The labels of a text; undefined: it is none. */
export function labelsOf(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  const read = pairs.map((pair) => /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(pair))
  if (read.some((each) => each === null)) return undefined
  return Object.fromEntries(read.map((each) => [each?.[1] ?? '', each?.[2] ?? '']))
}

interface EditRuleProps {
  rule: AlertRule | null
  /** What a new rule begins as. */
  first?: AlertRule
  close: () => void
}

/** The dialog; null makes a new rule. */
export function EditRule({ rule, first, close }: EditRuleProps) {
  const { me } = useSigned()
  const given = rule ?? first
  const [name, setName] = useState(given?.name ?? '')
  const [folder, setFolder] = useState(given?.folder ?? me.grants[0]?.folder ?? '')
  const [metric, setMetric] = useState(given?.metric ?? METRICS[0] ?? '')
  const [over, setOver] = useState(String(given?.over ?? (given === undefined ? '0' : '')))
  const [under, setUnder] = useState(String(given?.under ?? ''))
  const [seconds, setSeconds] = useState(String((given?.forMs ?? 0) / 1000))
  const [minutes, setMinutes] = useState(String((given?.windowMs ?? 300_000) / 60_000))
  const [labels, setLabels] = useState(labelsText(given?.labels))
  const [severity, setSeverity] = useState<Alert['severity']>(given?.severity ?? 'warning')
  const only = labelsOf(labels)
  const bad = [over, under, seconds, minutes].some((text) => !Number.isFinite(Number(text))) || only === undefined
  const asked: AlertRule = {
    name,
    folder,
    metric,
    severity,
    forMs: Math.round(Number(seconds) * 1000),
    windowMs: Math.round(Number(minutes) * 60_000),
    ...(over === '' ? {} : { over: Number(over) }),
    ...(under === '' ? {} : { under: Number(under) }),
    ...(given?.of === undefined ? {} : { of: given.of }),
    ...(only === undefined || Object.keys(only).length === 0 ? {} : { labels: only })
  }
  const about = bad ? undefined : runRuleText(asked)
  const keep = useChange({
    work: () =>
      server.ask('put', '/api/v1/alert-rules/{rule}', { path: { rule: rule?.id ?? idOf(name) }, body: asked }),
    changes: ['/api/v1/alert-rules', '/api/v1/alerts'],
    quiet: true,
    done: () => `The rule ${name} is kept.`,
    after: close
  })
  return (
    <Dialog
      open
      close={close}
      title={rule === null ? 'New rule' : 'Change the rule'}
      about={about === undefined ? '' : `Raised when ${about}.`}
    >
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
        <Field
          label="Only series with"
          help="Labels such as flow=orders; empty: each flow is watched by itself"
          problem={only === undefined ? 'Write NAME=VALUE, with commas between.' : ''}
          className="font-mono"
          value={labels}
          onChange={(event) => {
            setLabels(event.target.value)
          }}
        />
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
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
            label="For seconds"
            type="number"
            min="0"
            max="86400"
            step="any"
            value={seconds}
            onChange={(event) => {
              setSeconds(event.target.value)
            }}
          />
          <Field
            label="Within minutes"
            type="number"
            min="0.02"
            max="1440"
            step="any"
            value={minutes}
            onChange={(event) => {
              setMinutes(event.target.value)
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
          <Button type="submit" look="main" disabled={keep.isPending || bad || (over === '' && under === '')}>
            Keep the rule
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
