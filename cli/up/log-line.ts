export type Level = 'info' | 'warn' | 'error'

/** A line of somebody's log, as it is shown. `at` is when it was written, where the line says so. */
export type LogLine = { level: Level; text: string; at?: Date }

/** Reads a line that a child wrote: pino's JSON, nats-server's own form, or any other text. Undefined for what a person need not see. */
export const readLogLine = (line: string): LogLine | undefined => {
  if (line.trim() === '') return undefined
  const server = SERVER_LINE.exec(line)
  return server ? fromServer(server[1], server[2]) : (fromPino(line) ?? { level: 'info', text: line })
}

/** pino's own fields, and those of Fastify that are objects or say nothing to a person. */
const LEFT_OUT = new Set([
  'level',
  'time',
  'pid',
  'hostname',
  'name',
  'msg',
  'err',
  'event',
  'module',
  'instance',
  'reqId',
])
/** nats-server writes `[pid] date time [INF] text`. */
const SERVER_LINE = /^\[\d+\] \S+ \S+ \[(\w{3})\] (.*)$/
const [WARN, ERROR] = [40, 50]

const fromPino = (line: string): LogLine | undefined => {
  const entry = parseObject(line)
  if (!entry || typeof entry.level !== 'number') return undefined
  const level = entry.level >= ERROR ? 'error' : entry.level >= WARN ? 'warn' : 'info'
  const time = typeof entry.time === 'number' || typeof entry.time === 'string' ? new Date(entry.time) : undefined
  const text = [String(entry.msg ?? ''), ...detailsOf(entry)].filter((part) => part !== '').join('  ')
  return { level, text, ...(time && !Number.isNaN(time.getTime()) ? { at: time } : {}) }
}

const detailsOf = (entry: Record<string, unknown>): string[] => [
  ...Object.entries(entry)
    .filter(([key, value]) => !LEFT_OUT.has(key) && ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => `${key}=${value}`),
  ...causeOf(entry),
]

/** An error's message, where the line does not say it already. */
const causeOf = ({ err, msg }: Record<string, unknown>): string[] => {
  const message = (err as { message?: unknown } | undefined)?.message
  return typeof message === 'string' && message !== msg ? [`(${message})`] : []
}

/** What the server does on an ordinary day is nobody's concern. */
const fromServer = (mark = '', text = ''): LogLine | undefined => {
  if (mark === 'ERR' || mark === 'FTL') return { level: 'error', text }
  return mark === 'WRN' ? { level: 'warn', text } : undefined
}

const parseObject = (line: string): Record<string, unknown> | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
