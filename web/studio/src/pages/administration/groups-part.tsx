// Groups of people, which roles can be given to at once.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import type { Schemas } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { useNames } from '../runs/use-names.ts'

type Group = Schemas['Group']

/** The table of groups. */
export function GroupsPart() {
  const names = useNames()
  const [editing, setEditing] = useState<Group | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Group | null>(null)
  const groups = useAll('/api/v1/groups')
  const remove = useChange({
    work: (group: Group) => server.ask('delete', '/api/v1/groups/{group}', { path: { group: group.id } }),
    changes: ['/api/v1/groups', '/api/v1/grants'],
    done: (_, group) => `${group.name} is removed.`,
    after: () => {
      setLeaving(null)
    }
  })
  return (
    <>
      <div className="flex justify-end px-4 py-2">
        <Button
          onClick={() => {
            setEditing('new')
          }}
        >
          New group
        </Button>
      </div>
      <Shown of={groups} what="the groups">
        {(read) =>
          read.groups.length === 0 ? (
            <Empty title="There is no group">A role that is given to a group is that of all its members.</Empty>
          ) : (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Group</th>
                  <th scope="col">Members</th>
                  <th scope="col">Claim</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {read.groups.map((group) => (
                  <tr key={group.id}>
                    <td className="font-sans text-base font-semibold">{group.name}</td>
                    <td>{group.members.map((member) => names.get(member) ?? member).join(', ')}</td>
                    <td className="text-mute">{group.claim}</td>
                    <td className="w-0">
                      <span className="flex gap-6">
                        <Button
                          look="quiet"
                          aria-label={`Remove ${group.name}`}
                          onClick={() => {
                            setLeaving(group)
                          }}
                        >
                          Remove
                        </Button>
                        <Button
                          aria-label={`Change ${group.name}`}
                          onClick={() => {
                            setEditing(group)
                          }}
                        >
                          Change
                        </Button>
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
      {editing !== null && (
        <EditGroup
          group={editing === 'new' ? null : editing}
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
        title={`Remove ${leaving?.name ?? ''}?`}
        about="The roles that it has end for all its members."
        yes="Remove"
        act={() => {
          if (leaving !== null) remove.mutate(leaving)
        }}
        busy={remove.isPending}
      />
    </>
  )
}

function EditGroup({ group, close }: { group: Group | null; close: () => void }) {
  const users = useAll('/api/v1/users')
  const [name, setName] = useState(group?.name ?? '')
  const [claim, setClaim] = useState(group?.claim ?? '')
  const [members, setMembers] = useState<readonly string[]>(group?.members ?? [])
  const keep = useChange({
    work: () => {
      const body = { name, claim, members: [...members] }
      return group === null
        ? server.ask('post', '/api/v1/groups', { body })
        : server.ask('put', '/api/v1/groups/{group}', { path: { group: group.id }, body })
    },
    changes: ['/api/v1/groups'],
    quiet: true,
    done: () => `${name} is kept.`,
    after: close
  })
  return (
    <Dialog open close={close} title={group === null ? 'New group' : `Change ${group.name}`}>
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
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Field
          label="Claim"
          help="A value of the identity provider’s claim that makes people members"
          value={claim}
          onChange={(event) => {
            setClaim(event.target.value)
          }}
        />
        <fieldset className="grid max-h-60 gap-1 overflow-auto">
          <legend className="pb-1 text-data text-mute">Members</legend>
          {(users.data?.users ?? []).map((user) => (
            <Check
              key={user.id}
              checked={members.includes(user.id)}
              set={(on) => {
                setMembers(on ? [...members, user.id] : members.filter((one) => one !== user.id))
              }}
            >
              {user.name}
            </Check>
          ))}
        </fieldset>
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={keep.isPending}>
            Keep the group
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
