// Where somebody goes on after signing in.

/** A path of the studio as it was wanted, and nothing that leads out of it. */
export function returnPath(wanted: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(wanted) && !wanted.startsWith('/sign-in') ? wanted : '/flows'
}
