// What a run over all rows comes to: how far it is, with Stop; its figures, or which rows the table shows.
import { Button } from '@weir/ui/button.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import type { OverAllHand } from './use-over-all.ts'

function number(value: unknown): string {
  if (typeof value === 'bigint') return value.toLocaleString('en')
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 6 }) : 'none'
}

function doneWords({ asked, state }: OverAllHand): string {
  if (asked === undefined || state === undefined) return ''
  if (asked.kind === 'sort') {
    const way = asked.down ? 'the most first' : 'the least first'
    return `showing ${count(state.table?.length ?? 0)} of all ${count(state.rows)} rows by ${asked.column}, ${way}`
  }
  const { figures } = state
  if (figures === undefined) return ''
  // Above 512 values they are estimated.
  const values = `${figures.distinct > 512 ? '≈\u2009' : ''}${count(figures.distinct)} values`
  const parts = asked.isNumber
    ? [`sum ${number(figures.sum)}`, `least ${number(figures.least)}`, `most ${number(figures.most)}`, values]
    : [values]
  if (figures.empty > 0) parts.push(`${count(figures.empty)} empty`)
  return `${asked.column} in all ${count(state.rows)} rows: ${parts.join(' · ')}`
}

export function OverAllLine({ hand }: { hand: OverAllHand }) {
  const { state } = hand
  if (state === undefined) return null
  const { phase, rows, problem } = state
  return (
    <p
      role="status"
      className="flex min-h-9 flex-wrap items-center gap-2 border-b border-line px-4 py-1 text-data text-mute"
    >
      {phase === 'running' && (
        <>
          <span>All rows are looked at, {count(rows)} so far.</span>
          <Button onClick={hand.stop}>Stop</Button>
        </>
      )}
      {phase === 'stopped' && <span>Stopped after {count(rows)} rows: nothing is told of all of them.</span>}
      {phase === 'failed' && (
        <span className="text-error">
          <span aria-hidden="true">✕</span> All rows could not be looked at: {problem}
        </span>
      )}
      {phase === 'done' && <span className="text-text">{doneWords(hand)}</span>}
      {phase !== 'running' && (
        <Button look="quiet" onClick={hand.leave}>
          Back to the shown rows
        </Button>
      )}
    </p>
  )
}
