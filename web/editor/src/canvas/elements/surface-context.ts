// The canvas that elements lie on.
import { createContext, useContext } from 'react'
import type { Surface } from '../gestures/gesture.ts'

export const SurfaceContext = createContext<Surface | undefined>(undefined)

/** @throws outside of a canvas */
export function useSurface(): Surface {
  const surface = useContext(SurfaceContext)
  if (surface === undefined) throw new Error('there is no canvas around this')
  return surface
}
