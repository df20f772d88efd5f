// Short news of the page, such as that something was done or refused: shown for a while, read out to who listens.
import { create } from 'zustand'

export interface Piece {
  number: number
  kind: 'done' | 'refused' | 'raised'
  text: string
  advice: string
  /** What it is about: there is one piece of a key at a time, and it can be taken back by it. Empty: of its own. */
  key: string
  /** An address of the studio behind it; empty if there is none. */
  to: string
}

interface News {
  pieces: readonly Piece[]
  tell: (kind: Piece['kind'], text: string, advice?: string, more?: Partial<Pick<Piece, 'key' | 'to'>>) => void
  drop: (number: number) => void
  /** What it was about has passed. */
  clear: (key: string) => void
}

const MOST = 4
let numbered = 0

export const useNews = create<News>((set) => ({
  pieces: [],
  tell: (kind, text, advice = '', { key = '', to = '' } = {}) => {
    numbered += 1
    const piece = { number: numbered, kind, text, advice, key, to }
    set(({ pieces }) => {
      const others = key === '' ? pieces : pieces.filter((one) => one.key !== key)
      return { pieces: [...others, piece].slice(-MOST) }
    })
  },
  drop: (number) => {
    set(({ pieces }) => ({ pieces: pieces.filter((piece) => piece.number !== number) }))
  },
  clear: (key) => {
    set(({ pieces }) => ({ pieces: pieces.filter((piece) => piece.key !== key) }))
  }
}))
