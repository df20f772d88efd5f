// Buttons: one main one a place, the others plain, and those that destroy something.
import type { ButtonHTMLAttributes, Ref } from 'react'

const BASE =
  'inline-flex font-sans items-center justify-center gap-1.5 min-h-[30px] px-3 py-1 rounded-base border text-base whitespace-nowrap transition-colors disabled:opacity-60'
const LOOKS = {
  plain: 'border-edge bg-panel hover:enabled:bg-raised',
  // Under the pointer towards the colour of text: what is written on it is read better, never worse.
  main: 'border-water bg-water text-on-water font-semibold hover:enabled:border-water-over hover:enabled:bg-water-over',
  danger: 'border-error text-error bg-panel hover:enabled:bg-raised',
  quiet: 'border-transparent text-mute hover:enabled:text-text hover:enabled:bg-raised'
} as const

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof LOOKS
  ref?: Ref<HTMLButtonElement>
}

/** A button; it sends no form unless it says so. */
export function Button({ look = 'plain', type = 'button', className = '', ref, ...rest }: ButtonProps) {
  return <button ref={ref} type={type} className={`${BASE} ${LOOKS[look]} ${className}`} {...rest} />
}
