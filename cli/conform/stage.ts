import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, type Subjects, subjectsOf } from '@recyclique/contracts'
import { cacheFolder } from '../nats-server.ts'
import { startLeash } from '../up/leash.ts'
import { moduleEnv } from '../up/module-env.ts'
import { openPlayedBus, type PlayedBus, SITE } from './bus.ts'
import { Fault } from './case.ts'
import { type Asking, askingOf } from './kernel/asking.ts'
import { openPlayedFacts, type PlayedFacts } from './kernel/played-facts.ts'
import { type Decision, openPlayedKernel, type PlayedKernel, type Said } from './kernel/played-kernel.ts'
import { openPlayedWishes, type PlayedWishes } from './kernel/played-wishes.ts'
import { makeNews, type News } from './news.ts'
import { type Played, playProcess } from './process.ts'

/** The pace that is asked of a module here: quicker than a real kernel's 2 s, so that nobody waits long. */
export const HEARTBEAT_MS = 250

/** A process of the module and the way to it. `from`: where its own words begin in what was said. */
export interface Player {
  readonly process: Played
  readonly asking: Asking
  readonly from: number
  readonly startedAt: number
}

/** All that a case can reach. */
export interface Stage {
  readonly manifest: Manifest
  readonly subjects: Subjects
  readonly bus: PlayedBus
  readonly kernel: PlayedKernel
  readonly facts: PlayedFacts
  readonly wishes: PlayedWishes
  readonly news: News
  /** How long the module may take for anything that is not measured. */
  readonly timeoutMs: number
  /** 1, 2, 3 …: so that no two samples are the same. */
  nextNth(): number
  /** Every process that was started, in order. */
  readonly players: readonly Player[]
  /** A process that was let in: the one that is there, or a new one. Throws a `Fault` when it does not come. */
  atWork(): Promise<Player>
  /** A new process, whose announces are answered so; what was there before is ended. */
  fresh(decision: Decision): Promise<Player>
  /** Its first announce. Throws a `Fault` when none comes. */
  announced(player: Player): Promise<Said>
  /** Ends what is there: the next case begins with a new process. */
  clear(): Promise<void>
  /** The process that is there, where it has ended although nobody asked it to. */
  lost(): Player | undefined
  /** It is asked to end: that it does is no fault. */
  letEnd(player: Player): void
  close(): Promise<void>
}

export interface StageOptions {
  readonly manifest: Manifest
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly timeoutMs: number
  /** How long it may take to announce itself; `timeoutMs` where nothing is said. */
  readonly startMs?: number
  /** Hears each line that the module writes. */
  readonly onLine: (line: string) => void
  readonly say: (line: string) => void
}

export const openStage = async ({
  manifest,
  command,
  env,
  timeoutMs,
  startMs = timeoutMs,
  onLine,
  say,
}: StageOptions): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-conform-'))
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o700 })
  const news = makeNews()
  const leash = startLeash(() => {})
  const subjects = subjectsOf(SITE)
  const dismiss = async () => {
    await leash.drop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const bus = await openPlayedBus({ folder, manifest, leash, say }).catch(async (error) => {
    await dismiss()
    throw error
  })
  const { connection } = bus
  const facts = await openPlayedFacts({ connection, subjects, manifest, site: SITE, news })
  const wishes = openPlayedWishes(manifest)
  const known = { connection, subjects, manifest, facts, wishes, news }
  const kernel = await openPlayedKernel({ ...known, heartbeatMs: HEARTBEAT_MS })
  const players: Player[] = []
  let current: Player | undefined
  let mayEnd: Player | undefined
  let nth = 0

  const start = (): Player => {
    const instance = `${manifest.name}-${randomBytes(3).toString('hex')}`
    const process = playProcess({
      ...{ command, instance, leash, news, onLine },
      env: {
        NODE_COMPILE_CACHE: join(cacheFolder(env), 'compiled'),
        ...moduleEnv(manifest.name, env),
        ...configIn(env),
        ...{ NATS_URL: bus.url, RECYCLIQUE_SITE: SITE, RECYCLIQUE_CREDS: bus.creds, RECYCLIQUE_INSTANCE: instance },
        ...{ RECYCLIQUE_MODULE_DATA: data, RECYCLIQUE_TIME_ZONE: 'Europe/Paris' },
      },
    })
    const player: Player = {
      process,
      asking: askingOf({ connection, subjects, module: manifest.name, instance }),
      from: kernel.said.length,
      startedAt: performance.now(),
    }
    players.push(player)
    current = player
    return player
  }

  const clear = async () => {
    const leaving = current
    current = undefined
    await leaving?.process.kill()
    kernel.answerWith({ state: 'admitted' })
    kernel.proceedWith(async () => ({ v: [] }))
    wishes.be('granting')
    await kernel.comeBack()
  }

  const announced = async (player: Player): Promise<Said> => {
    const { process, from } = player
    const came = await news.until(
      () => kernel.said.slice(from).find(({ verb }) => verb === 'announce') ?? (process.end && 'ended'),
      startMs,
    )
    if (came === undefined) throw new Fault(neverAnnounced(player, startMs, bus), REQUEST_ANNOUNCE)
    if (came !== 'ended') return came
    throw new Fault(
      `it ${process.end?.words} before it announced itself${lastWords(process)}`,
      'It must live until it is asked to end (SIGTERM, or control.drain).',
    )
  }

  return {
    ...{ manifest, subjects, bus, kernel, facts, wishes, news, timeoutMs, players, announced, clear },
    async atWork() {
      if (current && !current.process.end) return current
      await clear()
      const player = start()
      await announced(player)
      return player
    },
    async fresh(decision) {
      await clear()
      kernel.answerWith(decision)
      return start()
    },
    nextNth: () => {
      nth += 1
      return nth
    },
    lost: () => (current?.process.end && current !== mayEnd ? current : undefined),
    letEnd: (player) => {
      mayEnd = player
    },
    async close() {
      await clear()
      await bus.close()
      await dismiss()
    },
  }
}

const REQUEST_ANNOUNCE =
  'Connect to NATS_URL with the credentials in RECYCLIQUE_CREDS and request rq.<site>.kernel.<module>.announce: docs/protocol.md, "Being a module".'

const neverAnnounced = ({ process }: Player, startMs: number, { violations }: PlayedBus): string =>
  [
    `it did not announce itself within ${startMs / 1000} s`,
    ...(violations.length === 0 ? [] : [`; the server refused it something: ${violations.at(-1)}`]),
    lastWords(process),
  ].join('')

/** What it wrote last, below the sentence that speaks of it. */
export const lastWords = ({ lines }: Pick<Played, 'lines'>): string =>
  lines.length === 0 ? ', and wrote nothing' : `. It wrote last:\n${lines.map((line) => `  | ${line}`).join('\n')}`

/** The configuration that the person who tries a module sets by hand. */
const configIn = ({ RECYCLIQUE_MODULE_CONFIG: config }: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  config === undefined ? {} : { RECYCLIQUE_MODULE_CONFIG: config, RECYCLIQUE_MODULE_CONFIG_ORIGIN: 'the environment' }
