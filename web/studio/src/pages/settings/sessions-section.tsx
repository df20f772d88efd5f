// Where one is signed in.
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import { Button } from '@weir/ui/button.tsx'
import { Section } from '@weir/ui/section.tsx'
import { Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'

/** One's own sessions; others than this one can be ended. */
export function SessionsSection() {
  const sessions = useAll('/api/v1/me/sessions')
  const end = useChange({
    work: (session: string) => server.ask('delete', '/api/v1/me/sessions/{session}', { path: { session } }),
    changes: ['/api/v1/me/sessions'],
    done: () => 'That session has ended.'
  })
  return (
    <Section title="Sessions">
      <Shown of={sessions} what="the sessions">
        {(read) => (
          <table className="data-table">
            <thead>
              <tr>
                <th scope="col">Browser</th>
                <th scope="col">Address</th>
                <th scope="col">Since</th>
                <th scope="col">Last seen</th>
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {read.sessions.map((session) => (
                <tr key={session.id}>
                  <td className="max-w-[50ch] truncate" title={session.client}>
                    {session.client}
                  </td>
                  <td>{session.address}</td>
                  <td>
                    <TimeText ms={session.createdAt} />
                  </td>
                  <td>
                    <TimeText ms={session.seenAt} far />
                  </td>
                  <td className="w-0 text-right">
                    {session.current ? (
                      <span className="font-sans text-mute">this one</span>
                    ) : (
                      <Button
                        onClick={() => {
                          end.mutate(session.id)
                        }}
                      >
                        End
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Shown>
    </Section>
  )
}
