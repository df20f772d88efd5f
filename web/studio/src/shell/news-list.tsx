// Shows the news of the page: what was done goes after a while, what was refused stays until it is put away, what was raised until it passes.
import { useEffect } from 'react'
import { useNews, type Piece } from '../state/news.ts'
import { Icon } from '@weir/ui/icon.tsx'
import { TellMe } from './tell-me.tsx'

const SHOWN_MS = 5000

const LOOKS: Record<Piece['kind'], readonly [shape: string, colour: string, border: string]> = {
  done: ['✓', 'text-ok', 'border-edge'],
  refused: ['✕', 'text-error', 'border-error'],
  raised: ['▲', 'text-warn', 'border-warn']
}

function Shown({ piece }: { piece: Piece }) {
  const drop = useNews((news) => news.drop)
  const { number, kind, to } = piece
  useEffect(() => {
    if (kind !== 'done') return
    const timer = setTimeout(() => {
      drop(number)
    }, SHOWN_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [number, kind, drop])
  const [shape, colour, border] = LOOKS[kind]
  return (
    <li className={`flex gap-2 rounded-panel border bg-panel px-3 py-2 shadow-base ${border}`}>
      <span aria-hidden="true" className={colour}>
        {shape}
      </span>
      <div className="min-w-0 break-words">
        <p>{to === '' ? piece.text : <a href={`#${to}`}>{piece.text}</a>}</p>
        {piece.advice !== '' && <p className="text-mute">{piece.advice}</p>}
      </div>
      <button
        type="button"
        className="ml-auto self-start p-0.5 text-mute hover:text-text"
        aria-label="Put away"
        onClick={() => {
          drop(number)
        }}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}

/** At the lower right; read out as it comes. */
export function NewsList() {
  const pieces = useNews((news) => news.pieces)
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed bottom-9 right-4 z-60 w-[360px] max-w-[calc(100vw-32px)]"
    >
      <TellMe />
      <ul className="pointer-events-auto grid gap-2">
        {pieces.map((piece) => (
          <Shown key={piece.number} piece={piece} />
        ))}
      </ul>
    </div>
  )
}
