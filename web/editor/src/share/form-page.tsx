// FormPage: a flow as a form with one button, for people who never see the canvas.
import { Button } from '@weir/ui/button.tsx'
import { Failed, Loading } from '@weir/ui/states.tsx'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { AllowAgain } from '../page/files/allow-again.tsx'
import type { GivenFolders } from '../page/files/given-folders.ts'
import { startRun, stopRun, targetsOf, wishOf } from '../page/run-actions.ts'
import { ResultTab } from '../panels/bottom/result-tab.tsx'
import type { ShownRun, StartOptions } from '../run/shown-run.ts'
import { SessionContext, usePart, useSession } from '../session/use-session.ts'
import { openForm } from './open-form.ts'
import type { FormOptions, OpenForm } from './open-form.ts'
import { ParameterField } from './parameter-field.tsx'
import { valuesOf } from './parameter-input.ts'
import type { Written } from './parameter-input.ts'
import { RunProgress } from './run-progress.tsx'

export interface FormPageProps extends FormOptions {
  /** Folders of this browser that may have to be allowed again. */
  folders?: GivenFolders | undefined
  /** The page of a run that the server keeps. */
  runPage?: (run: string) => ReactNode
}

type Opening = { state: 'opening' } | { state: 'failed'; error: unknown } | { state: 'open'; form: OpenForm }

/** `places` and `nodes` are the same functions at each drawing. */
export function FormPage({ flow, home, places, nodes, folders, runPage }: FormPageProps) {
  const [opening, setOpening] = useState<Opening>({ state: 'opening' })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let here = true
    const opened = openForm({ flow, home, places, nodes })
    opened.then(
      (form) => {
        if (here) setOpening({ state: 'open', form })
      },
      (error: unknown) => {
        if (here) setOpening({ state: 'failed', error })
      }
    )
    return () => {
      here = false
      setOpening({ state: 'opening' })
      void opened.then(
        (form) => {
          form.session.dispose()
        },
        () => undefined
      )
    }
  }, [flow, home, places, nodes, turn])
  if (opening.state === 'opening') return <Loading what={flow} />
  if (opening.state === 'failed')
    return (
      <Failed
        error={opening.error}
        again={() => {
          setTurn(turn + 1)
        }}
      />
    )
  const { form } = opening
  return (
    <SessionContext value={form.session}>
      <div className="h-full overflow-auto">
        {folders !== undefined && <AllowAgain folders={folders} />}
        <div className="mx-auto grid max-w-5xl content-start gap-6 p-6">
          <Form form={form} server={home.kind === 'server'} runPage={runPage} />
        </div>
      </div>
    </SessionContext>
  )
}

interface FormProps {
  form: OpenForm
  server: boolean
  runPage: FormPageProps['runPage']
}

function Form({ form, server, runPage }: FormProps) {
  const { session, name, description, parameters, refused } = form
  const [written, setWritten] = useState<Written>({})
  const [asked, setAsked] = useState(false)
  const [starting, setStarting] = useState(false)
  const shown = usePart(session.run, (state) => state.shown)
  const targets = targetsOf(session.document, session.catalogue)
  const start = async (): Promise<void> => {
    setAsked(true)
    const values = valuesOf(parameters, written)
    if (values === undefined) return
    setStarting(true)
    await startRun(session, {
      ...howOf(form, server, targets.length > 0),
      parameters: values,
      writes: targets.map(({ node }) => node)
    })
    setStarting(false)
  }
  return (
    <>
      <header className="grid gap-1">
        <h1 className="text-title font-semibold">{name}</h1>
        {description !== '' && <p className="text-mute">{description}</p>}
      </header>
      {refused === '' ? (
        <form
          className="grid max-w-xl gap-4"
          aria-label={`Run ${name}`}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void start()
          }}
        >
          {parameters.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              text={written[parameter.name] ?? ''}
              asked={asked}
              set={(text) => {
                setWritten({ ...written, [parameter.name]: text })
              }}
            />
          ))}
          {targets.length > 0 && (
            <p className="text-small text-mute">It writes {targets.map(({ what }) => what).join(', ')}.</p>
          )}
          <div className="flex gap-2">
            <RunOrStop shown={shown} starting={starting} />
          </div>
        </form>
      ) : (
        <p role="alert" className="border-l-2 border-warn pl-3">
          <span aria-hidden="true" className="text-warn">
            ▲{' '}
          </span>
          {refused}
        </p>
      )}
      <Told />
      {shown !== undefined && <Result key={shown.id} shown={shown} runPage={runPage} />}
    </>
  )
}

/** A server runs what it keeps; what writes nothing is executed there, and its rows come here. */
function howOf({ published }: OpenForm, server: boolean, writes: boolean): StartOptions {
  if (server && writes) return { kind: published ? 'live' : 'test' }
  return server ? { kind: 'test', preview: true } : { kind: 'test' }
}

function RunOrStop({ shown, starting }: { shown: ShownRun | undefined; starting: boolean }) {
  const session = useSession()
  return shown === undefined ? (
    <Button look="main" type="submit" disabled={starting}>
      Run
    </Button>
  ) : (
    <RunOrStopOf
      run={shown}
      starting={starting}
      stop={() => {
        stopRun(session)
      }}
    />
  )
}

function RunOrStopOf({ run, starting, stop }: { run: ShownRun; starting: boolean; stop: () => void }) {
  const status = usePart(run.facts, (facts) => facts.status)
  const runs = wishOf(status) !== 'run'
  return (
    <>
      <Button look="main" type="submit" disabled={starting || runs}>
        {runs ? 'Running…' : 'Run again'}
      </Button>
      {runs && <Button onClick={stop}>{status === 'stopping' ? 'Stop now' : 'Stop'}</Button>}
    </>
  )
}

/** Why it did not start. */
function Told() {
  const session = useSession()
  const notice = usePart(session.notice, (state) => state.notice)
  if (notice === undefined) return null
  return (
    <p
      role={notice.tone === 'error' ? 'alert' : 'status'}
      className={notice.tone === 'error' ? 'text-error' : 'text-mute'}
    >
      {notice.tone === 'error' && <span aria-hidden="true">✕ </span>}
      {notice.text}
    </p>
  )
}

function Result({ shown, runPage }: { shown: ShownRun; runPage: FormPageProps['runPage'] }) {
  const ended = usePart(shown.facts, (facts) => facts.endedAt !== undefined)
  return (
    <section aria-label="Result" className="grid gap-3">
      <RunProgress run={shown} />
      {runPage !== undefined && shown.kind !== 'sample' && shown.kept === true && runPage(shown.id)}
      {ended && (
        <div className="h-[60vh] min-h-80 overflow-hidden rounded-base border border-line bg-panel">
          <ResultTab run={shown} alone />
        </div>
      )}
    </section>
  )
}
