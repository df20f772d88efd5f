// What a widget says about its data: whether it comes, and why there is none.

export type Status =
  | { is: 'notRun' }
  /** `for`: the name of what it waits for. */
  | { is: 'waiting'; for?: string }
  | { is: 'live' }
  /** The node gives its result at the end; until then what is shown is its result so far, drawn dashed. */
  | { is: 'soFar'; note?: string }
  | { is: 'ended' }
  /** The run is over, and nothing of its rows is left. */
  | { is: 'notKept' }
  | { is: 'disconnected' }
  | { is: 'failed'; why: string }

/** Why nothing is shown, and what would change that. */
export function whyEmpty(status: Status, received: number): string {
  switch (status.is) {
    case 'notRun':
      return 'Not run yet'
    case 'waiting':
      return status.for === undefined ? 'Waiting for rows' : `Waiting for ${status.for}`
    case 'live':
      return received === 0 ? 'Waiting for rows' : 'Rows came, none with a value to show'
    case 'soFar':
      return 'Its result comes at the end'
    case 'ended':
      return received === 0 ? 'Ended without rows' : 'Ended; no row had a value to show'
    case 'notKept':
      return 'The run has ended and its rows are not kept. They show here while it runs.'
    case 'disconnected':
      return 'Disconnected'
    case 'failed':
      return status.why
  }
}

/** The word beside the title; nothing while all is as usual. */
export function statusNote(status: Status): string {
  switch (status.is) {
    case 'soFar':
      return status.note === undefined ? 'so far' : `so far, ${status.note}`
    case 'ended':
      return '✓ ended'
    case 'disconnected':
      return '‖ disconnected'
    case 'failed':
      return '✕ failed'
    default:
      return ''
  }
}
