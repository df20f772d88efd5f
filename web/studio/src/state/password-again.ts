// The question for the password once more, which a request waits for.
import { create } from 'zustand'

interface PasswordAgain {
  /** Settles the question that is open; null while none is. */
  settle: ((given: boolean) => void) | null
  ask: () => Promise<boolean>
}

export const usePasswordAgain = create<PasswordAgain>((set, get) => ({
  settle: null,
  ask: () => {
    get().settle?.(false)
    return new Promise<boolean>((resolve) => {
      set({
        settle: (given) => {
          set({ settle: null })
          resolve(given)
        }
      })
    })
  }
}))
