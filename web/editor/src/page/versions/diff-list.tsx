// Shows what differs between two versions of a flow.
import type { DiffLine, DiffWords } from './diff-words.ts'

const kShapes: Record<DiffLine['change'], readonly [string, string, string]> = {
  added: ['+', 'text-ok', 'new'],
  removed: ['−', 'text-error', 'gone'],
  changed: ['~', 'text-warn', 'changed']
}

/** Thing by thing; what only stands elsewhere is one line. */
export function DiffList({ diff }: { diff: DiffWords }) {
  const { lines, moved } = diff
  if (lines.length === 0 && moved === 0) return <p className="text-mute">Nothing differs.</p>
  return (
    <div
      className="grid max-h-[36vh] gap-2 overflow-auto rounded-base border border-line p-3"
      tabIndex={0}
      role="region"
      aria-label="What differs"
    >
      <ul className="grid gap-2">
        {lines.map((line) => {
          const [shape, colour, word] = kShapes[line.change]
          return (
            <li key={`${line.change} ${line.what}`} className="grid gap-0.5">
              <span>
                <span aria-hidden="true" className={`inline-block w-4 font-mono ${colour}`}>
                  {shape}
                </span>
                <span className="sr-only">{word}: </span>
                <span className="font-semibold">{line.what}</span>
                {line.about !== '' && <span className="text-mute"> {line.about}</span>}
              </span>
              {line.change === 'changed' &&
                line.fields.map((field) => (
                  <span key={field.path} className="pl-4 font-mono text-data break-all">
                    <span className="text-mute">{field.path}: </span>
                    <del className="text-error">{field.before}</del> <span aria-hidden="true">→</span>{' '}
                    <ins className="text-ok no-underline">{field.after}</ins>
                  </span>
                ))}
            </li>
          )
        })}
      </ul>
      {moved > 0 && (
        <p className="text-mute">
          {moved} {moved === 1 ? 'thing' : 'things'} only moved: nothing restarts by that.
        </p>
      )}
    </div>
  )
}
