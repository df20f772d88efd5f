// The channels that tell people of alerts, each with a test.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll } from '../../api/use-get.ts'
import type { Channel } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Confirm } from '@weir/ui/confirm.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { BrowserChannel } from './browser-channel.tsx'
import { EditChannel } from './edit-channel.tsx'

const CHANGES = ['/api/v1/channels']

/** Where a channel leads to. */
export function channelText(channel: Channel): string {
  if (channel.kind === 'mail') return `${(channel.to ?? []).join(', ')} by ${channel.server ?? ''}`
  return `${channel.url ?? ''}${channel.path ?? ''}`
}

/** The channels. */
export function ChannelList() {
  const [editing, setEditing] = useState<Channel | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Channel | null>(null)
  const channels = useAll('/api/v1/channels', {}, { everyMs: 5000 })
  const remove = useChange({
    work: (channel: Channel) =>
      server.ask('delete', '/api/v1/channels/{channel}', { path: { channel: channel.id ?? '' } }),
    changes: CHANGES,
    done: (_, channel) => `The channel ${channel.id ?? ''} is deleted.`,
    after: () => {
      setLeaving(null)
    }
  })
  return (
    <>
      <div className="flex justify-end px-4 py-2">
        <Button
          onClick={() => {
            setEditing('new')
          }}
        >
          New channel
        </Button>
      </div>
      <Shown of={channels} what="the channels">
        {(read) => (
          <>
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">Channel</th>
                  <th scope="col">To</th>
                  <th scope="col">From severity</th>
                  <th scope="col">State</th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                <BrowserChannel />
                {read.channels.map(({ channel, problem }) => (
                  <ChannelRow
                    key={channel.id}
                    channel={channel}
                    problem={problem}
                    edit={() => {
                      setEditing(channel)
                    }}
                    leave={() => {
                      setLeaving(channel)
                    }}
                  />
                ))}
              </tbody>
            </table>
            {read.channels.length === 0 && (
              <Empty title="Nobody else is told of alerts yet">
                A channel sends them by mail, to a webhook, or in the form of Slack.
              </Empty>
            )}
          </>
        )}
      </Shown>
      {editing !== null && (
        <EditChannel
          channel={editing === 'new' ? null : editing}
          close={() => {
            setEditing(null)
          }}
        />
      )}
      <Confirm
        open={leaving !== null}
        close={() => {
          setLeaving(null)
        }}
        title={`Delete the channel ${leaving?.id ?? ''}?`}
        about="Notices that wait for it are dropped."
        yes="Delete"
        act={() => {
          if (leaving !== null) remove.mutate(leaving)
        }}
        busy={remove.isPending}
      />
    </>
  )
}

function ChannelRow(props: { channel: Channel; problem: string; edit: () => void; leave: () => void }) {
  const { channel, problem, edit, leave } = props
  const test = useChange({
    work: () => server.ask('post', '/api/v1/channels/{channel}/test', { path: { channel: channel.id ?? '' } }),
    changes: CHANGES,
    quiet: true
  })
  const id = channel.id ?? ''
  return (
    <tr>
      <td>
        <span className="block font-sans text-base font-semibold">{id}</span>
        <span className="text-mute">{channel.kind}</span>
      </td>
      <td className="max-w-[40ch] truncate">{channelText(channel)}</td>
      <td>{channel.severity ?? 'info'}</td>
      <td>
        {channel.enabled === false ? (
          <StateBadge tone="rest">off</StateBadge>
        ) : problem === '' ? (
          <StateBadge tone="ok">on</StateBadge>
        ) : (
          <span className="font-sans text-warn">▲ {problem}</span>
        )}
        <span role="status" className="block font-sans">
          {test.isPending && <span className="text-mute">Sending a test…</span>}
          {test.data?.sent === true && <StateBadge tone="ok">the test was taken</StateBadge>}
          {test.data?.sent === false && <span className="text-error">✕ {test.data.message ?? test.data.code}</span>}
          {test.error !== null && <span className="text-error">✕ {test.error.message}</span>}
        </span>
      </td>
      <td className="w-0">
        <span className="flex justify-end gap-2">
          <Button look="quiet" aria-label={`Delete ${id}`} onClick={leave} className="mr-4">
            Delete
          </Button>
          <Button aria-label={`Change ${id}`} onClick={edit}>
            Change
          </Button>
          <Button
            aria-label={`Send test to ${id}`}
            disabled={test.isPending}
            onClick={() => {
              test.mutate(undefined)
            }}
          >
            Send test
          </Button>
        </span>
      </td>
    </tr>
  )
}
