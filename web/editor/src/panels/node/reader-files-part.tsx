// The files of a reader: how many match, a line for each shape that they have, the odd ones first, and what each gave.
import { Button } from '@weir/ui/button.tsx'
import { bytes, count } from '@weir/ui/figures/figures.ts'
import { useEffect, useMemo, useRef, useState } from 'react'
import { delimiterWords, differenceOf } from '../../run/file-shapes.ts'
import type { FileShape } from '../../run/file-shapes.ts'
import type { FilesState, ReaderFiles } from '../../run/reader-files.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { Part } from '../part.tsx'
import { runAgainFor } from '../run/run-again.ts'
import { useChanges } from '../form/use-changes.ts'

/** So many are looked at when the reader is chosen; the others when a person asks for them. */
const kLookedAtOnce = 200
/** Files of so many bytes together are counted after a run without being asked. */
const kCountedBytes = 32 << 20
const kShownShapes = 8
const kShownFiles = 100
const kShownColumns = 12

/** Nothing of a node that reads no files, and where the place cannot tell. */
export function ReaderFilesPart({ session, id }: { session: EditorSession; id: string }) {
  const place = usePart(session.run, (state) => state.place)
  const version = useChanges(session, ({ kinds }) => kinds.nodes.changed.has(id))
  const files = useMemo(() => {
    // Asked anew when the node is another.
    if (version < 0) return undefined
    return place?.readerFiles?.(session.document.text(), id)
  }, [place, session, id, version])
  if (files === undefined) return null
  return <Files session={session} id={id} files={files} unasked={place?.id === 'browser'} />
}

interface FilesProps {
  session: EditorSession
  id: string
  files: ReaderFiles
  /** They are looked at without being asked to: a server is asked when a person wants it. */
  unasked: boolean
}

function Files({ session, id, files, unasked }: FilesProps) {
  const state = usePart(files.store, (now) => now)
  const ended = useEndedRun(session)
  useEffect(() => {
    if (unasked) void files.look(kLookedAtOnce)
    return () => {
      files.stop()
    }
  }, [files, unasked])
  const rests = state.phase === 'resting'
  const small = state.bytes <= kCountedBytes && state.of > 0
  const counted = useRef('')
  useEffect(() => {
    // Once for each run: who stops it is not asked again.
    if (!unasked || ended === undefined || counted.current === ended || !small || !rests) return
    counted.current = ended
    void files.count()
  }, [files, unasked, ended, small, rests])
  return (
    <Part title={state.of === 0 ? 'Files' : `Files · ${count(state.of)} ${state.of === 1 ? 'matches' : 'match'}`}>
      <Head state={state} files={files} mayCount={ended !== undefined && !(unasked && small)} />
      <Shapes session={session} id={id} state={state} />
      {state.counts.size > 0 && <Counts session={session} id={id} state={state} />}
    </Part>
  )
}

/** The run that is shown, once it has ended and was no sample. */
function useEndedRun(session: EditorSession): string | undefined {
  const shown = usePart(session.run, (state) => state.shown)
  const [ended, setEnded] = useState<string | undefined>(undefined)
  useEffect(() => {
    setEnded(undefined)
    if (shown === undefined || shown.kind === 'sample') return undefined
    const look = (): void => {
      if (shown.facts.getState().endedAt !== undefined) setEnded(shown.id)
    }
    look()
    return shown.facts.subscribe(look)
  }, [shown])
  return ended
}

function Head({ state, files, mayCount }: { state: FilesState; files: ReaderFiles; mayCount: boolean }) {
  const { phase, listed, of, looked, problem, bytes: size, counts } = state
  const left = of - looked
  const doing =
    phase === 'listing'
      ? 'Listing…'
      : phase === 'looking'
        ? `Looked at ${count(looked)} of ${count(of)}…`
        : phase === 'counting'
          ? `Counted ${count(counts.size)} of ${count(of)}…`
          : ''
  return (
    <div className="flex flex-wrap items-center gap-2 text-data text-mute">
      {problem !== '' && <span className="text-error">✕ {problem}</span>}
      {problem === '' && phase === 'resting' && listed && of === 0 && <span>No file matches.</span>}
      {doing !== '' && <span role="status">{doing}</span>}
      {phase === 'resting' && of > 0 && (
        <span>
          {bytes(size)}
          {left > 0 ? ` · looked at ${count(looked)}` : ''}
        </span>
      )}
      <span className="ml-auto flex flex-wrap gap-1">
        {(phase === 'looking' || phase === 'counting') && (
          <Button
            look="quiet"
            onClick={() => {
              files.stop()
            }}
          >
            Stop
          </Button>
        )}
        {phase === 'resting' && left > 0 && looked > 0 && (
          <Button
            look="quiet"
            onClick={() => {
              void files.look(Infinity)
            }}
          >
            Look at the other {count(left)}
          </Button>
        )}
        {phase === 'resting' && mayCount && (
          <Button
            look="quiet"
            title="Reads all of them once more, and counts"
            onClick={() => {
              void files.count()
            }}
          >
            Count rows of each ({bytes(size)})
          </Button>
        )}
        {phase === 'resting' && (
          <Button
            look="quiet"
            onClick={() => {
              files.forget()
              void files.look(kLookedAtOnce)
            }}
          >
            {listed ? 'Look again' : 'Look at the files'}
          </Button>
        )}
      </span>
    </div>
  )
}

