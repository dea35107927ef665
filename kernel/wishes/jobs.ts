import { randomUUID } from 'node:crypto'
import { JobCancel, JobSet, type JobView, type Manifest, type ModuleJob } from '@recyclique/contracts'
import { runErrand } from '../registry/errand.ts'
import type { Shared } from '../registry/parts.ts'
import type { Read } from '../store/port.ts'
import { changeJob, type JobRow } from './change-job.ts'
import { cronFlaw, nextAt } from './cron.ts'
import { readWish, Unwished } from './wish.ts'

export type JobParts = Pick<
  Shared,
  'bus' | 'roster' | 'subjects' | 'now' | 'read' | 'decide' | 'log' | 'timeZone' | 'jobsMs'
>

/** Between two looks at what is due. */
const EVERY_MS = 1_000
const RUN_WITHIN_MS = 60_000

/** After a failure; then the job is given up, or waits for the next time of its table. */
const RETRY_MS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 3_600_000, 3_600_000]

/** Of one module at once: the others wait for a second or so. */
const MOST_AT_ONCE = 8

/** The id under which the manifest's own time table stands. Modules set jobs under other ids. */
const OWN = 'manifest:'

/**
 * Calls modules when they want it: at a time, or again and again by a table. When and what for stands on disk, so that a run comes at least once: a
 * kernel that dies leaves it due, a module that is away is called when it is back, and of many times that passed meanwhile the last one counts for all.
 */
