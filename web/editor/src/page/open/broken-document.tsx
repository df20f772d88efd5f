// A document that cannot be read: its text with the places of what is wrong, to be mended or downloaded.
import { useRef, useState } from 'react'
import { openFlow } from '@weir/flow-model'
import type { Problem } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { saveText } from '@weir/ui/save-text.ts'
import { useWork } from '../versions/use-work.ts'

interface BrokenProps {
  flow: string
  text: string
  problems: readonly Problem[]
  /** Keeps the mended text; absent where one may not. */
  keep?: (text: string) => Promise<void>
}

/** What a message of the parser begins with; the place stands before it already. */
const kPlace = /^line \d+, column \d+: /

/** The offset of a line and column, both from 1. */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0
  for (let i = 1; i < line; ++i) {
    const end = text.indexOf('\n', at)
    if (end < 0) return text.length
    at = end + 1
  }
  return Math.min(at + column - 1, text.length)
}

/** The text is checked while it is written; it can be kept once it is a flow. */
export function BrokenDocument({ flow, text, problems, keep }: BrokenProps) {
  const [written, setWritten] = useState(text)
  const [found, setFound] = useState<readonly Problem[]>(problems)
  const area = useRef<HTMLTextAreaElement>(null)
  const work = useWork()
  const write = (next: string) => {
    setWritten(next)
    const opened = openFlow(next)
    setFound(opened.state === 'broken' ? opened.problems : [])
  }
  const go = ({ line = 1, column = 1 }: Problem) => {
    const at = offsetOf(written, line, column)
    area.current?.focus()
    area.current?.setSelectionRange(at, at + 1)
  }
  return (
    <section className="flex h-full min-h-0 flex-col gap-3 p-4" aria-label={`The text of ${flow}`}>
      <p role="status">
        {found.length === 0 ? (
          <span className="text-ok">
            <span aria-hidden="true">✓</span> It can be read now.
          </span>
        ) : (
          <span className="text-error">
            <span aria-hidden="true">✕</span> This is no flow as it stands. Nothing of it is lost: mend the text, or
            download it.
          </span>
        )}
      </p>
      <ul className="grid max-h-[24vh] gap-1 overflow-auto">
        {found.map((problem) => (
          <li key={`${problem.code} ${problem.pointer} ${problem.line ?? 0} ${problem.column ?? 0}`}>
            <button
              type="button"
              className="text-left hover:text-water"
              onClick={() => {
                go(problem)
              }}
            >
              <span className="font-mono text-data text-mute">
                line {problem.line ?? 1}, column {problem.column ?? 1}{' '}
              </span>
              {problem.message.replace(kPlace, '')} {problem.suggestion ?? ''}
            </button>
          </li>
        ))}
      </ul>
      <textarea
        ref={area}
        className="field min-h-0 flex-1 resize-none font-mono text-data"
        aria-label="The text of the flow"
        spellCheck={false}
        readOnly={keep === undefined}
        value={written}
        onChange={(event) => {
          write(event.target.value)
        }}
      />
      <Refusal error={work.error} />
      <div className="flex justify-end gap-2">
        <Button
          onClick={() => {
            saveText(`${flow}.flow.json`, written, 'application/json')
          }}
        >
          Download
        </Button>
        {keep !== undefined && (
          <Button
            look="main"
            disabled={found.length > 0 || work.busy}
            onClick={() => {
              work.run(() => keep(written))
            }}
          >
            Keep and open
          </Button>
        )}
      </div>
    </section>
  )
}
