import { type Static, Type } from '@sinclair/typebox'
import { BodyClaim } from './body-parts.ts'
import { Manifest, ModuleName } from './manifest.ts'
import { ConfigFlaw, ConfigShown, KeptConfig } from './module-config.ts'
import { BundleClaim } from './page.ts'
import { Instant, OneOf } from './text.ts'

/** The version of the wire that this program speaks. */
export const PROTOCOL = 1

/** One process of a module; also the name of its connection, so that the server's own news about it can be understood. */
export const InstanceId = Type.String({ pattern: '^[a-z0-9-]{1,32}$', description: '1 to 32 of a-z, 0-9 and -' })

/** By hook, since a hook may come later than the process that answers it. */
export const HistorySeen = Type.Record(Type.String({ maxLength: 128 }), Type.Integer({ minimum: 0 }))
export type HistorySeen = Static<typeof HistorySeen>

/** `announce`: a module's process is there and says what it is. A request; answered by one kernel. */
export const Announce = Type.Object({
  manifest: Manifest,
  /** SHA-256 of the manifest's JSON as the module reads it: replicas of one module bear the same. */
  manifestHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  instance: InstanceId,
  pid: Type.Optional(Type.Integer({ minimum: 1 })),
  startedAt: Instant,
  /**
   * The last position whose effect the module keeps in its own store; its facts go on behind it. 0: nothing yet. Absent for a
   * module without such a store: there the kernel remembers what was acknowledged.
   */
  resumeAfter: Type.Optional(Type.Integer({ minimum: 0 })),
  /** For each historic hook up to which place of the history this process has been told (`seq` of its last question). Absent: nothing yet. */
  historySeen: Type.Optional(HistorySeen),
  /** The static files that it hands over; absent where it has none. */
  bundle: Type.Optional(BundleClaim),
  /** What is set in this process and where that was said. A secret's value stands nowhere in it. */
  config: Type.Optional(ConfigShown),
  /** What is wrong with it, so that the module cannot work: it waits until that is mended. */
  configFlaws: Type.Optional(Type.Array(ConfigFlaw, { maxItems: 200 })),
  /** Why it goes on with what was set before, where it could not take what the kernel keeps. */
  configRefused: Type.Optional(Type.String({ maxLength: 2000 })),
})
export type Announce = Static<typeof Announce>

/**
 * What the kernel says to an announce.
 *
 * `admitted`: it is asked from now on, and its facts wait where `hearing` says. `replaying`: the same, but it is told first what was asked
 * before it came. `waiting` says for whom or what (another module, health, the operator's wish): it hears and answers nothing,
 * announces itself again a little later, and is asked to (`control.announce`) as soon as that may help. `blocked` and `disabled`: the
 * operator wants it so; it waits in the same way. `rejected` names every reason at once and will not change by waiting.
 */
