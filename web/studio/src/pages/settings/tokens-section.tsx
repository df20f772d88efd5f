// Tokens for one's own programs.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll, useGet } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Section } from '@weir/ui/section.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { toClipboard } from '@weir/ui/copy-text.ts'

/** The tokens, with a form for a new one. */
export function TokensSection() {
  const [making, setMaking] = useState(false)
  const tokens = useAll('/api/v1/tokens')
  const revoke = useChange({
    work: (token: string) => server.ask('delete', '/api/v1/tokens/{token}', { path: { token } }),
    changes: ['/api/v1/tokens'],
    done: () => 'The token is revoked.'
  })
  return (
    <Section
      title="Tokens"
      actions={
        <Button
          onClick={() => {
            setMaking(true)
          }}
        >
          New token
        </Button>
      }
    >
      <Shown of={tokens} what="the tokens">
        {(read) =>
          read.tokens.length === 0 ? (
            <Empty title="No token yet">A program signs in with a token; it never does more than you may.</Empty>
          ) : (
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Token</th>
                  <th scope="col">May</th>
                  <th scope="col">Folders</th>
                  <th scope="col">Used</th>
                  <th scope="col">Ends</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {read.tokens.map((token) => (
                  <tr key={token.id}>
                    <td>{token.name}</td>
                    <td className="max-w-[40ch]">{token.permissions.join(', ')}</td>
                    <td>{token.folders.length === 0 ? 'all of yours' : token.folders.join(', ')}</td>
                    <td>{token.usedAt === 0 ? 'never' : <TimeText ms={token.usedAt} far />}</td>
                    <td>
                      <TimeText ms={token.expiresAt} far />
                    </td>
                    <td className="w-0">
                      <Button
                        look="danger"
                        aria-label={`Revoke ${token.name}`}
                        onClick={() => {
                          revoke.mutate(token.id)
                        }}
                      >
                        Revoke
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
        <NewToken
          close={() => {
            setMaking(false)
          }}
        />
      )}
    </Section>
  )
}

function NewToken({ close }: { close: () => void }) {
  const { may } = useSigned()
  const roles = useGet('/api/v1/roles')
  const permissions = [...new Set((roles.data?.roles ?? []).flatMap((role) => role.permissions))].filter(may)
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const [picked, setPicked] = useState<readonly string[]>(['flow.read'])
  const make = useChange({
    work: () => server.ask('post', '/api/v1/tokens', { body: { name, permissions: [...picked], days: Number(days) } }),
    changes: ['/api/v1/tokens'],
    quiet: true
  })
  if (make.data !== undefined) {
    return (
      <Dialog open close={close} title="The token" about="It is shown this once. Keep it where the program finds it.">
        <code className="break-all rounded-base border border-edge bg-bg p-2 text-data">{make.data.token}</code>
        <div className="flex justify-end gap-2">
          <Button onClick={() => void toClipboard(make.data.token)}>Copy</Button>
          <Button look="main" onClick={close}>
            Done
          </Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog open close={close} title="New token">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate(undefined)
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
          label="Days"
          type="number"
          min="1"
          max="3650"
          required
          value={days}
          onChange={(event) => {
            setDays(event.target.value)
          }}
        />
        <fieldset className="grid gap-1">
          <legend className="pb-1 text-data text-mute">What it may</legend>
          {permissions.map((permission) => (
            <Check
              key={permission}
              checked={picked.includes(permission)}
              set={(on) => {
                setPicked(on ? [...picked, permission] : picked.filter((one) => one !== permission))
              }}
            >
              {permission}
            </Check>
          ))}
        </fieldset>
        <Refusal error={make.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={make.isPending || picked.length === 0}>
            Make the token
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
