// What is wrong with a form as it was sent, inside the form.
import { adviceOf, Refused, wordsOf } from './refused.ts'

/** Nothing without an error. */
export function Refusal({ error }: { error: Error | null }) {
  if (error === null) return null
  const problems = error instanceof Refused ? error.problems : []
  return (
    <div role="alert" className="rounded-base border border-error px-3 py-2">
      <p className="text-error">
        <span aria-hidden="true">✕</span> {wordsOf(error)}
      </p>
      <p className="text-mute">{adviceOf(error)}</p>
      {problems.length > 1 && (
        <ul className="mt-1 list-disc pl-4 text-data">
          {problems.map((problem) => (
            <li key={problem.pointer + problem.code}>{problem.message}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
