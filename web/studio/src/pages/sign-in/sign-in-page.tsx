// Signing in, with a password or through the identity provider.
import { useState } from 'react'
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router'
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
import { WaitsForLink } from './waits-for-link.tsx'

const WANTED = 'weir.return'

/** Where somebody wanted to go before an identity provider was asked; a browser that keeps nothing knows of none. */
function wantedBefore(): string | null {
  try {
    return sessionStorage.getItem(WANTED)
  } catch {
    return null
  }
}

/** Empty forgets it. */
function remember(wanted: string): void {
  try {
    if (wanted === '') sessionStorage.removeItem(WANTED)
    else sessionStorage.setItem(WANTED, wanted)
  } catch {
    // The page goes to the list of flows instead.
  }
}

/** The page; who has signed in already goes on at once. */
export function SignInPage() {
  const [search] = useSearchParams()
  const session = useSession()
  const ways = useGet('/api/v1/sign-in')
  const setup = useGet('/api/v1/setup')
  const wanted = returnPath(search.get('return') ?? wantedBefore() ?? '')
  if (session.data !== undefined && session.data !== null) {
    remember('')
    return <Navigate to={wanted} replace />
  }
  const problem = search.get('problem')
  if (ways.data === undefined || setup.isLoading) {
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
  if (setup.data?.needed === true && problem === null && search.get('account') === null) return <FirstVisit />
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
            remember(wanted)
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
    </Narrow>
  )
}

/** A server that nobody administers, or whose owner has asked for a way back: signing in is the exception. */
function FirstVisit() {
  const navigate = useNavigate()
  return (
    <Narrow title="This server waits to be set up">
      <WaitsForLink
        take={(code) => {
          void navigate(`/setup?code=${encodeURIComponent(code)}`)
        }}
      />
      <p className="text-mute">
        <Link to="/sign-in?account=known">Sign in with an account that is there</Link>
      </p>
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
