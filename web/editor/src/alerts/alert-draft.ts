// AlertDraft: an alert as it is being written: texts as they were typed, what is wrong with them, and what it becomes in the document.
import { alertsOf, appendTo, countsRows, memberOf, parseMetric, setFlow, unsetFlow } from '@weir/flow-model'
import type { FlowAlert, FlowDocument, Json, JsonObject, Operation } from '@weir/flow-model'
import {
  boundText,
  durationText,
  isAbsence,
  kMeasures,
  measureNamed,
  readBound,
  readDuration,
  valueText
} from './measures.ts'
import type { MeasureWords } from './measures.ts'

/** What an alert is wanted about: a node, an edge or the run, and which figure of it. */
export interface AlertWish {
  /** An id, or `run`. */
  subject: string
  of: 'node' | 'edge' | 'run'
  measure?: string
  /** The pointer of an alert of the document that is to be changed. */
  pointer?: string
}

export interface AlertDraft {
  name: string
  /** Id of a node or an edge, or `run`. */
  subject: string
  measure: string
  bound: 'over' | 'under' | 'both'
  over: string
  under: string
  forText: string
  windowText: string
  quietText: string
  where: string
  key: string
  /** As an input of the browser has it, in the person's zone: 2026-01-31T10:00. */
  muteUntil: string
  severity: string
  owner: string
}

/** A field of a draft as it was typed. */
export function typed(name: Exclude<keyof AlertDraft, 'bound'>, text: string): Partial<AlertDraft> {
  return { [name]: text }
}

export type DraftProblems = Partial<Record<keyof AlertDraft, string>>

export const kSeverities = ['info', 'warning', 'error', 'critical'] as const
const kLongestWindow = 86_400_000

/** As a person calls a node or an edge. */
export function subjectWords(document: FlowDocument, subject: string): string {
  if (subject === 'run') return 'the run'
  const nodeName = (id: string): string => {
    const name = document.node(id)?.name ?? ''
    return name === '' ? id : name
  }
  if (document.node(subject) !== undefined) return nodeName(subject)
  const edge = document.edge(subject)
  return edge === undefined ? subject : `${nodeName(edge.source.node)} to ${nodeName(edge.target.node)}`
}

/** What `subject` is in the document; undefined: it is not there. */
export function kindOfSubject(document: FlowDocument, subject: string): AlertWish['of'] | undefined {
  if (subject === 'run') return 'run'
  if (document.node(subject) !== undefined) return 'node'
  return document.edge(subject) === undefined ? undefined : 'edge'
}

/** A name that no alert of the document has. */
export function freshName(document: FlowDocument, wanted: string, except = ''): string {
  const taken = new Set(alertsOf(document.root).map(({ alert }) => alert.name))
  taken.delete(except)
  if (!taken.has(wanted)) return wanted
  for (let number = 2; ; ++number) if (!taken.has(`${wanted} ${String(number)}`)) return `${wanted} ${String(number)}`
}

/** What an alert is called until the person says otherwise. */
export function suggestedName(document: FlowDocument, draft: Pick<AlertDraft, 'subject' | 'measure'>): string {
  const words = measureNamed(draft.measure)?.words ?? draft.measure
  const subject = draft.subject === 'run' ? 'The run' : subjectWords(document, draft.subject)
  return freshName(document, `${subject}: ${words}`)
}

/** A new alert about something. */
export function newDraft(document: FlowDocument, wish: AlertWish): AlertDraft {
  const first = kMeasures.find((each) => each.of === wish.of)
  const measure = measureNamed(wish.measure ?? '') ?? first
  const draft: AlertDraft = {
    name: '',
    subject: wish.subject,
    measure: measure?.measure ?? '',
    bound: measure?.few === true ? 'under' : 'over',
    over: measure?.suggested ?? '',
    under: measure?.few === true ? measure.suggested : '',
    forText: '',
    windowText: '',
    quietText: '',
    where: '',
    key: '',
    muteUntil: '',
    severity: 'warning',
    owner: ''
  }
  return { ...draft, name: suggestedName(document, draft) }
}

