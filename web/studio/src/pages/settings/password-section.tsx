// Another password for oneself.
import { useState } from 'react'
import { server, cache, SESSION } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { Button } from '@weir/ui/button.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Section } from '@weir/ui/section.tsx'

/** The form; nothing for those who sign in elsewhere. */
export function PasswordSection() {
  const { me } = useSigned()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useChange({
    work: () => server.ask('put', '/api/v1/me/password', { body: { current, password } }),
    changes: ['/api/v1/me/sessions'],
    quiet: true,
    done: () => 'The password is changed; all other sessions have ended.',
    after: (session) => {
      server.csrf = session.csrf
      setCurrent('')
      setPassword('')
      void cache.invalidateQueries({ queryKey: SESSION })
    }
  })
  if (!me.user.hasPassword) return null
  return (
    <Section title="Password">
      <form
        className="grid max-w-[420px] gap-4 px-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate(undefined)
        }}
      >
        <input type="text" autoComplete="username" value={me.user.name} readOnly hidden />
        <Field
          label="The password now"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => {
            setCurrent(event.target.value)
          }}
        />
        <Field
          label="The new one"
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          help="12 characters at least"
          value={password}
          onChange={(event) => {
            setPassword(event.target.value)
          }}
        />
        <Refusal error={change.error} />
        <div>
          <Button type="submit" disabled={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  )
}
