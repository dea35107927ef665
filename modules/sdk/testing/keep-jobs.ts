import { JobCancel, JobSet, type JobView, type Manifest, parse } from '@recyclique/contracts'
import { granting, Unwished } from './grant.ts'

/** A job that is set, with the data that it will be given. */
export interface Scheduled extends JobView {
  readonly data: unknown
}

/** The id under which a time table of the manifest stands. */
const OWN = 'manifest:'

/**
 * The kernel's part of jobs, without a clock: what is set, what it is set for, and whether it may be. Whoever rehearses says when one is run, so that
 * of a table no `nextAt` is known here.
 */
export const openJobs = ({ name: module, jobs = [] }: Manifest) => {
  const kept = new Map<string, Scheduled>()
  for (const { name: job, cron } of jobs)
    if (cron !== undefined) kept.set(`${OWN}${job}`, { id: `${OWN}${job}`, job, cron, attempts: 0, data: null })

  const set = (body: unknown): JobView => {
    const { id, job, at, cron, data = null } = parse(JobSet, body, 'job.set')
    if (id.startsWith(OWN)) throw new Unwished('malformed', `/id must not begin with '${OWN}'.`, '/id')
    if (!jobs.some(({ name }) => name === job))
      throw new Unwished('not-declared', `The manifest of ${module} does not list '${job}' under 'jobs'.`, '/job')
    if ((at === undefined) === (cron === undefined))
      throw new Unwished('malformed', 'Say `at` or `cron`, one of the two.', '/at')
    if (cron !== undefined && cron.trim().split(/\s+/).length !== 5)
      throw new Unwished('malformed', '/cron must have five fields, as in 30 6 * * 1-5.', '/cron')
    const when = cron === undefined ? { nextAt: new Date(at as string).toISOString() } : { cron }
    const one: Scheduled = { id, job, attempts: 0, ...when, data }
    kept.set(id, one)
    return viewOf(one)
  }

  const cancel = (body: unknown) => ({ wasThere: kept.delete(parse(JobCancel, body, 'job.cancel').id) })
  const list = () => [...kept.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(viewOf)

  const declared =
    (work: (body: unknown) => unknown) =>
    (body: unknown): unknown => {
      if (jobs.length === 0) throw new Unwished('not-declared', `The manifest of ${module} does not say 'jobs'.`)
      return work(body)
    }

  return {
    answer: granting('job', { set: declared(set), cancel: declared(cancel), list: declared(list) }),
    all: (): readonly Scheduled[] => [...kept.values()],
    find: (id: string) => kept.get(id),
    /** A run of it has ended: one without a table is over when it went well, and comes again where it did not. */
    ran(id: string, error: Error | undefined, at: Date) {
      const one = kept.get(id)
      if (!one) return
      if (!error && one.cron === undefined) return void kept.delete(id)
      const { lastError: _, ...rest } = one
      const ended = error ? { attempts: one.attempts + 1, lastError: error.message.slice(0, 500) } : { attempts: 0 }
      kept.set(id, { ...rest, ...ended, lastRunAt: at.toISOString() })
    },
  }
}

export type Jobs = ReturnType<typeof openJobs>

const viewOf = ({ data: _, ...view }: Scheduled): JobView => view
