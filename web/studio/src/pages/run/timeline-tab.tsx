// What happened to a run, in order: its beginning and end, events that are told, ends of its process.
import { useGet } from '../../api/use-get.ts'
import type { Run } from '../../api/routes.ts'
import { StateBadge, type Tone } from '@weir/ui/state-badge.tsx'
import { Empty } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import type { RunEvent } from './use-run-live.ts'

export interface Happening {
  key: string
  at: number
  tone: Tone
  what: string
  words: string
}

const TONES: Record<string, Tone> = {
  error: 'error',
  critical: 'error',
  warning: 'warn',
  info: 'plain',
  debug: 'plain'
}

/** All that happened, oldest first. */
export function happeningsOf(
  run: Run,
  events: readonly RunEvent[],
  crashes: readonly { at?: number; how?: string; node?: string }[]
): Happening[] {
  const list: Happening[] = []
  const add = (key: string, at: number | undefined, tone: Tone, what: string, words = '') => {
    if (at !== undefined && at > 0) list.push({ key, at, tone, what, words })
  }
  add('made', run.createdAt, 'plain', 'asked for')
  add('began', run.startedAt, 'flow', 'began')
  for (const event of events) {
    const subject = event.subject === '' ? '' : `${event.subject}: `
    add(`event-${event.number}`, event.at, TONES[event.severity] ?? 'plain', event.kind, subject + event.message)
  }
  for (const crash of crashes) {
    add(
      `crash-${crash.at ?? 0}`,
      crash.at,
      'error',
      'process ended',
      `${crash.how ?? ''}${crash.node === undefined ? '' : ` at ${crash.node}`}`
    )
  }
  const ended: Tone = run.state === 'done' ? 'ok' : run.state === 'failed' ? 'error' : 'rest'
  add('ended', run.endedAt, ended, run.state ?? 'ended', run.error?.message ?? '')
  return list.sort((a, b) => a.at - b.at)
}

/** The tab. */
export function TimelineTab({ run, events }: { run: Run; events: readonly RunEvent[] }) {
  const crashes = useGet('/api/v1/runs/{run}/crashes', { path: { run: run.id } }, { everyMs: 5000 })
  const happenings = happeningsOf(run, events, crashes.data?.crashes ?? [])
  if (happenings.length === 0) return <Empty title="Nothing has happened yet">The run waits for its turn.</Empty>
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">
            <ZoneHead>Time</ZoneHead>
          </th>
          <th scope="col">What</th>
          <th scope="col">Words</th>
        </tr>
      </thead>
      <tbody>
        {happenings.map((one) => (
          <tr key={one.key}>
            <td className="w-0 whitespace-nowrap">
              <TimeText ms={one.at} />
            </td>
            <td className="w-0">
              <StateBadge tone={one.tone}>{one.what}</StateBadge>
            </td>
            <td className="whitespace-pre-wrap font-sans">{one.words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