export const openJobs = (parts: JobParts) => {
  const { roster, read, decide, now, log, timeZone, jobsMs = EVERY_MS } = parts
  const running = new Map<string, Promise<void>>()

  const set = async (module: string, body: unknown): Promise<JobView> => {
    const { id, job, at, cron, data = null } = readWish(JobSet, body, 'job.set')
    if (id.startsWith(OWN)) throw new Unwished('malformed', `/id must not begin with '${OWN}'.`, '/id')
    if (!jobOf(roster.inside(module)[0]?.manifest, job))
      throw new Unwished('not-declared', `The manifest of ${module} does not list '${job}' under 'jobs'.`, '/job')
    if ((at === undefined) === (cron === undefined))
      throw new Unwished('malformed', 'Say `at` or `cron`, one of the two.', '/at')
    const flaw = cron === undefined ? undefined : cronFlaw(cron)
    if (flaw) throw new Unwished('malformed', `/cron ${flaw}.`, '/cron')
    const dueMs = cron === undefined ? Date.parse(at as string) : nextAt(cron, timeZone(), now().getTime())
    if (dueMs === null || Number.isNaN(dueMs)) throw new Unwished('malformed', '/at is no moment.', '/at')
    const row = freshRow({ module, id, job, cron: cron ?? null, data: JSON.stringify(data), dueMs })
    await decide(changeJob, { do: 'set', row })
    return viewOf(row)
  }

  const cancel = async (module: string, body: unknown) => {
    const { id } = readWish(JobCancel, body, 'job.cancel')
    const found = await rowOf(module, id)
    await decide(changeJob, { do: 'cancel', key: { module, id } })
    return { wasThere: found !== undefined }
  }

  const list = (module: string) => jobsIn(read, module)

  const rowOf = (module: string, id: string) =>
    read.one<JobRow>('SELECT * FROM module_job WHERE module = ? AND id = ?', module, id)

  /** A module is at work with this manifest: its own time tables are set, where they are new or differ, and those that it has no more are taken out. */
  const follow = async ({ name, jobs = [] }: Manifest) => {
    const rows = await read.all<JobRow>(
      'SELECT * FROM module_job WHERE module = ? AND substr(id, 1, ?) = ?',
      name,
      OWN.length,
      OWN,
    )
    const timed = jobs.filter((one): one is ModuleJob & { cron: string } => one.cron !== undefined)
    for (const { job, id } of rows)
      if (!timed.some((one) => one.name === job)) await decide(changeJob, { do: 'cancel', key: { module: name, id } })
    for (const { name: job, cron } of timed) {
      if (rows.some((row) => row.job === job && row.cron === cron)) continue
      const dueMs = nextAt(cron, timeZone(), now().getTime())
      if (dueMs === null) continue
      await decide(changeJob, {
        do: 'set',
        row: freshRow({ module: name, id: `${OWN}${job}`, job, cron, data: 'null', dueMs }),
      })
    }
  }

  const synced = new WeakSet<Manifest>()

  const look = async () => {
    const atWork = roster
      .all()
      .filter(({ place }) => place === 'in')
      .map(({ manifest }) => manifest)
    for (const manifest of atWork.filter((one) => !synced.has(one))) {
      await follow(manifest)
      synced.add(manifest)
    }
    const modules = [...new Set(atWork.filter(({ jobs = [] }) => jobs.length > 0).map(({ name }) => name))]
    if (modules.length === 0) return
    const nowMs = now().getTime()
    const due = await read.all<JobRow>(
      `SELECT * FROM module_job WHERE module IN (${modules.map(() => '?').join(', ')}) AND next_at <= ? AND busy_until <= ? ORDER BY next_at LIMIT 200`,
      ...[...modules, nowMs, nowMs],
    )
    for (const row of due) start(row)
  }

  const start = (row: JobRow) => {
    const name = `${row.module} ${row.id}`
    const busy = [...running.keys()].filter((one) => one.startsWith(`${row.module} `)).length
    const [instance] = roster.living(row.module).filter(({ isAskable }) => isAskable)
    if (running.has(name) || busy >= MOST_AT_ONCE || !instance) return
    const one = run(row)
      .catch((err) => log.warn({ err, module: row.module, job: row.job }, 'a job could not be run'))
      .finally(() => running.delete(name))
    running.set(name, one)
  }

  const run = async (row: JobRow) => {
    const { module, id, job, setting } = row
    const declared = jobOf(roster.inside(module)[0]?.manifest, job)
    if (!declared) return
    const withinMs = declared.timeoutMs ?? RUN_WITHIN_MS
    const nowMs = now().getTime()
    const mine = randomUUID()
    const key = { module, id }
    await decide(changeJob, { do: 'begin', key, setting, run: mine, nowMs, busyUntil: nowMs + withinMs + 5_000 })
    if ((await rowOf(module, id))?.run !== mine) return
    const error = await tryOnce(row, withinMs)
    const next = afterRun(row, error)
    await decide(changeJob, { do: 'end', key, run: mine, ...(next ? { next } : {}) })
    const words = { module, job, id, attempt: row.attempts + 1 }
    if (error === undefined) log.info(words, 'a job was done')
    else log.warn({ ...words, reason: error, nextAt: next?.next_at ?? 'never' }, 'a job failed')
  }

  /** Why it failed; undefined where it did not. */
  const tryOnce = async ({ module, job, id, data, next_at, attempts }: JobRow, withinMs: number) => {
    try {
      await runErrand(parts, {
        ...{ module, verb: 'job', name: job, args: JSON.parse(data), actor: 'kernel', withinMs },
        job: { id, dueAt: new Date(next_at as number).toISOString(), attempt: attempts + 1 },
      })
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }

  const afterRun = (row: JobRow, error: string | undefined) => {
    const nowMs = now().getTime()
    const last_run_at = new Date(nowMs).toISOString()
    const table = row.cron === null ? null : nextAt(row.cron, timeZone(), nowMs)
    if (error === undefined)
      return row.cron === null ? undefined : { next_at: table, attempts: 0, last_run_at, last_error: null }
    const patience = RETRY_MS[row.attempts]
    const last_error = error.slice(0, 500)
    if (patience === undefined)
      return { next_at: table, attempts: table === null ? row.attempts + 1 : 0, last_run_at, last_error }
    return { next_at: nowMs + patience, attempts: row.attempts + 1, last_run_at, last_error }
  }

  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look()
      .catch((err) => log.warn({ err }, 'what is due could not be looked up'))
      .finally(() => {
        looking = undefined
      })
  }, jobsMs)

  return {
    ...{ set, cancel, list },
    /** Begins nothing more. What runs is left to its time, and comes again where its end was not seen. */
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}

export type Jobs = ReturnType<typeof openJobs>

/** All that a module set, by id. */
export const jobsIn = async (read: Read, module: string): Promise<JobView[]> =>
  (await read.all<JobRow>('SELECT * FROM module_job WHERE module = ? ORDER BY id', module)).map(viewOf)

const jobOf = (manifest: Manifest | undefined, name: string): ModuleJob | undefined =>
  manifest?.jobs?.find((one) => one.name === name)

const freshRow = ({
  dueMs,
  ...row
}: Pick<JobRow, 'module' | 'id' | 'job' | 'cron' | 'data'> & { dueMs: number }): JobRow => ({
  ...row,
  ...{
    setting: randomUUID(),
    next_at: dueMs,
    attempts: 0,
    last_run_at: null,
    last_error: null,
    busy_until: 0,
    run: null,
  },
})

const viewOf = ({ id, job, cron, next_at, attempts, last_run_at, last_error }: JobRow): JobView => ({
  ...{ id, job, attempts },
  ...(cron === null ? {} : { cron }),
  ...(next_at === null ? {} : { nextAt: new Date(next_at).toISOString() }),
  ...(last_run_at === null ? {} : { lastRunAt: last_run_at }),
  ...(last_error === null ? {} : { lastError: last_error }),
})
