// What can be done with a run: stop it, let it go on, delete it.
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import type { Run } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Menu, type MenuItem } from '@weir/ui/menu.tsx'
import { goesOn } from '../runs/run-state.tsx'

const CHANGES = ['/api/v1/runs', '/api/v1/runs/{run}']

/** One button by state; the rest behind the dots. */
export function RunActions({ run }: { run: Run }) {
  const { mayIn } = useSigned()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const folder = run.folder ?? ''
  const path = { run: run.id }
  const stop = useChange({
    work: (at: 'end' | 'checkpoint') => server.ask('post', '/api/v1/runs/{run}/stop', { path, body: { at } }),
    changes: CHANGES,
    done: (_, at) =>
      at === 'checkpoint'
        ? 'The run stops at its next checkpoint.'
        : 'What is under way is finished, then the run stops.'
  })
  const resume = useChange({
    work: () => server.ask('post', '/api/v1/runs/{run}/resume', { path }),
    changes: CHANGES,
    done: () => 'The run goes on behind its last checkpoint.'
  })
  const remove = useChange({
    work: () => server.ask('delete', '/api/v1/runs/{run}', { path }),
    changes: ['/api/v1/runs'],
    done: () => 'The run is deleted.',
    after: () => void navigate('/runs')
  })
  const on = goesOn(run)
  const mayStop = mayIn('run.stop', folder)
  const resumable = run.state === 'stopped' || run.state === 'failed' || run.state === 'held'
  const items: MenuItem[] = []
  if (on && mayStop) {
    items.push({
      words: 'Stop at a checkpoint',
      act: () => {
        stop.mutate('checkpoint')
      }
    })
  }
  if (!on && mayStop) {
    items.push({
      words: 'Delete',
      danger: true,
      act: () => {
        setAsking(true)
      }
    })
  }
  return (
    <>
      {on && mayStop && (
        <Button
          onClick={() => {
            stop.mutate('end')
          }}
          disabled={stop.isPending || run.state === 'stopping'}
        >
          <span aria-hidden="true">■</span> Stop
        </Button>
      )}
      {resumable && mayIn('run.start', folder) && (
        <Button
          onClick={() => {
            resume.mutate(undefined)
          }}
          disabled={resume.isPending}
        >
          Resume
        </Button>
      )}
      <Menu label="More about this run" items={items} />
      <Confirm
        open={asking}
        close={() => {
          setAsking(false)
        }}
        title="Delete this run?"
        about="Its record goes, with its checkpoints, its log and all rows that it has set aside. This cannot be undone."
        yes="Delete"
        act={() => {
          remove.mutate(undefined)
        }}
        busy={remove.isPending}
      />
    </>
  )
}
