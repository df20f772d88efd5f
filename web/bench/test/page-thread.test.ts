// Which work of a page's thread belongs to which frame.
import { describe, expect, it } from 'vitest'
import { framesOf } from '../scripts/page-thread.ts'

const task = (ts: number, dur: number, tdur: number, tid = 1): Parameters<typeof framesOf>[0][number] => ({
  name: 'ThreadControllerImpl::RunTask',
  ph: 'X',
  pid: 1,
  tid,
  ts,
  dur,
  tdur
})
const fires = (ts: number, tid = 1): Parameters<typeof framesOf>[0][number] => ({
  name: 'FireAnimationFrame',
  ph: 'X',
  pid: 1,
  tid,
  ts
})

describe('Frames of a trace', () => {
  it('count what the thread used, not what it waited, from one frame to the next', () => {
    const frames = framesOf([
      task(0, 900, 900),
      task(1000, 30_000, 4000),
      fires(1500),
      fires(1600),
      task(32_000, 1000, 500),
      task(40_000, 2000, 1500),
      fires(40_100),
      task(56_000, 2000, 1000),
      fires(56_100)
    ])
    expect(frames).toEqual([
      { own: 4.5, drawing: 4, longest: 4 },
      { own: 1.5, drawing: 1.5, longest: 1.5 }
    ])
  })

  it('are those of the thread that draws, in any order of events', () => {
    const frames = framesOf([
      fires(2100),
      fires(1100),
      fires(1100, 2),
      task(2000, 500, 200),
      task(1500, 100, 100, 2),
      task(1000, 500, 300)
    ])
    expect(frames).toEqual([{ own: 0.3, drawing: 0.3, longest: 0.3 }])
  })

  it('are told to be missing where there are none', () => {
    expect(() => framesOf([])).toThrow('no task')
  })
})
