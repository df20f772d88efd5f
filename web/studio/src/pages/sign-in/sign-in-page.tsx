// Signing in, with a password or through the identity provider.
import { useState } from 'react'
import { Navigate, useSearchParams } from 'react-router'
import { server, cache, SESSION } from '../../api/server.ts'
import { useSession } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { useGet } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Failed, Loading } from '@weir/ui/states.tsx'
import { Narrow } from './narrow.tsx'
import { returnPath } from './return-path.ts'

const WANTED = 'weir.return'

/** The page; who has signed in already goes on at once. */
export function SignInPage() {
  const [search] = useSearchParams()
  const session = useSession()
  const ways = useGet('/api/v1/sign-in')
  const setup = useGet('/api/v1/setup')
  const wanted = returnPath(search.get('return') ?? sessionStorage.getItem(WANTED) ?? '')
  if (session.data !== undefined && session.data !== null) {
    sessionStorage.removeItem(WANTED)
    return <Navigate to={wanted} replace />
  }
  const problem = search.get('problem')
  if (ways.data === undefined) {
    return (
      <Narrow title="Sign in">
        {ways.error === null ? (
          <Loading what="the ways in" />
        ) : (
          <Failed error={ways.error} again={() => void ways.refetch()} />
        )}
      </Narrow>
    )
  }
  const { passwords, provider } = ways.data
  return (
    <Narrow title="Sign in">
      {problem !== null && (
        <p role="alert" className="text-error">
          {problem}
        </p>
      )}
      {provider !== undefined && (
        <Button
          look="main"
          onClick={() => {
            sessionStorage.setItem(WANTED, wanted)
            window.location.assign(server.url('/api/v1/sign-in/provider'))
          }}
        >
          Sign in with {provider}
        </Button>
      )}
      {passwords ? (
        <PasswordSignIn />
      ) : (
        <details>
          <summary className="text-mute">The administrator&apos;s way in, when the provider is away</summary>
          <PasswordSignIn />
        </details>
      )}
      {setup.data?.needed === true && (
        <p className="text-mute">
          This server waits for whoever has its setup link, which is in the file <code>setup-link</code> of the data
          folder.
        </p>
      )}
    </Narrow>
  )
}

function PasswordSignIn() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const enter = useChange({
    work: () => server.ask('post', '/api/v1/session', { body: { name, password } }),
    changes: [],
    quiet: true,
    after: () => {
      void cache.invalidateQueries({ queryKey: SESSION })
    }
  })
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        enter.mutate(undefined)
      }}
    >
      <Field
        label="Name"
        autoComplete="username"
        required
        autoFocus
        value={name}
        onChange={(event) => {
          setName(event.target.value)
        }}
      />
      <Field
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => {
          setPassword(event.target.value)
        }}
      />
      <Refusal error={enter.error} />
      <Button type="submit" look="main" disabled={enter.isPending}>
        Sign in
      </Button>
    </form>
  )
}
