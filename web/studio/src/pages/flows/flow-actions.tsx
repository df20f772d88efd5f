// What can be done with a flow by who looks at it.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import type { FlowHead } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Menu, type MenuItem } from '@weir/ui/menu.tsx'
import { saveText } from '@weir/ui/save-text.ts'

const CHANGES = ['/api/v1/flows']

/** Run it, and behind the dots: publish, download, delete; in the bin: restore, delete for good. */
export function FlowActions({ flow, bin, start }: { flow: FlowHead; bin: boolean; start: () => void }) {
  const { mayIn } = useSigned()
  const [asking, setAsking] = useState(false)
  const path = { flow: flow.id }
  const remove = useChange({
    work: () => server.ask('delete', '/api/v1/flows/{flow}', { path, ifMatch: '*', query: bin ? { purge: true } : {} }),
    changes: CHANGES,
    done: () => (bin ? `${flow.name} is deleted for good.` : `${flow.name} is in the bin for 30 days.`),
    after: () => {
      setAsking(false)
    }
  })
  const restore = useChange({
    work: () => server.ask('post', '/api/v1/flows/{flow}/restore', { path }),
    changes: CHANGES,
    done: () => `${flow.name} is back.`
  })
  const publish = useChange({
    work: () => server.ask('post', '/api/v1/flows/{flow}/versions', { path, body: { publish: true } }),
    changes: CHANGES,
    done: (version) => `Version ${version.number} of ${flow.name} is published.`
  })
  const download = useChange({
    work: () => server.ask('get', '/api/v1/flows/{flow}', { path }),
    changes: [],
    after: (read) => {
      const { document } = read as { document: unknown }
      saveText(`${flow.id}.flow.json`, `${JSON.stringify(document, null, 2)}\n`, 'application/json')
    }
  })
  const mayEdit = mayIn('flow.edit', flow.folder)
  const items: MenuItem[] = []
  const add = (seen: boolean, words: string, act: () => void, danger = false) => {
    if (seen) items.push({ words, act, danger })
  }
  add(!bin && mayIn('flow.publish', flow.folder), 'Publish the draft', () => {
    publish.mutate(undefined)
  })
  add(true, 'Download', () => {
    download.mutate(undefined)
  })
  add(bin && mayEdit, 'Restore', () => {
    restore.mutate(undefined)
  })
  add(
    mayEdit,
    bin ? 'Delete for good' : 'Delete',
    () => {
      setAsking(true)
    },
    true
  )
  return (
    <span className="flex items-center justify-end gap-1">
      {!bin && mayIn('run.start', flow.folder) && (
        <Button onClick={start} aria-label={`Run ${flow.name}`}>
          Run
        </Button>
      )}
      <Menu label={`More about ${flow.name}`} items={items} />
      <Confirm
        open={asking}
        close={() => {
          setAsking(false)
        }}
        title={bin ? `Delete ${flow.name} for good?` : `Delete ${flow.name}?`}
        about={
          bin
            ? `The flow and its ${flow.latestVersion} versions are gone then. This cannot be undone.`
            : 'It goes into the bin and can be restored for 30 days. Runs that go on are not stopped.'
        }
        yes={bin ? 'Delete for good' : 'Delete'}
        act={() => {
          remove.mutate(undefined)
        }}
        busy={remove.isPending}
      />
    </span>
  )
}
