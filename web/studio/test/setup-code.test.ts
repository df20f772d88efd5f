// The code of a setup link is found in whatever a person copies of it.
import { describe, expect, it } from 'vitest'
import { setupCodeOf } from '../src/pages/sign-in/setup-code.ts'

const CODE = 'q7Jx-09_AbcdefghijklmnopqrstuvwxyzABCDEFGH'

describe('the code of a setup link', () => {
  it.each([
    ['the link', `http://127.0.0.1:8080/setup#code=${CODE}`],
    ['the line of the terminal', `make the first account within an hour: https://weir.example/setup#code=${CODE}\n`],
    ['the code alone', `  ${CODE}\n`]
  ])('is found in %s', (_, text) => {
    expect(setupCodeOf(text)).toBe(CODE)
  })

  it.each([
    '',
    'no link',
    'http://127.0.0.1:8080/setup',
    'http://127.0.0.1/setup#code=',
    'short',
    '#code=%zz',
    'a b c d e f g h'
  ])('is not found in %j', (text) => {
    expect(setupCodeOf(text)).toBe('')
  })
})
