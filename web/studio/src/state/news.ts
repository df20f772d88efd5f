// Short news of the page, such as that something was done or refused: shown for a while, read out to who listens.
import { create } from 'zustand'

export interface Piece {
  number: number
  kind: 'done' | 'refused'
  text: string
  advice: string
}

interface News {
  pieces: readonly Piece[]
  tell: (kind: Piece['kind'], text: string, advice?: string) => void
  drop: (number: number) => void
}

const MOST = 4
let numbered = 0

export const useNews = create<News>((set) => ({
  pieces: [],
  tell: (kind, text, advice = '') => {
    numbered += 1
    const piece = { number: numbered, kind, text, advice }
    set(({ pieces }) => ({ pieces: [...pieces, piece].slice(-MOST) }))
  },
  drop: (number) => {
    set(({ pieces }) => ({ pieces: pieces.filter((piece) => piece.number !== number) }))
  }
}))
