// Secrets: names, hosts and times; nobody reads a value back.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import type { Schemas } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'

type Head = Schemas['SecretHead']

const CHANGES = ['/api/v1/secrets']

/** The query that names a folder; the root needs none. */
export function inFolder(folder: string): { query?: { folder: string } } {
  return folder === '' ? {} : { query: { folder } }
}

/** What is written with commas or spaces between. */
export function listOf(text: string): string[] {
  return text.split(/[,\s]+/).filter((one) => one !== '')
}

/** The table of secrets. */
export function SecretsPart() {
  const { may, mayIn } = useSigned()
  const [editing, setEditing] = useState<Head | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Head | null>(null)
  const secrets = useAll('/api/v1/secrets')
  const remove = useChange({
    work: (head: Head) =>
      server.ask('delete', '/api/v1/secrets/{name}', { path: { name: head.name }, ...inFolder(head.folder) }),
    changes: CHANGES,
    done: (_, head) => `${head.name} is forgotten.`,
    after: () => {
      setLeaving(null)
    }
  })
  return (
    <>
      {may('secret.write') && (
        <div className="flex justify-end px-4 py-2">
          <Button
            onClick={() => {
              setEditing('new')
            }}
          >
            New secret
          </Button>
        </div>
      )}
      <Shown of={secrets} what="the secrets">
        {(read) =>
          read.secrets.length === 0 ? (
            <Empty title="There is no secret">
              Flows name one as ${'{secret:NAME}'}; it goes only to the hosts that it lists.
            </Empty>
          ) : (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Secret</th>
                  <th scope="col">Folder</th>
                  <th scope="col">Goes to</th>
                  <th scope="col">Changed</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {read.secrets.map((head) => (
                  <tr key={`${head.folder}/${head.name}`}>
                    <td>{head.name}</td>
                    <td className="text-mute">{head.folder === '' ? 'the root' : head.folder}</td>
                    <td>{head.hosts.length === 0 ? 'any host' : head.hosts.join(', ')}</td>
                    <td>
                      <TimeText ms={head.changedAt} far />
                    </td>
                    <td className="w-0">
                      {mayIn('secret.write', head.folder) && (
                        <span className="flex gap-6">
                          <Button
                            look="quiet"
                            aria-label={`Forget ${head.name}`}
                            onClick={() => {
                              setLeaving(head)
                            }}
                          >
                            Forget
                          </Button>
                          <Button
                            aria-label={`Change ${head.name}`}
                            onClick={() => {
                              setEditing(head)
                            }}
                          >
                            Change
                          </Button>
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
      {editing !== null && (
        <EditSecret
          head={editing === 'new' ? null : editing}
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
        title={`Forget ${leaving?.name ?? ''}?`}
        about="Runs that use it fail from then on. This cannot be undone."
        yes="Forget"
        act={() => {
          if (leaving !== null) remove.mutate(leaving)
        }}
        busy={remove.isPending}
      />
    </>
  )
}

function EditSecret({ head, close }: { head: Head | null; close: () => void }) {
  const [name, setName] = useState(head?.name ?? '')
  const [folder, setFolder] = useState(head?.folder ?? '')
  const [value, setValue] = useState('')
  const [hosts, setHosts] = useState((head?.hosts ?? []).join(', '))
  const keep = useChange({
    work: () =>
      server.ask('put', '/api/v1/secrets/{name}', {
        path: { name },
        ...inFolder(folder),
        body: { hosts: listOf(hosts), ...(value === '' ? {} : { value }) }
      }),
    changes: CHANGES,
    quiet: true,
    done: () => `${name} is kept.`,
    after: close
  })
  return (
    <Dialog
      open
      close={close}
      title={head === null ? 'New secret' : `Change ${head.name}`}
      about="Nobody can read the value afterwards."
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
          disabled={head !== null}
          className="font-mono"
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Field
          label="Folder"
          disabled={head !== null}
          help="Of it and below; empty: the root"
          value={folder}
          onChange={(event) => {
            setFolder(event.target.value)
          }}
        />
        <Field
          label={head === null ? 'Value' : 'Another value'}
          type="password"
          autoComplete="off"
          required={head === null}
          help={head === null ? '' : 'Empty: it stays as it is'}
          value={value}
          onChange={(event) => {
            setValue(event.target.value)
          }}
        />
        <Field
          label="Hosts that may have it"
          help="Such as api.example.com, with commas between"
          value={hosts}
          onChange={(event) => {
            setHosts(event.target.value)
          }}
        />
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={keep.isPending}>
            Keep the secret
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
