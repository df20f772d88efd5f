// Roles: who has which one where.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'

const ROLES = ['viewer', 'operator', 'editor', 'developer', 'admin'] as const
const CHANGES = ['/api/v1/grants']

/** The table of grants. */
export function GrantsPart() {
  const [making, setMaking] = useState(false)
  const grants = useAll('/api/v1/grants')
  const take = useChange({
    work: (grant: string) => server.ask('delete', '/api/v1/grants/{grant}', { path: { grant } }),
    changes: CHANGES,
    done: () => 'The role is taken away.'
  })
  return (
    <>
      <div className="flex justify-end px-4 py-2">
        <Button
          onClick={() => {
            setMaking(true)
          }}
        >
          Give a role
        </Button>
      </div>
      <Shown of={grants} what="the roles">
        {(read) =>
          read.grants.length === 0 ? (
            <Empty title="Nobody has a role here">Give one to a user or a group, in a folder and all below it.</Empty>
          ) : (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Who</th>
                  <th scope="col">Role</th>
                  <th scope="col">Where</th>
                  <th scope="col">Since</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {read.grants.map((grant) => (
                  <tr key={grant.id}>
                    <td className="font-sans text-base font-semibold">
                      {grant.name}
                      {grant.group !== undefined && <span className="font-normal text-mute"> group</span>}
                    </td>
                    <td>{grant.role}</td>
                    <td>
                      {grant.folder === '' ? 'everywhere' : grant.folder}
                      {grant.flow !== undefined && <span className="text-mute"> · flow {grant.flow}</span>}
                    </td>
                    <td>
                      <TimeText ms={grant.createdAt} far />
                    </td>
                    <td className="w-0">
                      <Button
                        aria-label={`Take away the role ${grant.role} from ${grant.name}`}
                        onClick={() => {
                          take.mutate(grant.id)
                        }}
                      >
                        Take away
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
      {making && (
        <NewGrant
          close={() => {
            setMaking(false)
          }}
        />
      )}
    </>
  )
}

function NewGrant({ close }: { close: () => void }) {
  const { may } = useSigned()
  const knows = may('server.admin')
  const users = useAll('/api/v1/users', {}, { enabled: knows })
  const groups = useAll('/api/v1/groups', {}, { enabled: knows })
  const [who, setWho] = useState('')
  const [role, setRole] = useState<(typeof ROLES)[number]>('viewer')
  const [folder, setFolder] = useState('')
  const people = [
    ...(users.data?.users ?? []).map((user) => [`user:${user.id}`, user.name] as const),
    ...(groups.data?.groups ?? []).map((group) => [`group:${group.id}`, `${group.name} (group)`] as const)
  ]
  const chosen = who === '' ? (people[0]?.[0] ?? '') : who
  const give = useChange({
    work: () => {
      const [kind, id = ''] = chosen.includes(':') ? chosen.split(':') : ['user', chosen]
      return server.ask('post', '/api/v1/grants', {
        body: { ...(kind === 'group' ? { group: id } : { user: id }), role, folder }
      })
    },
    changes: CHANGES,
    quiet: true,
    done: (grant) => `${grant.name} is ${grant.role} in ${grant.folder === '' ? 'every folder' : grant.folder}.`,
    after: close
  })
  return (
    <Dialog open close={close} title="Give a role">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          give.mutate(undefined)
        }}
      >
        {knows ? (
          <Choice label="To" value={chosen} options={people} choose={setWho} />
        ) : (
          <Field
            label="To"
            required
            help="The id of a user"
            value={who}
            onChange={(event) => {
              setWho(event.target.value)
            }}
          />
        )}
        <Choice
          label="Role"
          value={role}
          options={ROLES.map((one) => [one, one] as const)}
          choose={(next) => {
            const found = ROLES.find((one) => one === next)
            if (found !== undefined) setRole(found)
          }}
        />
        <Field
          label="Folder"
          help="With all below it, such as team/reports; empty: everywhere"
          value={folder}
          onChange={(event) => {
            setFolder(event.target.value)
          }}
        />
        <Refusal error={give.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={give.isPending || chosen === ''}>
            Give the role
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
