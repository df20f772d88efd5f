// One schedule in the table, with what can be done with it.
import { useState } from 'react'
import { Link } from 'react-router'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useGet } from '../../api/use-get.ts'
import type { Schedule } from '../../api/routes.ts'
import { duration } from '@weir/ui/figures/figures.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Menu, type MenuItem } from '@weir/ui/menu.tsx'
import { StateBadge, type Tone } from '@weir/ui/state-badge.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'

const CHANGES = [
  '/api/v1/schedules',
  '/api/v1/schedules/{schedule}/times',
  '/api/v1/schedules/{schedule}/fires',
  '/api/v1/runs'
]
const TONES: Record<string, Tone> = { started: 'ok', skipped: 'rest', waiting: 'warn', failed: 'error' }
const RUN_TONES: Record<string, Tone> = {
  failed: 'error',
  held: 'warn',
  stopped: 'rest',
  running: 'flow',
  starting: 'flow'
}

/** When it starts runs, in words. */
export function whenText(schedule: Pick<Schedule, 'cron' | 'everyMs' | 'timeZone'>): string {
  if (schedule.cron !== undefined && schedule.cron !== '') return `${schedule.cron} ${schedule.timeZone ?? ''}`.trim()
  return schedule.everyMs === undefined ? '' : `every ${duration(schedule.everyMs)}`
}

/** A row. */
export function ScheduleRow({ schedule, edit }: { schedule: Schedule; edit: () => void }) {
  const name = schedule.name === undefined || schedule.name === '' ? schedule.flow : schedule.name
  return (
    <tr>
      <td className="max-w-[30ch]">
        <span className="block truncate font-sans text-base font-semibold">{name}</span>
        <Link to={`/runs?flow=${encodeURIComponent(schedule.flow)}`} className="font-sans text-mute">
          {schedule.flow}
        </Link>
      </td>
      <td>{whenText(schedule)}</td>
      <td>
        <StateBadge tone={schedule.paused ? 'rest' : 'ok'}>{schedule.paused ? 'paused' : 'planned'}</StateBadge>
        {schedule.why !== undefined && schedule.why !== '' && (
          <span className="block font-sans text-warn">{schedule.why}</span>
        )}
      </td>
      <td>
        <NextTimes schedule={schedule} />
      </td>
      <td>
        <LastFire schedule={schedule.id} />
      </td>
      <td className="w-0">
        <ScheduleActions schedule={schedule} name={name} edit={edit} />
      </td>
    </tr>
  )
}

function NextTimes({ schedule }: { schedule: Schedule }) {
  const times = useGet(
    '/api/v1/schedules/{schedule}/times',
    { path: { schedule: schedule.id }, query: { count: 5 } },
    { everyMs: 30_000, enabled: !schedule.paused }
  )
  if (schedule.paused) return <span className="text-mute">none while it is paused</span>
  const list = times.data?.times ?? []
  if (list.length === 0) return <span className="text-mute">{times.data === undefined ? '…' : 'none'}</span>
  return (
    <ol className="grid">
      {list.map((ms, index) => (
        <li key={ms} className={index === 0 ? '' : 'text-mute'}>
          <TimeText ms={ms} />
          {index === 0 && (
            <span className="text-mute">
              {' '}
              <TimeText ms={ms} far />
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}

function LastFire({ schedule }: { schedule: string }) {
  const fires = useGet(
    '/api/v1/schedules/{schedule}/fires',
    { path: { schedule }, query: { limit: 1 } },
    { everyMs: 2000 }
  )
  const last = fires.data?.fires[0]
  if (last === undefined) return <span className="text-mute">{fires.data === undefined ? '…' : 'none yet'}</span>
  const state = last.runState ?? ''
  const tone = last.outcome === 'started' ? (RUN_TONES[state] ?? 'ok') : (TONES[last.outcome] ?? 'rest')
  const badge = <StateBadge tone={tone}>{last.outcome === 'started' && state !== '' ? state : last.outcome}</StateBadge>
  return (
    <span className="grid">
      <span className="inline-flex items-center gap-2">
        {last.run === undefined ? badge : <Link to={`/runs/${last.run}`}>{badge}</Link>}
        <TimeText ms={last.firedAt} far />
        {last.byHand === true && <span className="text-mute">by hand</span>}
      </span>
      {last.why !== undefined && last.why !== '' && <span className="font-sans text-mute">{last.why}</span>}
    </span>
  )
}

function ScheduleActions({ schedule, name, edit }: { schedule: Schedule; name: string; edit: () => void }) {
  const { mayIn } = useSigned()
  const [asking, setAsking] = useState(false)
  const path = { schedule: schedule.id }
  const pause = useChange({
    work: () =>
      schedule.paused
        ? server.ask('post', '/api/v1/schedules/{schedule}/resume', { path })
        : server.ask('post', '/api/v1/schedules/{schedule}/pause', { path }),
    changes: CHANGES,
    done: (now) => (now.paused ? `${name} is paused.` : `${name} goes on with its next time.`)
  })
  const runNow = useChange({
    work: () => server.ask('post', '/api/v1/schedules/{schedule}/run', { path }),
    changes: CHANGES,
    done: (fire) =>
      fire.outcome === 'started'
        ? `A run of ${schedule.flow} has begun.`
        : `No run has begun: ${fire.why ?? fire.outcome}.`
  })
  const remove = useChange({
    work: () => server.ask('delete', '/api/v1/schedules/{schedule}', { path }),
    changes: CHANGES,
    done: () => `${name} is deleted.`
  })
  const folder = schedule.folder ?? ''
  const items: MenuItem[] = []
  if (mayIn('flow.publish', folder)) {
    items.push(
      { words: 'Change', act: edit },
      {
        words: 'Delete',
        danger: true,
        act: () => {
          setAsking(true)
        }
      }
    )
  }
  return (
    <span className="flex items-center justify-end gap-2">
      {mayIn('run.start', folder) && (
        <>
          <Button
            aria-label={`${schedule.paused ? 'Resume' : 'Pause'} ${name}`}
            disabled={pause.isPending}
            onClick={() => {
              pause.mutate(undefined)
            }}
          >
            {schedule.paused ? 'Resume' : 'Pause'}
          </Button>
          <Button
            aria-label={`Run now: ${name}`}
            disabled={runNow.isPending}
            onClick={() => {
              runNow.mutate(undefined)
            }}
          >
            Run now
          </Button>
        </>
      )}
      <Menu label={`More about ${name}`} items={items} />
      <Confirm
        open={asking}
        close={() => {
          setAsking(false)
        }}
        title={`Delete ${name}?`}
        about="Nothing starts by it any more, and what became of its times is forgotten. Its runs stay."
        yes="Delete"
        act={() => {
          remove.mutate(undefined)
        }}
        busy={remove.isPending}
      />
    </span>
  )
}
