// What takes the place of react-remove-scroll: the page's body never scrolls, so nothing has to be locked.
import { Slot } from '@radix-ui/react-slot'
import type { ReactNode } from 'react'

/** Renders its child and nothing more. */
export function RemoveScroll({ children }: { children?: ReactNode }) {
  return <Slot>{children}</Slot>
}