/** What a draft is with another figure: its bound begins anew, and what counts no rows tells none apart. */
export function withMeasure(draft: AlertDraft, measure: string): AlertDraft {
  const words = measureNamed(measure)
  const few = words?.few === true
  return {
    ...draft,
    measure,
    bound: few ? 'under' : 'over',
    over: words?.suggested ?? '',
    under: few ? words.suggested : '',
    ...(countsRows(measure) ? {} : { where: '', key: '' }),
    ...(words?.windowed === true ? {} : { windowText: '' })
  }
}

function localTime(text: string): string {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) return ''
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** An alert of the document, to be changed. */
export function draftOf(alert: FlowAlert): AlertDraft {
  const metric = parseMetric(alert.metric)
  const dot = alert.metric.lastIndexOf('.')
  const subject = metric?.subject ?? alert.metric.slice(0, Math.max(0, dot))
  const measure = metric?.measure ?? alert.metric.slice(dot + 1)
  const unit = measureNamed(measure)?.unit ?? 'count'
  const time = (ms: number | undefined): string => (ms === undefined ? '' : durationText(ms))
  return {
    name: alert.name,
    subject,
    measure,
    bound: alert.under === undefined ? 'over' : alert.over === undefined ? 'under' : 'both',
    over: boundText(unit, alert.over),
    under: boundText(unit, alert.under),
    forText: time(alert.forMs),
    windowText: time(alert.windowMs),
    quietText: time(alert.quietMs),
    where: alert.where,
    key: alert.key,
    muteUntil: localTime(alert.muteUntil),
    severity: alert.severity === '' ? 'warning' : alert.severity,
    owner: alert.owner
  }
}

/** The bounds of a draft as numbers; what is no number is left out. */
export function boundsOf(draft: AlertDraft): { over: number | undefined; under: number | undefined } {
  const unit = measureNamed(draft.measure)?.unit ?? 'count'
  if (unit === 'flag') return { over: 0, under: undefined }
  const wants = (side: 'over' | 'under'): boolean =>
    isAbsence(draft.measure) ? side === 'over' : draft.bound === side || draft.bound === 'both'
  return {
    over: wants('over') ? readBound(unit, draft.over) : undefined,
    under: wants('under') ? readBound(unit, draft.under) : undefined
  }
}

function durationProblem(text: string, least = 0, most = Infinity): string {
  if (text.trim() === '') return ''
  const ms = readDuration(text)
  if (ms === undefined) return 'Write a duration, such as 30s or 5m.'
  if (ms < least) return `At least ${durationText(least)}.`
  return ms > most ? `At most ${durationText(most)}.` : ''
}

function boundProblem(words: MeasureWords, text: string): string {
  if (words.unit === 'flag') return ''
  if (text.trim() === '') return 'Say how much.'
  if (readBound(words.unit, text) !== undefined) return ''
  if (words.unit === 'ms') return `'${text}' is no duration: write 30s, 5m or 1h.`
  return words.unit === 'bytes' ? `'${text}' is no size: write 512MiB.` : `'${text}' is no number.`
}

/** What is wrong with a draft, by field; what is well is left out. `before`: the name that it has in the document. */
export function problemsOfDraft(document: FlowDocument, draft: AlertDraft, before = ''): DraftProblems {
  const words = measureNamed(draft.measure)
  const kind = kindOfSubject(document, draft.subject)
  const name = draft.name.trim()
  const found: DraftProblems = {
    name:
      name === ''
        ? 'Give it a name.'
        : freshName(document, name, before) === name
          ? ''
          : 'Another alert has this name.',
    subject: kind === undefined ? `'${draft.subject}' is not in this flow any more: choose what to watch.` : '',
    measure:
      words === undefined
        ? `'${draft.measure}' is not measured: choose a figure.`
        : kind !== undefined && words.of !== kind
          ? 'That is no figure of it: choose one.'
          : '',
    forText: durationProblem(draft.forText),
    windowText: durationProblem(draft.windowText, 1000, kLongestWindow),
    quietText: durationProblem(draft.quietText),
    muteUntil: draft.muteUntil !== '' && Number.isNaN(Date.parse(draft.muteUntil)) ? 'Write a day and a time.' : ''
  }
  if (words !== undefined) {
    const needs = boundsOf({ ...draft, over: '1', under: '1' })
    if (needs.over !== undefined) found.over = boundProblem(words, draft.over)
    if (needs.under !== undefined) found.under = boundProblem(words, draft.under)
  }
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== ''))
}

