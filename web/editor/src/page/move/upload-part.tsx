// The upload of one folder in the checklist of a move: what would go, how far it is, what is there, and what failed.
import { useStore } from 'zustand'
import { Button } from '@weir/ui/button.tsx'
import { bytes as sizeOf, count, duration } from '@weir/ui/figures/figures.ts'
import { isThere } from './upload.ts'
import type { Upload, UploadState } from './upload.ts'
import type { RefusedFile } from './upload-plan.ts'
import type { UploadPace } from './upload-pace.ts'
import type { Going } from './use-uploads.ts'

/** Files that are named one by one; of more the rest is counted. */
const kNamed = 20

function filesText(number: number): string {
  return `${count(number)} file${number === 1 ? '' : 's'}`
}

/** `, about 8 s`; empty while that is not known. */
function aboutText(ms: number | undefined): string {
  return ms === undefined
    ? ''
    : `, about ${ms < 1000 ? '1 s' : duration(Math.round(ms / 1000) * 1000).replace('.0 ', ' ')}`
}

/** *Upload this one: 12 files, 34 MiB, about 8 s*. */
export function offerWords({ plan }: Pick<Upload, 'plan'>, pace: UploadPace): string {
  const { files, refused, bytes } = plan
  const what = refused.length === 0 ? 'Upload this one' : 'Upload the others'
  if (files.length === 0) return 'Have an empty folder there'
  return `${what}: ${filesText(files.length)}, ${sizeOf(bytes)}${aboutText(pace.guess(files.length, bytes))}`
}

/** How far it is. */
export function stateWords({ plan }: Pick<Upload, 'plan'>, state: UploadState, pace: UploadPace): string {
  const { done, bytes, kept } = state
  const of = plan.files.length
  if (isThere(state)) {
    const where = plan.into === '' ? 'its own files' : `${plan.into} among its own files`
    const left = plan.refused.length
    if (of === 0) return `they lie in ${where}, which is empty so far`
    return `${filesText(of)} lie in ${where}${kept > 0 ? `, ${count(kept)} as they were there` : ''}${left > 0 ? `, ${count(left)} left out` : ''}`
  }
  const far = `${count(done)} of ${filesText(of)}, ${sizeOf(bytes)} of ${sizeOf(plan.bytes)}`
  if (state.phase !== 'going') return far
  return `${far}${aboutText(pace.guess(of - done, plan.bytes - bytes))}`
}

interface PartProps {
  going: Going
  pace: UploadPace
  /** Another folder goes. */
  busy: boolean
}

export function UploadPart({ going: { mount, upload, problem }, pace, busy }: PartProps) {
  const name = mount === 'project' ? 'the flow’s own files' : mount
  if (upload === undefined) {
    return problem === '' ? null : (
      <p className="text-data text-warn">
        ▲ The files of {name} cannot be uploaded: {problem}
      </p>
    )
  }
  // Of its own files a flow may well read none yet.
  if (mount === 'project' && upload.plan.files.length + upload.plan.refused.length === 0) return null
  return (
    <section aria-label={`Upload of ${name}`} className="grid gap-1.5 border-l border-line pl-3">
      <p className="text-data text-mute">
        {upload.plan.files.length + upload.plan.refused.length === 0
          ? `The flow finds no files to read in ${name} in this browser`
          : `Files of ${name} in this browser that the flow reads`}
      </p>
      <NamedFiles files={upload.plan.refused} title="cannot go" />
      {upload.plan.unknown.length > 0 && (
        <p className="text-data text-warn">
          ▲ Which files these paths match is known to a run only: {upload.plan.unknown.join(', ')}
        </p>
      )}
      <UploadStateLines upload={upload} pace={pace} busy={busy} />
    </section>
  )
}

function UploadStateLines({ upload, pace, busy }: { upload: Upload; pace: UploadPace; busy: boolean }) {
  const state = useStore(upload.store)
  const go = () => void upload.go()
  if (upload.plan.files.length === 0 && upload.plan.refused.length > 0)
    return <p className="text-data text-warn">▲ None of its files can go.</p>
  if (state.phase === 'ready') {
    return (
      <div>
        <Button onClick={go} disabled={busy}>
          {offerWords(upload, pace)}
        </Button>
      </div>
    )
  }
  const words = stateWords(upload, state, pace)
  if (isThere(state))
    return (
      <p role="status" className="text-data text-ok">
        <span aria-hidden="true">✓</span> {words}
      </p>
    )
  const left = state.waiting + state.failed.length
  return (
    <>
      <Bar upload={upload} state={state} words={words} />
      {state.problem !== '' && (
        <p role="alert" className="text-data text-error">
          ✕ {state.problem}
        </p>
      )}
      {state.phase === 'going' ? (
        <div>
          <Button
            onClick={() => {
              upload.cancel()
            }}
          >
            Stop
          </Button>
        </div>
      ) : (
        <>
          <NamedFiles files={state.failed} title="failed" />
          <TheirFiles upload={upload} state={state} busy={busy} />
          {left > 0 && (
            <div>
              <Button onClick={go} disabled={busy}>
                {state.failed.length === left ? `Try again: ${filesText(left)}` : `Go on: ${filesText(left)}`}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  )
}

function Bar({ upload, state, words }: { upload: Upload; state: UploadState; words: string }) {
  const { bytes, files } = upload.plan
  const part = bytes > 0 ? state.bytes / bytes : state.done / Math.max(1, files.length)
  const percent = Math.floor(part * 100)
  return (
    <div className="grid gap-1">
      <div
        role="progressbar"
        aria-label="Upload"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        className="h-1.5 overflow-hidden rounded-full bg-raised"
      >
        <span className="block h-full bg-water" style={{ width: `${percent}%` }} />
      </div>
      <span className="text-data text-mute">{words}</span>
    </div>
  )
}

/** Nothing there is replaced before the person says so. */
function TheirFiles({ upload, state, busy }: { upload: Upload; state: UploadState; busy: boolean }) {
  const { there, unsure } = state
  if (there.length === 0) return null
  return (
    <div className="grid gap-1.5">
      <NamedFiles
        files={there.map((path) => ({ path, why: '' }))}
        title={there.length === 1 ? 'is there already' : 'are there already'}
      />
      {unsure && (
        <p className="text-data text-mute">Some of them may have come from here before the upload broke off.</p>
      )}
      <div className="flex gap-2">
        <Button
          onClick={() => {
            upload.keepTheirs()
          }}
        >
          Keep theirs
        </Button>
        <Button look="danger" disabled={busy} onClick={() => void upload.replaceTheirs()}>
          Replace {filesText(there.length)} there
        </Button>
      </div>
    </div>
  )
}

function NamedFiles({ files, title }: { files: readonly RefusedFile[]; title: string }) {
  if (files.length === 0) return null
  return (
    <details className="text-data" open={files.length <= 3}>
      <summary className="text-warn">
        ▲ {filesText(files.length)} {title}
      </summary>
      <ul className="max-h-32 overflow-auto pl-5">
        {files.slice(0, kNamed).map(({ path, why }) => (
          <li key={path}>
            <span className="font-mono">{path}</span> {why}
          </li>
        ))}
        {files.length > kNamed && <li className="text-mute">and {count(files.length - kNamed)} more</li>}
      </ul>
    </details>
  )
}
