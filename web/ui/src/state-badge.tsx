// A state: always a shape as well as a colour, and its word.

export type Tone = 'ok' | 'warn' | 'error' | 'rest' | 'flow' | 'plain'

const SHAPES: Record<Tone, string> = { ok: '✓', warn: '▲', error: '✕', rest: '‖', flow: '▶', plain: '·' }
const COLOURS: Record<Tone, string> = {
  ok: 'text-ok',
  warn: 'text-warn',
  error: 'text-error',
  rest: 'text-rest',
  flow: 'text-water',
  plain: 'text-mute'
}

/** A state in words, with its shape in its colour. */
export function StateBadge({ tone, children, pill = false }: { tone: Tone; children: string; pill?: boolean }) {
  const frame = pill ? 'rounded-full border border-current px-2 py-px text-data' : ''
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap font-sans ${COLOURS[tone]} ${frame}`}>
      <span aria-hidden="true" className="w-3 text-center text-small">
        {SHAPES[tone]}
      </span>
      <span>{children}</span>
    </span>
  )
}
