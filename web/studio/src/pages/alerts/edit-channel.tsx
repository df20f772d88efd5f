// Makes a channel, or changes one.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import type { Channel } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { TextArea } from '@weir/ui/text-area.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { SEVERITIES } from './severity.tsx'

type Texts = Record<
  'id' | 'folder' | 'url' | 'path' | 'server' | 'user' | 'password' | 'from' | 'to' | 'headers',
  string
>

const KINDS = ['mail', 'webhook', 'slack'] as const

function textsOf(channel: Channel | null): Texts {
  return {
    id: channel?.id ?? '',
    folder: channel?.folder ?? '',
    url: channel?.url ?? '',
    path: channel?.path ?? '',
    server: channel?.server ?? '',
    user: channel?.user ?? '',
    password: channel?.password ?? '',
    from: channel?.from ?? '',
    to: (channel?.to ?? []).join(', '),
    headers: Object.entries(channel?.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n')
  }
}

const SECURITIES = ['automatic', 'tls', 'startTls', 'none'] as const

/** Headers as they are written, NAME: VALUE a line; undefined: some line is none. */
export function headersOf(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const read = lines.map((line) => /^\s*([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*?)\s*$/.exec(line))
  if (read.some((each) => each === null)) return undefined
  return Object.fromEntries(read.map((each) => [each?.[1] ?? '', each?.[2] ?? '']))
}

function headersPart(headers: Record<string, string> | undefined): Pick<Channel, 'headers'> {
  return headers === undefined || Object.keys(headers).length === 0 ? {} : { headers }
}

/** The channel that a form says; what is empty is left out. */
export function channelFrom(
  before: Channel | null,
  kind: Channel['kind'],
  texts: Texts,
  security?: Channel['security']
): Channel {
  const given = (name: keyof Texts) => (texts[name] === '' ? {} : { [name]: texts[name] })
  const shared = { kind, folder: texts.folder }
  if (kind === 'mail') {
    const mailSecurity = security ?? before?.security
    const to = texts.to
      .split(/[,;\s]+/)
      .map((one) => one.trim())
      .filter((one) => one !== '')
    return {
      ...shared,
      to,
      ...given('server'),
      ...given('user'),
      ...given('password'),
      ...given('from'),
      ...(mailSecurity === undefined ? {} : { security: mailSecurity })
    }
  }
  return {
    ...shared,
    ...given('url'),
    ...given('path'),
    ...headersPart(headersOf(texts.headers))
  }
}

/** The dialog; null makes a new channel. */
export function EditChannel({ channel, close }: { channel: Channel | null; close: () => void }) {
  const [kind, setKind] = useState<Channel['kind']>(channel?.kind ?? 'mail')
  const [texts, setTexts] = useState(textsOf(channel))
  const [severity, setSeverity] = useState(channel?.severity ?? 'warning')
  const [security, setSecurity] = useState<NonNullable<Channel['security']>>(channel?.security ?? 'automatic')
  const badHeaders = kind !== 'mail' && headersOf(texts.headers) === undefined
  const [enabled, setEnabled] = useState(channel?.enabled ?? true)
  const keep = useChange({
    work: () =>
      server.ask('put', '/api/v1/channels/{channel}', {
        path: { channel: texts.id },
        body: { ...channelFrom(channel, kind, texts, security), severity, enabled }
      }),
    changes: ['/api/v1/channels'],
    quiet: true,
    done: () => `The channel ${texts.id} is kept. Send a test to see that it arrives.`,
    after: close
  })
  const field = (
    name: keyof Texts,
    label: string,
    rest: { help?: string; required?: boolean; disabled?: boolean } = {}
  ) => (
    <Field
      label={label}
      value={texts[name]}
      onChange={(event) => {
        setTexts({ ...texts, [name]: event.target.value })
      }}
      {...rest}
    />
  )
  return (
    <Dialog open close={close} title={channel === null ? 'New channel' : `Change ${channel.id ?? 'the channel'}`}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          keep.mutate(undefined)
        }}
      >
        {field('id', 'Name', { required: true, disabled: channel !== null, help: 'Letters, digits and dashes' })}
        <Choice
          label="Kind"
          value={kind}
          options={KINDS.map((one) => [one, one] as const)}
          choose={(next) => {
            const found = KINDS.find((one) => one === next)
            if (found !== undefined) setKind(found)
          }}
        />
        {kind === 'mail' ? (
          <>
            {field('to', 'To', { required: true, help: 'Addresses with commas between' })}
            {field('from', 'From', { required: true })}
            {field('server', 'Server', { required: true, help: 'Such as smtp.example.com:587' })}
            {field('user', 'User')}
            {field('password', 'Password', { help: 'A secret: ${secret:SMTP}' })}
            <Choice
              label="Security"
              value={security}
              help="none: only to a server on this machine"
              options={SECURITIES.map((one) => [one, one] as const)}
              choose={(next) => {
                const found = SECURITIES.find((one) => one === next)
                if (found !== undefined) setSecurity(found)
              }}
            />
          </>
        ) : (
          <>
            {field('url', 'Address', { required: true, help: 'https, or http on this machine' })}
            {field('path', 'Path', { help: 'May be a secret: ${secret:HOOK}' })}
            <TextArea
              label="Headers, NAME: VALUE, one a line; values may be secrets"
              rows={2}
              problem={badHeaders ? 'Each line is a name, a colon and a value.' : ''}
              value={texts.headers}
              onChange={(event) => {
                setTexts({ ...texts, headers: event.target.value })
              }}
            />
          </>
        )}
        {field('folder', 'Folder', { help: 'Alerts of it and below; empty: all' })}
        <Choice
          label="From severity"
          value={severity}
          options={SEVERITIES.map((one) => [one, one] as const)}
          choose={(next) => {
            const found = SEVERITIES.find((one) => one === next)
            if (found !== undefined) setSeverity(found)
          }}
        />
        <Check checked={enabled} set={setEnabled}>
          It tells of alerts
        </Check>
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={keep.isPending || badHeaders}>
            Keep the channel
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
