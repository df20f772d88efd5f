// The question before a run: which version, with which parameters and environment.
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import { useAll, useGet } from '../../api/use-get.ts'
import type { FlowHead } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { Shown } from '@weir/ui/states.tsx'
import { parameterOf, parametersOf, type Parameter } from './parameters.ts'
import { randomId } from '@weir/engine-client/random-id'

/** The dialog; a run that has begun opens its page. */
export function StartRun({ flow, close }: { flow: FlowHead; close: () => void }) {
  const read = useGet('/api/v1/flows/{flow}', { path: { flow: flow.id } })
  return (
    <Dialog open close={close} title={`Run ${flow.name}`}>
      <Shown of={read} what="the flow">
        {(answer) => (
          <StartForm flow={flow} parameters={parametersOf((answer as { document?: unknown }).document)} close={close} />
        )}
      </Shown>
    </Dialog>
  )
}

function StartForm({
  flow,
  parameters,
  close
}: {
  flow: FlowHead
  parameters: readonly Parameter[]
  close: () => void
}) {
  const navigate = useNavigate()
  const environments = useAll('/api/v1/environments')
  const published = flow.publishedVersion > 0
  const [version, setVersion] = useState(published ? 'published' : 'draft')
  const [environment, setEnvironment] = useState('')
  const [texts, setTexts] = useState<Record<string, string>>({})
  const [once] = useState(() => randomId())
  const start = useChange({
    work: () =>
      server.ask('post', '/api/v1/flows/{flow}/runs', {
        path: { flow: flow.id },
        once,
        body: {
          ...(version === 'draft' ? { version: 'draft' as const } : {}),
          ...(environment === '' ? {} : { environment }),
          parameters: Object.fromEntries(
            parameters
              .filter((parameter) => (texts[parameter.name] ?? '') !== '')
              .map((parameter) => [parameter.name, parameterOf(parameter, texts[parameter.name] ?? '')])
          )
        }
      }),
    changes: ['/api/v1/runs'],
    quiet: true,
    after: (run) => {
      close()
      void navigate(`/runs/${run.id}`)
    }
  })
  const names = [...new Set((environments.data?.environments ?? []).map((one) => one.name))]
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate(undefined)
      }}
    >
      <Choice
        label="Version"
        value={version}
        options={[
          ...(published ? [['published', `Published: version ${flow.publishedVersion}`] as const] : []),
          ['draft', 'Draft']
        ]}
        choose={setVersion}
        help={published ? '' : 'This flow has no published version yet.'}
      />
      {names.length > 0 && (
        <Choice
          label="Environment"
          value={environment}
          options={[['', 'None'], ...names.map((name) => [name, name] as const)]}
          choose={setEnvironment}
        />
      )}
      {parameters.map((parameter) => (
        <Field
          key={parameter.name}
          label={parameter.name}
          help={parameter.help}
          placeholder={parameter.fallback}
          value={texts[parameter.name] ?? ''}
          onChange={(event) => {
            setTexts({ ...texts, [parameter.name]: event.target.value })
          }}
        />
      ))}
      <Refusal error={start.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" look="main" disabled={start.isPending}>
          Run
        </Button>
      </div>
    </form>
  )
}
