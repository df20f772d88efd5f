// The names of people by id, as far as somebody may know them: all for administrators, else one's own.
import { useSigned } from '../../api/session.ts'
import { useAll } from '../../api/use-get.ts'

/** Names by id. */
export function useNames(): ReadonlyMap<string, string> {
  const { me, may } = useSigned()
  const users = useAll('/api/v1/users', {}, { enabled: may('server.admin') })
  const names = new Map([[me.user.id, me.user.name]])
  for (const user of users.data?.users ?? []) names.set(user.id, user.name)
  return names
}
