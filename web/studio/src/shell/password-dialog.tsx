// The password once more, for tokens, grants, secrets and the like.
import { useState } from 'react'
import { server } from '../api/server.ts'
import { useSession } from '../api/session.ts'
import { usePasswordAgain } from '../state/password-again.ts'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'

/** Opens when a request was refused with `auth.confirm`; the request goes on when the password was right. */
export function PasswordDialog() {
  const settle = usePasswordAgain((asked) => asked.settle)
  return (
    <Dialog
      open={settle !== null}
      close={() => settle?.(false)}
      title="Your password, once more"
      about="What you are about to change concerns who may do what. It is asked for after ten minutes."
    >
      <PasswordForm />
    </Dialog>
  )
}

function PasswordForm() {
  const settle = usePasswordAgain((asked) => asked.settle)
  const { data } = useSession()
  const [password, setPassword] = useState('')
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    setBusy(true)
    try {
      await server.ask('post', '/api/v1/session/confirm', { body: { password } })
      settle?.(true)
    } catch (refused) {
      setError(refused instanceof Error ? refused : new Error(String(refused)))
    } finally {
      setBusy(false)
    }
  }
  if (data?.me.user.hasPassword === false) {
    const toProvider = async () => {
      const asked = await server.ask('post', '/api/v1/session/confirm/provider', { body: {} })
      window.location.assign(asked.location)
    }
    return <Button onClick={() => void toProvider()}>Confirm at the identity provider</Button>
  }
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Field
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        value={password}
        onChange={(event) => {
          setPassword(event.target.value)
        }}
      />
      <Refusal error={error} />
      <div className="flex justify-end gap-2">
        <Button onClick={() => settle?.(false)}>Cancel</Button>
        <Button type="submit" look="main" disabled={busy}>
          Go on
        </Button>
      </div>
    </form>
  )
}
