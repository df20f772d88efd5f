// The rows of a run that were set aside: look at them, mend them, replay them, throw them away.
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useGet } from '../../api/use-get.ts'
import type { DeadLetter, Run } from '../../api/routes.ts'
import { count } from '@weir/ui/figures/figures.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { EditLetter } from './edit-letter.tsx'
import { LetterTable } from './letter-table.tsx'

const LIMIT = 200
const CHANGES = ['/api/v1/runs/{run}/dead-letters', '/api/v1/runs/{run}', '/api/v1/runs']

/** The tab. */
export function LettersTab({ run }: { run: Run }) {
  const letters = useGet(
    '/api/v1/runs/{run}/dead-letters',
    { path: { run: run.id }, query: { limit: LIMIT } },
    { everyMs: 2000 }
  )
  return (
    <Shown of={letters} what="the rows that were set aside">
      {(page) =>
        page.letters.length === 0 ? (
          <Empty title="Nothing is set aside">Rows that fail are kept here, to be mended and replayed.</Empty>
        ) : (
          <Letters run={run} letters={page.letters} more={page.next !== undefined} />
        )
      }
    </Shown>
  )
}

function Letters({ run, letters, more }: { run: Run; letters: readonly DeadLetter[]; more: boolean }) {
  const { mayIn } = useSigned()
  const navigate = useNavigate()
  const folder = run.folder ?? ''
  const [picked, setPicked] = useState<readonly number[]>([])
  const [editing, setEditing] = useState<DeadLetter | null>(null)
  const [asking, setAsking] = useState(false)
  const chosen = picked.filter((number) => letters.some((letter) => letter.number === number))
  const replay = useChange({
    work: () =>
      server.ask('post', '/api/v1/runs/{run}/dead-letters/replay', {
        path: { run: run.id },
        body: chosen.length === 0 ? {} : { numbers: chosen }
      }),
    changes: CHANGES,
    done: () => 'The rows are given again, in a run of their own.',
    after: (made) => void navigate(`/runs/${made.id}`)
  })
  const discard = useChange({
    work: async () => {
      if (chosen.length === 0)
        return await server.ask('delete', '/api/v1/runs/{run}/dead-letters', { path: { run: run.id } })
      for (const number of chosen) {
        await server.ask('delete', '/api/v1/runs/{run}/dead-letters/{number}', { path: { run: run.id, number } })
      }
      return { discarded: chosen.length }
    },
    changes: CHANGES,
    done: ({ discarded }) => `${count(discarded)} thrown away.`,
    after: () => {
      setAsking(false)
      setPicked([])
    }
  })
  const mayEdit = mayIn('deadletter.edit', folder)
  const which = chosen.length === 0 ? 'all' : count(chosen.length)
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 py-2">
        <span className="text-mute">
          {more ? `showing the first ${count(letters.length)}` : count(letters.length)} set aside
          {chosen.length > 0 ? `, ${count(chosen.length)} picked` : ''}
        </span>
        <span className="ml-auto flex gap-6">
          {mayEdit && (
            <Button
              look="danger"
              onClick={() => {
                setAsking(true)
              }}
            >
              Throw {which} away
            </Button>
          )}
          {mayIn('deadletter.replay', folder) && (
            <Button
              look="main"
              disabled={replay.isPending}
              onClick={() => {
                replay.mutate(undefined)
              }}
            >
              Replay {which}
            </Button>
          )}
        </span>
      </div>
      <LetterTable
        letters={letters}
        picked={chosen}
        pick={(number, on) => {
          setPicked(on ? [...chosen, number] : chosen.filter((one) => one !== number))
        }}
        edit={mayEdit && mayIn('data.read', folder) ? setEditing : null}
      />
      {editing !== null && (
        <EditLetter
          run={run.id}
          letter={editing}
          close={() => {
            setEditing(null)
          }}
        />
      )}
      <Confirm
        open={asking}
        close={() => {
          setAsking(false)
        }}
        title={`Throw ${which} away?`}
        about={`${chosen.length === 0 ? `All rows that this run has set aside (${more ? 'more than ' : ''}${count(letters.length)})` : `${count(chosen.length)} rows`} are gone then. This cannot be undone.`}
        yes="Throw away"
        act={() => {
          discard.mutate(undefined)
        }}
        busy={discard.isPending}
      />
    </>
  )
}
