// Where the files are that a run has written, as a person would say it; each can be looked into, taken and copied.
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { bytes, count } from '@weir/ui/figures/figures.ts'
import { saveBlob } from '@weir/ui/save-text.ts'
import { useEffect, useState } from 'react'
import type { ShownRun, WrittenFile } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { excelBlob } from './excel-csv.ts'
import { findWritten } from './find-written.ts'
import type { NodeFile } from './find-written.ts'
import { toClipboard } from '@weir/ui/copy-text.ts'

/** As much of a file is shown, and copied. */
const kShownBytes = 64 * 1024
const kShownLines = 200
const kCopiedBytes = 8 << 20

/** Nothing while the run goes on, of a sample, and where its files are elsewhere. */
export function WrittenFiles({ session, run }: { session: EditorSession; run: ShownRun }) {
  const endedAt = usePart(run.facts, (facts) => facts.endedAt)
  const [found, setFound] = useState<readonly NodeFile[]>([])
  useEffect(() => {
    let gone = false
    if (endedAt === undefined) return undefined
    findWritten(session, run).then(
      (files) => {
        if (!gone) setFound(files)
      },
      () => undefined
    )
    return () => {
      gone = true
    }
  }, [session, run, endedAt])
  if (found.length === 0) return null
  return (
    <ul aria-label="Files" className="border-b border-line">
      {found.map((one) => (
        <FileLine key={one.node} session={session} {...one} />
      ))}
    </ul>
  )
}

function FileLine({ session, title, file }: NodeFile & { session: EditorSession }) {
  const [seen, setSeen] = useState<{ text: string; whole: boolean }>()
  const act = (work: (at: File) => Promise<void>) => () => {
    file
      .file()
      .then(work)
      .catch((reason: unknown) => {
        session.tell(reason instanceof Error ? reason.message : `${file.name} cannot be read now.`, 'error')
      })
  }
  const copy = async (at: File): Promise<void> => {
    if (at.size > kCopiedBytes) {
      session.tell(`${file.name} is too large for the clipboard: download it.`, 'warning')
      return
    }
    await toClipboard(await at.text())
    session.tell(`Copied ${file.name}.`)
  }
  return (
    <li className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1 text-data">
      <span className="font-semibold">{title}</span>
      <span className="min-w-0 truncate font-mono" title={file.path}>
        {file.where}
      </span>
      <span className="text-mute">{bytes(file.bytes)}</span>
      <span className="ml-auto flex flex-wrap gap-2" role="group" aria-label={file.name}>
        <Button
          onClick={act(async (at) => {
            setSeen(await beginningOf(at))
          })}
        >
          Open
        </Button>
        <Button
          onClick={act((at) => {
            saveBlob(file.name, at)
            return Promise.resolve()
          })}
        >
          Download
        </Button>
        {/\.csv$/i.test(file.name) && (
          <Button
            title="With a byte order mark and CRLF"
            onClick={act(async (at) => {
              saveBlob(file.name, await excelBlob(at))
            })}
          >
            Download for Excel
          </Button>
        )}
        <Button onClick={act(copy)}>Copy</Button>
      </span>
      {seen !== undefined && (
        <Beginning
          file={file}
          {...seen}
          close={() => {
            setSeen(undefined)
          }}
        />
      )}
    </li>
  )
}

async function beginningOf(at: File): Promise<{ text: string; whole: boolean }> {
  const lines = (await at.slice(0, kShownBytes).text()).split('\n')
  const whole = at.size <= kShownBytes && lines.length <= kShownLines
  return { text: lines.slice(0, kShownLines).join('\n'), whole }
}

interface BeginningProps {
  file: WrittenFile
  text: string
  whole: boolean
  close: () => void
}

function Beginning({ file, text, whole, close }: BeginningProps) {
  const about = whole ? file.where : `${file.where}: the first ${count(text.split('\n').length)} lines`
  return (
    <Dialog open close={close} title={file.name} about={about} wide>
      <pre tabIndex={0} aria-label={file.name} className="max-h-[52vh] overflow-auto font-mono text-data">
        {text}
      </pre>
    </Dialog>
  )
}
