// The Set aside tab: rows that failed, by cause with their counts; each can be looked at, and where a place offers it, mended.
import { Button } from '@weir/ui/button.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import { Loading } from '@weir/ui/states.tsx'
import { TextArea } from '@weir/ui/text-area.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { useCallback, useEffect, useState } from 'react'
import type { ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { jsonText } from '../data/cell-format.ts'
import { grouped, readLetter } from './letters.ts'
import type { Letter, LetterGroup } from './letters.ts'

type Read =
  { state: 'reading' } | { state: 'failed'; reason: string } | { state: 'read'; groups: readonly LetterGroup[] }

/** Read again when more rows were set aside, and after a replay. */
function useLetters(run: ShownRun): readonly [Read, () => void] {
  const aside = usePart(run.facts, (facts) => facts.aside)
  const ended = usePart(run.facts, (facts) => facts.endedAt !== undefined)
  const [turn, setTurn] = useState(0)
  const [read, setRead] = useState<Read>({ state: 'reading' })
  useEffect(() => {
    let gone = false
    // Many may come at once: half a second is soon enough.
    const timer = setTimeout(
      () => {
        run.deadLetters().then(
          (letters) => {
            if (!gone) setRead({ state: 'read', groups: grouped(letters.map(readLetter)) })
          },
          (reason: unknown) => {
            if (!gone)
              setRead({ state: 'failed', reason: reason instanceof Error ? reason.message : 'They could not be read.' })
          }
        )
      },
      ended ? 0 : 500
    )
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [run, aside, ended, turn])
  const again = useCallback(() => {
    setTurn((before) => before + 1)
  }, [])
  return [read, again]
}

export function AsideTab({ run }: { run: ShownRun }) {
  const session = useSession()
  const aside = usePart(run.facts, (facts) => facts.aside)
  const [read, again] = useLetters(run)
  const [open, setOpen] = useState<string | undefined>(undefined)
  if (read.state === 'reading') return <Loading what="rows that were set aside" />
  if (read.state === 'failed') return <p className="p-4 text-error">✕ {read.reason}</p>
  const told = read.groups.reduce((sum, group) => sum + group.letters.length, 0)
  if (told === 0)
    return (
      <p className="grid h-full place-items-center text-mute">
        {aside === 0
          ? 'Nothing was set aside.'
          : `${count(aside)} rows were set aside; this run does not tell them here.`}
      </p>
    )
  const group = read.groups.find((each) => each.key === open) ?? read.groups[0]
  return (
    <div className="flex h-full min-h-0">
      <ul className="w-[40%] min-w-64 overflow-auto border-r border-line" aria-label="Causes">
        {read.groups.map((each) => (
          <li key={each.key} className="border-b border-line">
            <button
              type="button"
              aria-pressed={each === group}
              className={`grid w-full grid-cols-[auto_1fr] gap-x-3 px-4 py-2 text-left text-data ${each === group ? 'bg-water-dim' : 'hover:bg-raised'}`}
              onClick={() => {
                setOpen(each.key)
              }}
            >
              <span className="font-mono text-error">✕ {count(each.letters.length)}</span>
              <span className="truncate">{each.message.split('\n', 1)[0]}</span>
              <span />
              <span className="truncate text-small text-faint">
                {each.node} · {each.code}
              </span>
            </button>
          </li>
        ))}
        {told < aside && (
          <li className="px-4 py-2 text-small text-mute">
            {count(told)} of {count(aside)} are told here.
          </li>
        )}
      </ul>
      {group !== undefined && <Group key={group.key} session={session} run={run} group={group} again={again} />}
    </div>
  )
}

/** The first line says what it is; what follows shows the place in a formula, in columns. */
function Message({ text }: { text: string }) {
  const [first = '', ...place] = text.split('\n')
  return (
    <div className="min-w-0 flex-1">
      <p>{first}</p>
      {place.length > 0 && <pre className="overflow-x-auto text-mute">{place.join('\n')}</pre>}
    </div>
  )
}

interface GroupProps {
  session: EditorSession
  run: ShownRun
  group: LetterGroup
  again: () => void
}

const kMostShown = 200

function Group({ session, run, group, again }: GroupProps) {
  const { replay } = run
  const node = session.document.node(group.node)
  return (
    <div className="min-w-0 flex-1 overflow-auto">
      <div className="sticky top-0 flex items-center gap-2 border-b border-line bg-panel px-4 py-1.5 text-data">
        <Message text={group.message} />
        {node !== undefined && (
          <Button
            onClick={() => {
              session.selection.set([{ kind: 'nodes', id: node.id }])
            }}
          >
            Show node
          </Button>
        )}
        {replay !== undefined && (
          <Button
            onClick={() => {
              void replayed(
                session,
                replay.bind(run),
                group.letters.map((letter) => letter.told)
              ).then(again)
            }}
          >
            Replay {count(group.letters.length)}
          </Button>
        )}
      </div>
      <ol>
        {group.letters.slice(0, kMostShown).map((letter, at) => (
          <One
            key={letter.traceId === '' ? at : letter.traceId}
            session={session}
            run={run}
            letter={letter}
            again={again}
          />
        ))}
        {group.letters.length > kMostShown && (
          <li className="px-4 py-2 text-mute">and {count(group.letters.length - kMostShown)} more</li>
        )}
      </ol>
    </div>
  )
}

async function replayed(
  session: EditorSession,
  replay: NonNullable<ShownRun['replay']>,
  letters: readonly unknown[]
): Promise<void> {
  try {
    await replay(letters)
    session.tell(`Given again: ${count(letters.length)} ${letters.length === 1 ? 'row' : 'rows'}.`)
  } catch (reason) {
    session.tell(reason instanceof Error ? reason.message : 'The rows could not be given again.', 'error')
  }
}

function One({
  session,
  run,
  letter,
  again
}: {
  session: EditorSession
  run: ShownRun
  letter: Letter
  again: () => void
}) {
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const { replay } = run
  const parsed = draft === undefined ? undefined : rowOf(draft)
  return (
    <li className="border-b border-line px-4 py-1.5 text-data">
      <div className="flex items-baseline gap-3">
        {letter.at !== undefined && (
          <span className="text-faint">
            <TimeText ms={letter.at} />
          </span>
        )}
        <code className="min-w-0 flex-1 truncate" title={jsonText(letter.row)}>
          {jsonText(letter.row)}
        </code>
        {letter.tries !== undefined && letter.tries > 1 && <span className="text-mute">{letter.tries} tries</span>}
        {replay !== undefined && draft === undefined && (
          <Button
            look="quiet"
            onClick={() => {
              setDraft(jsonText(letter.row, 2))
            }}
          >
            Edit
          </Button>
        )}
      </div>
      {draft !== undefined && replay !== undefined && (
        <div className="grid gap-2 py-2">
          <TextArea
            label="Row"
            rows={8}
            value={draft}
            problem={parsed === undefined ? 'This is no row: an object as JSON is expected.' : ''}
            onChange={(event) => {
              setDraft(event.target.value)
            }}
          />
          <div className="flex gap-2">
            <Button
              look="main"
              disabled={parsed === undefined}
              onClick={() => {
                const told = { ...(letter.told as Record<string, unknown>), row: parsed, edited: true }
                void replayed(session, replay.bind(run), [told]).then(again)
              }}
            >
              Replay as edited
            </Button>
            <Button
              onClick={() => {
                setDraft(undefined)
              }}
            >
              Cancel
            </Button>
          </div>
        </div>
      )}
    </li>
  )
}

function rowOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
