// Mounts: directories of the machine that flows may use by name, each with a test as the server's own user.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import type { Schemas } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { inFolder } from './secrets-part.tsx'

type Mount = Schemas['Mount']

const CHANGES = ['/api/v1/mounts']

/** What a test of a mount has found, in words. */
export function testText(test: Schemas['MountTest']): string {
  if (!test.usable) return test.problem ?? 'it cannot be used'
  const ways = [...(test.reads ? ['can be read'] : []), ...(test.writes ? ['can be written'] : [])].join(' and ')
  return `${ways}${test.entries === undefined ? '' : `, ${test.entries} entries`}`
}

/** The table of mounts. */
export function MountsPart() {
  const { may } = useSigned()
  const [editing, setEditing] = useState<Mount | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Mount | null>(null)
  const mounts = useAll('/api/v1/mounts')
  const remove = useChange({
    work: (mount: Mount) =>
      server.ask('delete', '/api/v1/mounts/{name}', { path: { name: mount.name }, ...inFolder(mount.folder) }),
    changes: CHANGES,
    done: (_, mount) => `The mount ${mount.name} is taken away.`,
    after: () => {
      setLeaving(null)
    }
  })
  const administers = may('server.admin')
  return (
    <>
      {administers && (
        <div className="flex justify-end px-4 py-2">
          <Button
            onClick={() => {
              setEditing('new')
            }}
          >
            New mount
          </Button>
        </div>
      )}
      <Shown of={mounts} what="the mounts">
        {(read) =>
          read.mounts.length === 0 ? (
            <Empty title="There is no mount">Flows reach files of the server through mounts only.</Empty>
          ) : (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Mount</th>
                  <th scope="col">Folder</th>
                  <th scope="col">Directory</th>
                  <th scope="col">For</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {read.mounts.map((mount) => (
                  <MountRow
                    key={`${mount.folder}/${mount.name}`}
                    mount={mount}
                    administers={administers}
                    edit={() => {
                      setEditing(mount)
                    }}
                    leave={() => {
                      setLeaving(mount)
                    }}
                  />
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
      {editing !== null && (
        <EditMount
          mount={editing === 'new' ? null : editing}
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
        title={`Take the mount ${leaving?.name ?? ''} away?`}
        about="Runs that go on keep it until they start again; its files stay."
        yes="Take away"
        act={() => {
          if (leaving !== null) remove.mutate(leaving)
        }}
        busy={remove.isPending}
      />
    </>
  )
}

function MountRow(props: { mount: Mount; administers: boolean; edit: () => void; leave: () => void }) {
  const { mount, administers, edit, leave } = props
  const test = useChange({
    work: () =>
      server.ask('post', '/api/v1/mounts/{name}/test', { path: { name: mount.name }, ...inFolder(mount.folder) }),
    changes: [],
    quiet: true
  })
  return (
    <tr>
      <td className="font-semibold">{mount.name}</td>
      <td className="text-mute">{mount.folder === '' ? 'the root' : mount.folder}</td>
      <td>
        {mount.directory ?? <span className="text-mute">not yours to see</span>}
        <span role="status" className="block font-sans">
          {test.data !== undefined && (
            <StateBadge tone={test.data.usable ? 'ok' : 'error'}>{testText(test.data)}</StateBadge>
          )}
          {test.error !== null && <span className="text-error">✕ {test.error.message}</span>}
        </span>
      </td>
      <td>{mount.writes ? 'reading and writing' : 'reading'}</td>
      <td className="w-0">
        {administers && (
          <span className="flex justify-end gap-2">
            <Button look="quiet" aria-label={`Take away the mount ${mount.name}`} onClick={leave} className="mr-4">
              Take away
            </Button>
            <Button aria-label={`Change ${mount.name}`} onClick={edit}>
              Change
            </Button>
            <Button
              aria-label={`Test ${mount.name}`}
              disabled={test.isPending}
              onClick={() => {
                test.mutate(undefined)
              }}
            >
              Test
            </Button>
          </span>
        )}
      </td>
    </tr>
  )
}

function EditMount({ mount, close }: { mount: Mount | null; close: () => void }) {
  const [name, setName] = useState(mount?.name ?? '')
  const [folder, setFolder] = useState(mount?.folder ?? '')
  const [directory, setDirectory] = useState(mount?.directory ?? '')
  const [writes, setWrites] = useState(mount?.writes ?? false)
  const keep = useChange({
    work: () =>
      server.ask('put', '/api/v1/mounts/{name}', { path: { name }, ...inFolder(folder), body: { directory, writes } }),
    changes: CHANGES,
    quiet: true,
    done: () => `The mount ${name} is kept. Test it to see what the server may do there.`,
    after: close
  })
  return (
    <Dialog open close={close} title={mount === null ? 'New mount' : `Change ${mount.name}`}>
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
          disabled={mount !== null}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Field
          label="Folder"
          disabled={mount !== null}
          help="Of it and below; empty: the root"
          value={folder}
          onChange={(event) => {
            setFolder(event.target.value)
          }}
        />
        <Field
          label="Directory"
          required
          className="font-mono"
          help="An absolute path of the server’s machine"
          value={directory}
          onChange={(event) => {
            setDirectory(event.target.value)
          }}
        />
        <Check checked={writes} set={setWrites}>
          Flows may write there
        </Check>
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={keep.isPending}>
            Keep the mount
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