export const Announced = Type.Object({
  state: OneOf('admitted', 'replaying', 'waiting', 'blocked', 'disabled', 'rejected'),
  reasons: Type.Array(Type.String()),
  /** The kernel's name for itself and its version, for the log. */
  kernel: Type.String(),
  /**
   * Where its facts wait; absent when it hears nothing. `passed` is a fact that lies with the dead letters because the module's process
   * ended each time it had it in hand: a module with a store of its own keeps that position as passed, its effect not applied.
   */
  hearing: Type.Optional(
    Type.Object({
      stream: Type.String(),
      durable: Type.String(),
      passed: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
  ),
  heartbeatMs: Type.Integer({ minimum: 100 }),
  /** What the kernel keeps for it, whatever the state; absent where it keeps nothing. */
  config: Type.Optional(KeptConfig),
  /** Rights that the manifest asks for and that an operator withholds: it works without them, and the bus refuses them. */
  withheld: Type.Optional(Type.Array(Type.String())),
})
export type Announced = Static<typeof Announced>

/** `heartbeat`: every `heartbeatMs`, to all kernels, without an answer. */
export const Heartbeat = Type.Object({
  instance: InstanceId,
  inFlight: Type.Integer({ minimum: 0 }),
  /** The last position that it has dealt with. */
  position: Type.Integer({ minimum: 0 }),
})
export type Heartbeat = Static<typeof Heartbeat>

/** `bye`: no new work from now on (`draining`), and later: it is gone (`gone`). */
export const Bye = Type.Object({ instance: InstanceId, phase: OneOf('draining', 'gone') })
export type Bye = Static<typeof Bye>

/**
 * What the kernel may tell an instance on its `control` verb: say who you are (again), show that you are there, say how you are
 * (answered with a `Health`), finish what is in hand and end (another version has taken over, or the operator wants it so), or take a fact
 * once more that it could not take before (the fact as it travels always, with `rq-retry: 1`; answered with a `Retried`), or say which
 * facts it has in hand (answered with a `Holding`; asked when a sister has died, and a fact with her), or take what is set for it from now on (a `KeptConfig`;
 * answered with a `ConfigTaken`), or write more or less into its log (a `SetLogLevel`; answered with nothing).
 */
export type Control = 'announce' | 'config' | 'ping' | 'health' | 'drain' | 'retry' | 'holding' | 'log-level'

/** The answer to `holding`: which facts this process has in hand at this moment, those that it is acknowledging among them. */
export const Holding = Type.Object({ positions: Type.Array(Type.Integer({ minimum: 1 })) })
export type Holding = Static<typeof Holding>

/** How a process says that it is. `details` are the module's own: figures and words without secrets. */
export const Health = Type.Object({
  ok: Type.Boolean(),
  words: Type.Optional(Type.String({ maxLength: 500 })),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type Health = Static<typeof Health>

/** A fact that a module could not take: why, and how often it was tried. */
export const Dead = Type.Object({
  instance: InstanceId,
  position: Type.Integer({ minimum: 1 }),
  error: Type.String({ maxLength: 2000 }),
  /** Where in the module's code, as its language writes it. */
  stack: Type.Optional(Type.String({ maxLength: 8000 })),
  attempts: Type.Integer({ minimum: 1 }),
})
export type Dead = Static<typeof Dead>

/** An HTTP request that the kernel hands on to a module's route; header names in lower case; the body as it came, in base64. */
export const HttpCall = Type.Object({
  method: Type.String(),
  path: Type.String(),
  query: Type.Record(Type.String(), Type.String()),
  headers: Type.Record(Type.String(), Type.String()),
  body: Type.Optional(Type.String()),
  /** Whoever asks can take the answer's body in parts. */
  takesParts: Type.Optional(Type.Boolean()),
})
export type HttpCall = Static<typeof HttpCall>

export const HttpAnswer = Type.Object({
  status: Type.Integer({ minimum: 100, maximum: 599 }),
  headers: Type.Record(Type.String(), Type.String()),
  /** In base64. */
  body: Type.String(),
  /** The body comes in parts, and `body` is empty. Only where the call says `takesParts`. */
  parts: Type.Optional(BodyClaim),
})
export type HttpAnswer = Static<typeof HttpAnswer>

/** What a module may say about its answer; how it travels, and who is signed in, is the kernel's own business. */
export const modulesOwnHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !KERNELS_HEADERS.has(name.toLowerCase())))

const KERNELS_HEADERS = new Set([
  ...['connection', 'transfer-encoding', 'content-length', 'set-cookie', 'keep-alive', 'upgrade'],
])

/** The headers of a call: when the caller stops waiting (milliseconds since 1970) and W3C trace context. */
export const CALL_HEADERS = { deadline: 'rq-deadline', trace: 'traceparent' } as const

/** Where a module can stand. The announce's words for it: see `Announced`. */
export const ModuleState = OneOf(
  'discovered',
  'rejected',
  'blocked',
  'disabled',
  'pending',
  'starting',
  'replaying',
  'active',
  'degraded',
  'draining',
  'stopped',
  'failed',
)
export type ModuleState = Static<typeof ModuleState>

/** One kernel of a site says to the others what it has decided of a module, so that all of them have the same plans. */
export const KernelNews = Type.Object({
  /** Who says it: one's own news comes back as well. */
  kernel: Type.String({ maxLength: 32 }),
  is: OneOf('admitted', 'held', 'ordered', 'configured'),
  module: ModuleName,
  said: Type.Optional(Announce),
  rank: Type.Optional(Type.Integer({ minimum: 1 })),
  reasons: Type.Optional(Type.Array(Type.String())),
  isNeedy: Type.Optional(Type.Boolean()),
})
export type KernelNews = Static<typeof KernelNews>

/**
 * The server's own news that a connection ended, as much of it as we read. `name` is the client's own choice (an instance id);
 * `name_tag` stands in its credentials, which the kernel signed: the module's name.
 */
export const ClientGone = Type.Object({ client: Type.Object({ name: Type.String(), name_tag: Type.String() }) })
export type ClientGone = Static<typeof ClientGone>
