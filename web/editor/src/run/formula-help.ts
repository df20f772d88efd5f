// What functions, macros and variables of formulas are for, in a sentence each. A test holds the names to the engine's library.
import type { Completion } from './shown-run.ts'

/** By name; names before a dot are groups of functions. */
export const kFunctionHelp: Readonly<Record<string, string>> = {
  base64: 'Bytes as text, and back',
  'base64.decode': 'The bytes that a text in base64 stands for',
  'base64.encode': 'Bytes as text in base64',
  bool: 'Makes true or false of a text',
  bytes: 'The UTF-8 bytes of a text',
  charAt: 'The character at an index, from 0; empty at the end',
  cidr: 'A range of addresses, such as 10.0.0.0/8',
  contains: 'Whether the text contains another',
  containsCIDR: 'Whether a range of addresses lies within this one',
  containsIP: 'Whether an address lies within the range',
  distinct: 'The list with each value once',
  double: 'Makes a decimal number',
  duration: "A length of time, such as '1h30m'",
  dyn: 'The value, whose type is not checked any more',
  endsWith: 'Whether the text ends with another',
  family: '4 or 6',
  first: 'The first value, if there is one',
  flatten: 'A list of lists as one list',
  format: "Puts values into a text: '%s: %.2f'.format([name, price])",
  getDate: 'Day of the month, from 1; in UTC unless a zone is given',
  getDayOfMonth: 'Day of the month, from 0; in UTC unless a zone is given',
  getDayOfWeek: 'Day of the week, 0 is Sunday; in UTC unless a zone is given',
  getDayOfYear: 'Day of the year, from 0; in UTC unless a zone is given',
  getFullYear: 'The year; in UTC unless a zone is given',
  getHours: 'The hour of a time, or all hours of a duration',
  getMilliseconds: 'The milliseconds of a time or duration',
  getMinutes: 'The minute of a time, or all minutes of a duration',
  getMonth: 'The month, from 0; in UTC unless a zone is given',
  getSeconds: 'The second of a time, or all seconds of a duration',
  hasValue: 'Whether there is a value',
  indexOf: 'Where another text begins first, or -1',
  int: 'Makes a whole number; of a time the seconds since 1970',
  ip: 'An address, such as 10.0.0.1',
  'ip.isCanonical': 'Whether an address is written in its shortest form',
  isCIDR: 'Whether a text is a range of addresses',
  isGlobalUnicast: 'Whether it is an address of one machine, not only of its link',
  isIP: 'Whether a text is an address',
  isLinkLocalMulticast: 'Whether it is a multicast address of the link',
  isLinkLocalUnicast: 'Whether it is an address of the link alone',
  isLoopback: 'Whether it is the machine itself',
  isUnspecified: 'Whether it is 0.0.0.0 or ::',
  join: 'The texts of a list one behind the other, with a text between them',
  last: 'The last value, if there is one',
  lastIndexOf: 'Where another text begins last, or -1',
  lists: 'Functions of lists',
  'lists.range': 'The numbers from 0 up to one before this',
  lowerAscii: 'The letters A to Z in lower case',
  masked: 'The range with the bits behind its prefix set to 0',
  matches: 'Whether a pattern (a regular expression) is found in the text',
  math: 'Functions of numbers',
  'math.abs': 'The number without its sign',
  'math.bitAnd': 'Bits that both have',
  'math.bitNot': 'All bits turned over',
  'math.bitOr': 'Bits that one of both has',
  'math.bitShiftLeft': 'Bits moved to the left',
  'math.bitShiftRight': 'Bits moved to the right',
  'math.bitXor': 'Bits that one of both has, not both',
  'math.ceil': 'Rounded up',
  'math.floor': 'Rounded down',
  'math.greatest': 'The largest of several',
  'math.isFinite': 'Whether it is neither infinite nor NaN',
  'math.isInf': 'Whether it is infinite',
  'math.isNaN': 'Whether it is no number',
  'math.least': 'The smallest of several',
  'math.round': 'Rounded to the nearest whole number, halves away from zero',
  'math.sign': '-1, 0 or 1',
  'math.sqrt': 'The square root',
  'math.trunc': 'Without what is behind the point',
  optional: 'Values that may be there or not',
  'optional.none': 'No value',
  'optional.of': 'A value that is there',
  'optional.ofNonZeroValue': 'The value, unless it is empty or zero',
  'optional.unwrap': 'Those values of a list that are there',
  or: 'This value, or the other one if there is none',
  orValue: 'The value, or another one if there is none',
  prefixLength: 'How many bits of a range are fixed',
  regex: 'Functions of patterns (regular expressions)',
  'regex.extract': 'What a pattern finds first, or its group',
  'regex.extractAll': 'All that a pattern finds',
  'regex.replace': 'The text with what a pattern finds replaced; \\1 is its first group',
  replace: 'The text with another text replaced wherever it stands',
  reverse: 'Backwards',
  sets: 'Functions of lists as sets',
  'sets.contains': 'Whether the first list has all values of the second',
  'sets.equivalent': 'Whether both lists have the same values',
  'sets.intersects': 'Whether both lists have a value in common',
  size: 'How many characters, bytes, values or entries there are',
  slice: 'The values of a list from one index up to one before another',
  sort: 'The list in order',
  split: 'The parts of a text between separators',
  startsWith: 'Whether the text begins with another',
  string: 'Makes a text',
  strings: 'Functions of texts',
  'strings.quote': 'The text in quotes, with what is special escaped',
  substring: 'The characters from one index up to one before another',
  timestamp: 'A time, of RFC 3339 or of seconds since 1970',
  trim: 'The text without space at both ends',
  type: 'The type of a value',
  uint: 'Makes a whole number without sign',
  unwrapOpt: 'Those values of a list that are there',
  upperAscii: 'The letters a to z in upper case',
  value: 'The value; an error if there is none'
}

const macro = (label: string, type: string, help: string): Completion => ({ label, kind: 'keyword', type, help })

/** What looks like a function and is none: a name stands for each value of a list. */
export const kMacros: readonly Completion[] = [
  macro('has', 'bool', 'Whether the row has the field: has(row.name)'),
  macro('true', 'bool', ''),
  macro('false', 'bool', ''),
  macro('null', 'null', 'No value'),
  macro('in', 'bool', 'Whether a list has the value, or a map the key: row.kind in ["a", "b"]')
]

export const kListMacros: readonly Completion[] = [
  macro('all', 'bool', 'Whether a condition holds for all values: list.all(x, x > 0)'),
  macro('exists', 'bool', 'Whether a condition holds for some value: list.exists(x, x > 0)'),
  macro('exists_one', 'bool', 'Whether a condition holds for exactly one value'),
  macro('filter', 'list', 'The values for which a condition holds: list.filter(x, x > 0)'),
  macro('map', 'list', 'What a formula gives for each value: list.map(x, x * 2)')
]

const variable = (label: string, type: string, help: string): Completion => ({ label, kind: 'variable', type, help })

export const kVariables: readonly Completion[] = [
  variable('row', '', 'The row: row.name, or row["a name with spaces"]'),
  variable('params', '', 'The parameters of the flow'),
  variable('packet', '', 'Where the row comes from: packet.originNode, packet.timestamp'),
  variable('now', 'timestamp', 'The time')
]

/** Fields of `packet`. */
export const kPacket: readonly Completion[] = [
  ['schemaVersion', 'string'],
  ['traceId', 'string'],
  ['originNode', 'string'],
  ['timestamp', 'timestamp'],
  ['priority', 'int'],
  ['sequence', 'int']
].map(([label = '', type = '']) => ({ label, kind: 'field', type, help: '' }))
