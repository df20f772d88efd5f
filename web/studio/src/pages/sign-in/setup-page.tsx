// The first account of a server, by the setup link: where the link is, and the account that it makes.
import { useEffect, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { server, cache, SESSION } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import { useGet } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refused } from '@weir/ui/refused.ts'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Shown } from '@weir/ui/states.tsx'
import { Narrow } from './narrow.tsx'
import { WaitsForLink } from './waits-for-link.tsx'

const LEAST = 12

/** The page; the code of the link leaves the address at once. */
export function SetupPage() {
  const [search, setSearch] = useSearchParams()
  const [code, setCode] = useState(search.get('code') ?? '')
  useEffect(() => {
    if (search.has('code')) setSearch({}, { replace: true })
  }, [search, setSearch])
  const setup = useGet('/api/v1/setup')
  return (
    <Shown of={setup} what="the server">
      {({ needed }) => {
        if (!needed) {
          return (
            <Narrow title="This server is set up">
              <p className="text-mute">
                Somebody has made the first account already. <Link to="/sign-in">Sign in</Link>
              </p>
            </Narrow>
          )
        }
        if (code === '') {
          return (
            <Narrow title="This server waits to be set up">
              <WaitsForLink take={setCode} />
            </Narrow>
          )
        }
        return (
          <FirstAccount
            code={code}
            other={() => {
              setCode('')
            }}
          />
        )
      }}
    </Shown>
  )
}

function FirstAccount({ code, other }: { code: string; other: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [fullName, setFullName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const differ = again !== '' && again !== password
  const make = useChange({
    work: () => server.ask('post', '/api/v1/setup', { body: { code, name, fullName, password } }),
    changes: ['/api/v1/setup'],
    quiet: true,
    after: () => {
      void cache.invalidateQueries({ queryKey: SESSION })
      void navigate('/flows')
    }
  })
  return (
    <Narrow title="The first account">
      <p className="text-mute">It administers this server and may give rights to others.</p>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!differ) make.mutate(undefined)
        }}
      >
        <Field
          label="Name, by which you sign in"
          autoComplete="username"
          required
          autoFocus
          value={name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <Field
          label="Your whole name"
          autoComplete="name"
          value={fullName}
          onChange={(event) => {
            setFullName(event.target.value)
          }}
        />
        <Field
          label="Password"
          help={`${LEAST} characters at least`}
          type="password"
          autoComplete="new-password"
          required
          minLength={LEAST}
          value={password}
          onChange={(event) => {
            setPassword(event.target.value)
          }}
        />
        <Field
          label="The password again"
          problem={differ ? 'The two passwords differ.' : ''}
          type="password"
          autoComplete="new-password"
          required
          value={again}
          onChange={(event) => {
            setAgain(event.target.value)
          }}
        />
        <Refusal error={make.error} />
        <Button type="submit" look="main" disabled={make.isPending || differ}>
          Make the account
        </Button>
        {make.error instanceof Refused && make.error.status === 403 && (
          <Button onClick={other}>Use another link</Button>
        )}
      </form>
    </Narrow>
  )
}
