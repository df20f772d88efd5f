// Makes a schedule, or changes one.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import { useGet } from '../../api/use-get.ts'
import type { Schedule, Schemas } from '../../api/routes.ts'
import { shownZone } from '@weir/ui/preferences.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'

type Overlap = NonNullable<Schemas['ScheduleChange']['overlap']>

const MINUTE = 60_000
const OVERLAPS: readonly (readonly [Overlap, string])[] = [
  ['skip', 'leave that time out'],
  ['queue', 'start when it has ended'],
  ['parallel', 'start beside it']
]

function isOverlap(text: string | undefined): text is Overlap {
  return OVERLAPS.some(([one]) => one === text)
}

/** The dialog; null makes a new one. */
export function EditSchedule({ schedule, close }: { schedule: Schedule | null; close: () => void }) {
  const flows = useGet('/api/v1/flows', { query: { limit: 500, order: 'name' } })
  const published = (flows.data?.flows ?? []).filter((flow) => flow.publishedVersion > 0)
  const [flow, setFlow] = useState(schedule?.flow ?? '')
  const [name, setName] = useState(schedule?.name ?? '')
  const [kind, setKind] = useState(schedule?.everyMs === undefined || schedule.everyMs === 0 ? 'cron' : 'every')
  const [cron, setCron] = useState(schedule?.cron ?? '0 6 * * MON-FRI')
  const [minutes, setMinutes] = useState(String((schedule?.everyMs ?? 15 * MINUTE) / MINUTE))
  const [zone, setZone] = useState(schedule?.timeZone ?? shownZone(''))
  const [overlap, setOverlap] = useState<Overlap>(isOverlap(schedule?.overlap) ? schedule.overlap : 'skip')
  const chosen = flow === '' ? (published[0]?.id ?? '') : flow
  const keep = useChange({
    work: () => {
      const body = {
        name,
        overlap,
        ...(kind === 'cron' ? { cron, timeZone: zone } : { everyMs: Math.round(Number(minutes) * MINUTE) })
      }
      return schedule === null
        ? server.ask('post', '/api/v1/flows/{flow}/schedules', { path: { flow: chosen }, body })
        : server.ask('put', '/api/v1/schedules/{schedule}', {
            path: { schedule: schedule.id },
            body: { ...kept(schedule), ...body }
          })
    },
    changes: ['/api/v1/schedules', '/api/v1/schedules/{schedule}/times'],
    quiet: true,
    done: (made) => `${made.name === undefined || made.name === '' ? made.flow : made.name} is planned.`,
    after: close
  })
  return (
    <Dialog open close={close} title={schedule === null ? 'New schedule' : 'Change the schedule'}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          keep.mutate(undefined)
        }}
      >
        {schedule === null && (
          <Choice
            label="Flow"
            value={chosen}
            options={published.map((one) => [one.id, one.name] as const)}
            choose={setFlow}
            help={
              published.length === 0
                ? 'No flow has a published version yet: publish one first.'
                : 'Its published version runs.'
            }
          />
        )}
        <Field
          label="Name"
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Choice
          label="When"
          value={kind}
          options={[
            ['cron', 'At the times of a cron line'],
            ['every', 'At an interval']
          ]}
          choose={setKind}
        />
        {kind === 'cron' ? (
          <>
            <Field
              label="Cron line"
              help="Minute, hour, day of the month, month, day of the week"
              required
              className="font-mono"
              value={cron}
              onChange={(event) => {
                setCron(event.target.value)
              }}
            />
            <Field
              label="Time zone"
              help="Such as Europe/Berlin"
              required
              value={zone}
              onChange={(event) => {
                setZone(event.target.value)
              }}
            />
          </>
        ) : (
          <Field
            label="Minutes"
            type="number"
            min="0.05"
            step="any"
            required
            value={minutes}
            onChange={(event) => {
              setMinutes(event.target.value)
            }}
          />
        )}
        <Choice
          label="When a run still goes on"
          value={overlap}
          options={OVERLAPS}
          choose={(next) => {
            if (isOverlap(next)) setOverlap(next)
          }}
        />
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={keep.isPending || chosen === ''}>
            Plan it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What the form does not show stays as it was. */
function kept(schedule: Schedule): Schemas['ScheduleChange'] {
  const { version, parameters, environment, parallel, catchUp, toleranceMs, jitterMs } = schedule
  const misfire = schedule.misfire === 'skip' || schedule.misfire === 'all' ? schedule.misfire : 'once'
  return {
    misfire,
    ...(version === undefined ? {} : { version }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(environment === undefined || environment === '' ? {} : { environment }),
    ...(parallel === undefined ? {} : { parallel }),
    ...(catchUp === undefined ? {} : { catchUp }),
    ...(toleranceMs === undefined ? {} : { toleranceMs }),
    ...(jitterMs === undefined ? {} : { jitterMs })
  }
}
