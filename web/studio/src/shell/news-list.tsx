// Shows the news of the page: what was done goes after a while, what was refused stays until it is put away.
import { useEffect } from 'react'
import { useNews, type Piece } from '../state/news.ts'
import { Icon } from '@weir/ui/icon.tsx'

const SHOWN_MS = 5000

function Shown({ piece }: { piece: Piece }) {
  const drop = useNews((news) => news.drop)
  const { number, kind } = piece
  useEffect(() => {
    if (kind === 'refused') return
    const timer = setTimeout(() => {
      drop(number)
    }, SHOWN_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [number, kind, drop])
  const refused = kind === 'refused'
  return (
    <li
      className={`flex gap-2 rounded-panel border bg-panel px-3 py-2 shadow-base ${refused ? 'border-error' : 'border-edge'}`}
    >
      <span aria-hidden="true" className={refused ? 'text-error' : 'text-ok'}>
        {refused ? '✕' : '✓'}
      </span>
      <div>
        <p>{piece.text}</p>
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
      <ul className="pointer-events-auto grid gap-2">
        {pieces.map((piece) => (
          <Shown key={piece.number} piece={piece} />
        ))}
      </ul>
    </div>
  )
}
