// Rules about the runs of a flow: one fails, or none has ended well for too long. Made of the counter of runs that have ended.
import { duration } from '@weir/ui/figures/figures.ts'
import type { AlertRule } from '../../api/routes.ts'

const kEnded = 'weir_flow_runs_ended_total'
/** Runs a second: less than one run in the longest window, so what is under it has not grown. */
const kNothing = 0.000001
const kMinute = 60_000
/** The longest window that a server looks back over. */
const kMostWindow = 24 * 60 * kMinute

/** A rule that is raised when a run of the flow has failed lately. */
export function failedRule(flow: string, folder: string): AlertRule {
  return {
    name: `A run of ${flow} has failed`,
    folder,
    metric: kEnded,
    labels: { flow, outcome: 'failed' },
    over: 0,
    windowMs: 15 * kMinute,
    forMs: 0,
    severity: 'critical'
  }
}

/**
 * A rule that is raised when no run of the flow has ended well within a time; counted from the first run after the server began.
 * What is longer than the longest window is waited for beyond it, up to as much again.
 */
export function missedRule(flow: string, folder: string, withinMs: number): AlertRule {
  return {
    name: `A run of ${flow} is missed`,
    folder,
    metric: kEnded,
    labels: { flow, outcome: 'done' },
    under: kNothing,
    windowMs: Math.min(withinMs, kMostWindow),
    forMs: Math.max(0, withinMs - kMostWindow),
    severity: 'critical'
  }
}

/** What a rule about runs asks, in words; undefined: it is about something else. */
export function runRuleText(rule: AlertRule): string | undefined {
  const flow = rule.labels?.flow
  if (rule.metric !== kEnded || flow === undefined) return undefined
  const windowMs = rule.windowMs ?? 0
  if (rule.labels?.outcome === 'failed' && rule.over === 0)
    return `a run of ${flow} failed within the last ${duration(windowMs)}`
  if (rule.labels?.outcome === 'done' && typeof rule.under === 'number' && rule.under <= kNothing)
    return `no run of ${flow} has ended well within ${duration(windowMs + (rule.forMs ?? 0))}`
  return undefined
}