/** Members that a person did not write here (`x-…`) stay as they are in `before`. */
export function alertValue(draft: AlertDraft, before?: JsonObject): JsonObject {
  const value = new Map<string, Json>(before)
  const put = (name: string, given: Json | undefined): void => {
    if (given === undefined || given === '') value.delete(name)
    else value.set(name, given)
  }
  const { over, under } = boundsOf(draft)
  put('name', draft.name.trim())
  put('metric', `${draft.subject}.${draft.measure}`)
  put('over', over)
  put('under', under)
  put('forMs', readDuration(draft.forText))
  put('windowMs', readDuration(draft.windowText))
  put('quietMs', readDuration(draft.quietText))
  put('where', draft.where.trim())
  put('key', draft.key.trim())
  put('muteUntil', draft.muteUntil === '' ? '' : new Date(draft.muteUntil).toISOString().replace(/\.000Z$/, 'Z'))
  put('severity', draft.severity)
  put('x-owner', draft.owner.trim())
  return value
}

/** The alert at a pointer of the document. */
export function alertAt(document: FlowDocument, pointer: string): { alert: FlowAlert; value: JsonObject } | undefined {
  const found = alertsOf(document.root).find((each) => each.pointer === pointer)
  const keys = pointer.split('/').slice(1)
  let at: Json | undefined = document.root
  for (const key of keys) at = Array.isArray(at) ? (at[Number(key)] as Json) : memberOf(at, key)
  return found === undefined || !(at instanceof Map) ? undefined : { alert: found.alert, value: at as JsonObject }
}

/** Where an element of a list stays when others come and go: by its name, if no other has it. */
function lasting(document: FlowDocument, pointer: string): string {
  const name = alertAt(document, pointer)?.alert.name ?? ''
  const list = pointer.slice(0, pointer.lastIndexOf('/'))
  const same = alertsOf(document.root).filter((each) => each.alert.name === name && each.pointer.startsWith(`${list}/`))
  if (name === '' || same.length !== 1) return pointer
  return `${list}/=${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Puts the alert into the document: in the place of the one at `pointer`, else behind the others. */
export function keepAlert(document: FlowDocument, draft: AlertDraft, pointer: string | undefined): Operation {
  const before = pointer === undefined ? undefined : alertAt(document, pointer)
  if (pointer === undefined || before === undefined) return appendTo(document, 'alerts', alertValue(draft))
  return setFlow(lasting(document, pointer), alertValue(draft, before.value))
}

export function removeAlert(document: FlowDocument, pointer: string): Operation {
  return unsetFlow(lasting(document, pointer))
}

/** Mutes an alert of the document until then; undefined: not any more. */
export function muteAlert(document: FlowDocument, pointer: string, until: Date | undefined): Operation {
  const at = `${lasting(document, pointer)}/muteUntil`
  return until === undefined ? unsetFlow(at) : setFlow(at, until.toISOString().replace(/\.\d+Z$/, 'Z'))
}

/** What an alert asks, in a sentence without its end. */
export function alertWords(document: FlowDocument, alert: FlowAlert): string {
  const { subject = alert.metric, measure = '' } = parseMetric(alert.metric) ?? {}
  const words = measureNamed(measure)
  const of = kindOfSubject(document, subject) === undefined ? `${subject} (not there)` : subjectWords(document, subject)
  if (words === undefined) return `${alert.metric} is not measured`
  const bounds = [
    ...(alert.over === undefined ? [] : [`over ${valueText(words.unit, alert.over)}`]),
    ...(alert.under === undefined ? [] : [`under ${valueText(words.unit, alert.under)}`])
  ].join(' or ')
  const how =
    words.unit === 'flag' ? '' : isAbsence(measure) ? ` for ${valueText('ms', alert.over ?? 0)}` : ` ${bounds}`
  const rows = alert.where === '' ? '' : `, rows where ${alert.where}`
  const keys = alert.key === '' ? '' : `, by ${alert.key}`
  const held = alert.forMs === undefined || alert.forMs === 0 ? '' : `, for ${valueText('ms', alert.forMs)}`
  return `${of}: ${words.words}${how}${rows}${keys}${held}`
}
