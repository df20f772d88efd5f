// Who has signed in, and what they may do.
import { useQuery } from '@tanstack/react-query'
import { Refused } from '@weir/ui/refused.ts'
import type { Me } from './routes.ts'
import { server, SESSION } from './server.ts'

export interface Signed {
  me: Me
  /** May they do this somewhere: at the root, or where a grant of theirs reaches. */
  may: (permission: string) => boolean
  /** May they do this in a folder? */
  mayIn: (permission: string, folder: string) => boolean
}

type Roles = Readonly<Record<string, readonly string[]>>

function covers(folder: string, inner: string): boolean {
  return folder === '' || folder === inner || inner.startsWith(`${folder}/`)
}

/** What somebody may do, from their grants and what each role may. */
export function signedOf(me: Me, roles: Roles): Signed {
  const held = new Set(me.permissions)
  return {
    me,
    may: (permission) => held.has(permission) || me.grants.some((grant) => roles[grant.role]?.includes(permission)),
    mayIn: (permission, folder) =>
      held.has(permission) ||
      me.grants.some((grant) => covers(grant.folder, folder) && roles[grant.role]?.includes(permission))
  }
}

let known: { facts: string; signed: Signed } | undefined

/** The same object while nothing of it has changed: pages open things for somebody, and would open them anew. */
export function sameSigned(me: Me, roles: Roles): Signed {
  const facts = JSON.stringify([me, roles])
  if (known?.facts !== facts) known = { facts, signed: signedOf(me, roles) }
  return known.signed
}

async function read(): Promise<Signed | null> {
  try {
    const [session, me, { roles }] = await Promise.all([
      server.ask('get', '/api/v1/session'),
      server.ask('get', '/api/v1/me'),
      server.ask('get', '/api/v1/roles')
    ])
    server.csrf = session.csrf
    return sameSigned(me, Object.fromEntries(roles.map((role) => [role.name, role.permissions])))
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null
    throw error
  }
}

/** The session: undefined while it is asked for, null when nobody has signed in. */
export function useSession() {
  return useQuery({ queryKey: SESSION, queryFn: read, staleTime: 60_000 })
}

/** Who has signed in, on pages that only they see. */
export function useSigned(): Signed {
  const { data } = useSession()
  if (data === undefined || data === null) throw new Error('this page is for those who have signed in')
  return data
}
