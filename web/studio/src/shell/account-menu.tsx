// The menu of who has signed in, on pages that have a bar of their own.
import { useNavigate } from 'react-router'
import { Menu } from '@weir/ui/menu.tsx'
import { forgetSession, server } from '../api/server.ts'
import { useSigned } from '../api/session.ts'
import { useChange } from '../api/use-change.ts'

export function AccountMenu() {
  const { me } = useSigned()
  const navigate = useNavigate()
  const leave = useChange({
    work: () => server.ask('delete', '/api/v1/session'),
    changes: [],
    after: () => {
      forgetSession()
    }
  })
  return (
    <Menu
      label={`Account of ${me.user.name}`}
      items={[
        { words: 'Settings', act: () => void navigate('/settings') },
        {
          words: 'Sign out',
          act: () => {
            leave.mutate(undefined)
          }
        }
      ]}
    />
  )
}