function Shapes({ session, id, state }: { session: EditorSession; id: string; state: FilesState }) {
  const { shapes } = state
  const usual = shapes.findLast((shape) => shape.problem === '')
  if (shapes.length === 0) return null
  const shown = shapes.length > kShownShapes ? [...shapes.slice(0, kShownShapes - 1), ...shapes.slice(-1)] : shapes
  return (
    <ul aria-label="Shapes of the files" className="grid gap-1.5">
      {shown.map((shape) => (
        <Shape key={shape.key} session={session} id={id} shape={shape} usual={usual} />
      ))}
      {shapes.length > shown.length && (
        <li className="text-small text-faint">and {count(shapes.length - shown.length)} more shapes</li>
      )}
    </ul>
  )
}

interface ShapeProps {
  session: EditorSession
  id: string
  shape: FileShape
  usual: FileShape | undefined
}

function Shape({ session, id, shape, usual }: ShapeProps) {
  const { files, columns, delimiter, encoding, problem, differs } = shape
  const odd = differs || problem !== ''
  const words = problem !== '' ? problem : differs ? differenceOf(shape, usual) : ''
  const how = [delimiter === '' ? '' : `cut at ${delimiterWords(delimiter)}`, encoding].filter((one) => one !== '')
  return (
    <li className={`grid gap-0.5 border-l-2 pl-2 ${odd ? 'border-warn' : 'border-line'}`}>
      <span className="flex items-baseline gap-2 text-data">
        <span className={`font-mono ${odd ? 'text-warn' : ''}`}>
          {odd && <span aria-hidden="true">▲ </span>}
          {count(files.length)} {files.length === 1 ? 'file' : 'files'}
        </span>
        <span className="min-w-0 truncate font-mono text-small text-mute" title={files[0]}>
          {files[0]}
        </span>
        {odd && <AgainButton session={session} id={id} files={files} />}
      </span>
      {words !== '' && <span className="text-small text-warn">{words}</span>}
      {columns.length > 0 && (
        <span className="text-small text-mute" title={columns.map(({ name, type }) => `${name}: ${type}`).join('\n')}>
          {columns.slice(0, kShownColumns).map(({ name, type }, at) => (
            <span key={name}>
              {at > 0 && ', '}
              <span className="text-text">{name}</span> {type === 'string' ? 'text' : type}
            </span>
          ))}
          {columns.length > kShownColumns && ` and ${columns.length - kShownColumns} more`}
        </span>
      )}
      {how.length > 0 && <span className="text-small text-faint">{how.join(' · ')}</span>}
    </li>
  )
}

function AgainButton({ session, id, files }: { session: EditorSession; id: string; files: readonly string[] }) {
  return (
    <Button
      look="quiet"
      className="ml-auto"
      title="Runs the flow with these files alone; nothing is written"
      onClick={() => {
        void runAgainFor(session, id, files)
      }}
    >
      Again for {files.length === 1 ? 'this one' : `these ${count(files.length)}`}
    </Button>
  )
}

/** Every file with its rows and errors; those with errors first. */
function Counts({ session, id, state }: { session: EditorSession; id: string; state: FilesState }) {
  const list = [...state.counts].sort(([a, x], [b, y]) => y.errors - x.errors || (a < b ? -1 : 1))
  const shapeOf = new Map(state.shapes.flatMap((shape) => shape.files.map((path) => [path, shape] as const)))
  const bad = list.filter(([, { errors }]) => errors > 0).map(([path]) => path)
  return (
    <div className="grid gap-1">
      <div className="flex items-center gap-2 text-data">
        <span>
          {bad.length === 0 ? 'No file has errors' : `${count(bad.length)} with errors`}
          <span className="text-faint"> · every column looked at</span>
        </span>
        {bad.length > 0 && <AgainButton session={session} id={id} files={bad} />}
      </div>
      <div className="max-h-48 overflow-auto" tabIndex={0} role="region" aria-label="Rows and errors of each file">
        <table className="w-full text-small">
          <thead>
            <tr className="text-left text-mute">
              <th className="font-normal">file</th>
              <th className="text-right font-normal">rows</th>
              <th className="text-right font-normal">errors</th>
              <th className="pl-2 font-normal">shape</th>
            </tr>
          </thead>
          <tbody className="font-mono">
            {list.slice(0, kShownFiles).map(([path, { rows, errors }]) => (
              <tr key={path}>
                <td className="max-w-32 truncate" title={path}>
                  {path}
                </td>
                <td className="text-right">{count(rows)}</td>
                <td className={`text-right ${errors > 0 ? 'text-error' : 'text-faint'}`}>{count(errors)}</td>
                <td className="pl-2">{shapeWords(shapeOf.get(path))}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {list.length > kShownFiles && (
          <p className="text-small text-faint">and {count(list.length - kShownFiles)} more files</p>
        )}
      </div>
    </div>
  )
}

function shapeWords(shape: FileShape | undefined): string {
  if (shape === undefined) return ''
  return shape.problem !== '' ? '✕' : shape.differs ? '▲ differs' : 'as most'
}
