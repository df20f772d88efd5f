// Users: who they are, whether they may sign in, and new ones.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import type { Schemas, User } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'

const CHANGES = ['/api/v1/users']

/** The table of users. */
export function UsersPart() {
  const [making, setMaking] = useState(false)
  const users = useAll('/api/v1/users')
  return (
    <>
      <div className="flex justify-end px-4 py-2">
        <Button
          onClick={() => {
            setMaking(true)
          }}
        >
          New user
        </Button>
      </div>
      <Shown of={users} what="the users">
        {(read) => (
          <table className="data-table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">State</th>
                <th scope="col">Kind</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {read.users.map((user) => (
                <UserRow key={user.id} user={user} />
              ))}
            </tbody>
          </table>
        )}
      </Shown>
      {making && (
        <NewUser
          close={() => {
            setMaking(false)
          }}
        />
      )}
    </>
  )
}

function UserRow({ user }: { user: User }) {
  const { me } = useSigned()
  const [asking, setAsking] = useState(false)
  const path = { user: user.id }
  const change = useChange({
    work: (body: Schemas['UserChange']) => server.ask('patch', '/api/v1/users/{user}', { path, body }),
    changes: CHANGES,
    done: () => `${user.name} is changed.`
  })
  const end = useChange({
    work: () => server.ask('delete', '/api/v1/users/{user}/sessions', { path }),
    changes: [],
    done: () => `${user.name} has to sign in again everywhere.`
  })
  const remove = useChange({
    work: () => server.ask('delete', '/api/v1/users/{user}', { path }),
    changes: [...CHANGES, '/api/v1/grants'],
    done: () => `${user.name} is removed.`
  })
  return (
    <tr>
      <td>
        <span className="block font-sans text-base font-semibold">{user.name}</span>
        <span className="font-sans text-mute">{user.fullName}</span>
      </td>
      <td>
        {user.disabled ? <StateBadge tone="rest">disabled</StateBadge> : <StateBadge tone="ok">may sign in</StateBadge>}
      </td>
      <td className="font-sans">
        {user.service ? 'service account' : 'person'}
        {user.administersServer && <span className="text-mute"> · administers the server</span>}
      </td>
      <td>
        <TimeText ms={user.createdAt} far />
      </td>
      <td className="w-0">
        <Menu
          label={`More about ${user.name}`}
          items={[
            {
              words: user.disabled ? 'Let sign in again' : 'Disable',
              act: () => {
                change.mutate({ disabled: !user.disabled })
              }
            },
            {
              words: user.administersServer ? 'Administers the server no more' : 'Administers the server',
              act: () => {
                change.mutate({ administersServer: !user.administersServer })
              }
            },
            {
              words: 'End all sessions',
              act: () => {
                end.mutate(undefined)
              }
            },
            ...(user.id === me.user.id
              ? []
              : [
                  {
                    words: 'Remove',
                    danger: true,
                    act: () => {
                      setAsking(true)
                    }
                  }
                ])
          ]}
        />
        <Confirm
          open={asking}
          close={() => {
            setAsking(false)
          }}
          title={`Remove ${user.name}?`}
          about="Their sessions, tokens and roles go with them. Flows and runs stay."
          yes="Remove"
          act={() => {
            remove.mutate(undefined)
          }}
          busy={remove.isPending}
        />
      </td>
    </tr>
  )
}

function NewUser({ close }: { close: () => void }) {
  const [name, setName] = useState('')
  const [fullName, setFullName] = useState('')
  const [password, setPassword] = useState('')
  const [service, setService] = useState(false)
  const [administers, setAdministers] = useState(false)
  const make = useChange({
    work: () =>
      server.ask('post', '/api/v1/users', {
        body: {
          name,
          fullName,
          service,
          ...(service ? {} : { password }),
          ...(administers ? { administersServer: true } : {})
        }
      }),
    changes: CHANGES,
    quiet: true,
    done: (user) => `${user.name} is made. Give them a role, so that they see something.`,
    after: close
  })
  return (
    <Dialog open close={close} title="New user">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate(undefined)
        }}
      >
        <Field
          label="Name, by which they sign in"
          required
          autoComplete="off"
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Field
          label="Whole name"
          autoComplete="off"
          value={fullName}
          onChange={(event) => {
            setFullName(event.target.value)
          }}
        />
        <Check checked={service} set={setService} help="It has tokens and no password.">
          A service account, for a program
        </Check>
        {!service && (
          <Field
            label="Password"
            type="password"
            autoComplete="new-password"
            required
            minLength={12}
            help="12 characters at least; they can change it"
            value={password}
            onChange={(event) => {
              setPassword(event.target.value)
            }}
          />
        )}
        <Check checked={administers} set={setAdministers} help="Users, mounts, storage; this alone opens no folder.">
          Administers the server
        </Check>
        <Refusal error={make.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={make.isPending}>
            Make the user
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
