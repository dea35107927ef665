import { type Static, Type } from '@sinclair/typebox'
import { ModuleCommand } from './module-command.ts'
import { ConfigDocument } from './module-config.ts'
import { ModuleJob } from './module-job.ts'
import { ModuleTool } from './module-tool.ts'
import { ModulePage } from './page.ts'
import { FsName, ListenName, MemoryMb, NetName, RunsName } from './reach.ts'
import { OneOf, Text } from './text.ts'

const closed = { additionalProperties: false }

/** A module's name is a token of its subjects and a part of its journal's name. */
export const ModuleName = Type.String({
  pattern: '^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$',
  description: '1 to 24 of a-z, 0-9 and -, a letter first',
})

/** A version, SemVer 2.0. */
const Version = Type.String({
  pattern: '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$',
  maxLength: 64,
  description: 'a version such as 1.4.0',
})

/** A range of versions as npm writes it; that it can be read is checked at announce. */
const Range = Type.String({ minLength: 1, maxLength: 128, description: 'a range of versions such as ^1.2' })

const Ranges = Type.Record(ModuleName, Range)

/** A fact's or a question's name: tokens with dots between. */
const DottedName = Type.String({
  pattern: '^[a-z0-9-]{1,32}(\\.[a-z0-9-]{1,32}){1,4}$',
  description: 'a name such as sale.recorded',
})

/** What a module answers: which question, with which of its arguments, and where in the order. */
export const Answers = Type.Object(
  {
    hook: DottedName,
    /** The handler's name, unique inside the module; the hook's own name where it is not said. */
    handler: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: "1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'" }),
    ),
    args: Type.Optional(Type.Array(Type.String({ maxLength: 64 }))),
    place: Type.Optional(OneOf('tryfirst', 'trylast')),
    isWrapper: Type.Optional(Type.Boolean()),
    isOptional: Type.Optional(Type.Boolean()),
    before: Type.Optional(Type.Array(ModuleName)),
    after: Type.Optional(Type.Array(ModuleName)),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
  },
  closed,
)

const ApiRequest = Type.String({
  pattern: '^(GET|POST|PUT|PATCH|DELETE) /v1/(?:(?:[A-Za-z0-9_.:-]+|\\*)/)*[A-Za-z0-9_.:-]*\\*?$',
  maxLength: 140,
  description: 'a method and a path such as GET /v1/reports/* or POST /v1/modules/*/tools/*',
})

const Route = Type.Object(
  {
    method: OneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
    path: Type.String({
      pattern: '^/[A-Za-z0-9/_.:*-]{0,127}$',
      description: 'a path such as /today, parameters as :name',
    }),
  },
  closed,
)

/** A fact of a module's own. The kernel keeps it in the journal `module-<name>` and tells it like every other. */
export const Tells = Type.Object(
  {
    /** Begins with the module's name. */
    name: DottedName,
    version: Type.Integer({ minimum: 1 }),
    description: Type.Optional(Text(300)),
    /** JSON Schema of its data, type `object`. No personal data: a fact can never be erased. */
    data: Type.Unknown(),
  },
  closed,
)
export type Tells = Static<typeof Tells>

/** A hook that the module owns, as data: others may answer it as soon as the module is active. */
export const HookDocument = Type.Object(
  {
    /** Begins with the module's name. */
    name: DottedName,
    version: Type.Integer({ minimum: 1 }),
    /** What is asked, in one sentence. */
    words: Type.Optional(Text(200, { minLength: 1 })),
    mode: OneOf('collect', 'first', 'pipeline', 'driver', 'race'),
    /** JSON Schema, type `object`. */
    args: Type.Unknown(),
    /** JSON Schema; a pipeline's is its `args` and need not be said. */
    answer: Type.Optional(Type.Unknown()),
    deadlineMs: Type.Integer({ minimum: 1, maximum: 600_000 }),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
    dispatch: Type.Optional(OneOf('sequential', 'parallel')),
    onError: Type.Optional(OneOf('stop', 'skip', 'aggregate')),
    historic: Type.Optional(
      Type.Object(
        {
          maxAgeMs: Type.Optional(Type.Integer({ minimum: 1 })),
          maxCount: Type.Optional(Type.Integer({ minimum: 1 })),
          key: Type.Optional(Type.String()),
          replay: Type.Optional(OneOf('instance', 'module')),
        },
        closed,
      ),
    ),
    minImplementations: Type.Optional(Type.Integer({ minimum: 0 })),
    idempotent: Type.Optional(Type.Boolean()),
    shortCircuit: Type.Optional(Type.Boolean()),
    wrapperLost: Type.Optional(OneOf('error', 'pass')),
    sideBySide: Type.Optional(Type.Boolean()),
    deprecated: Type.Optional(Text(300)),
    deprecatedArgs: Type.Optional(Type.Record(Type.String(), Text(300))),
  },
  closed,
)
export type HookDocument = Static<typeof HookDocument>

/**
 * What a module is, hears, answers, tells and needs: plain data, read without running any of its code. What stands here is all
 * that it can do on the bus.
 */
export const Manifest = Type.Object(
  {
    name: ModuleName,
    identifier: Type.Optional(Text(120)),
    version: Version,
    description: Text(500, { minLength: 1 }),
    author: Type.Optional(Text(120)),
    license: Type.Optional(Text(60)),
    /** The kernel's API versions that it works with. */
    kernel: Range,
    /** How its process is started where that is not `main.ts` (or `main.js`): a program and its arguments, run in the module's folder. */
    run: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { minItems: 1, maxItems: 30 })),
    /** It is started where somebody names it, and not merely because it is there. */
    isOptIn: Type.Optional(Type.Boolean()),
    /** The wire's versions that it speaks. */
    protocol: Type.Object({ min: Type.Integer({ minimum: 1 }), max: Type.Integer({ minimum: 1 }) }, closed),
    requires: Type.Optional(Ranges),
    optional: Type.Optional(Ranges),
    conflicts: Type.Optional(Ranges),
    /** Facts that it hears, by name; live ones unless `hearsTraining`. */
    hears: Type.Optional(Type.Array(DottedName, { maxItems: 100, uniqueItems: true })),
    hearsTraining: Type.Optional(Type.Boolean()),
    /** Where it begins when it joins for the first time: with the first fact of the ledger, or with what comes from now on. */
    hearsFrom: Type.Optional(OneOf('start', 'now')),
    /** `strict`: one fact at a time, so that a retry is never overtaken. `none`: several at once. */
    order: Type.Optional(OneOf('strict', 'none')),
    tells: Type.Optional(Type.Array(Tells, { maxItems: 100 })),
    answers: Type.Optional(Type.Array(Answers, { maxItems: 100 })),
    /** Hooks that it asks itself, by name. */
    asks: Type.Optional(Type.Array(DottedName, { maxItems: 100, uniqueItems: true })),
    /** Hooks at whose calls it looks on: who was asked, how long it took, how it ended, and never what was asked. `*` is every hook. */
    observes: Type.Optional(
      Type.Array(Type.Union([DottedName, Type.Literal('*')], { description: "a hook's name, or *" }), {
        maxItems: 100,
        uniqueItems: true,
      }),
    ),
    specs: Type.Optional(Type.Array(HookDocument, { maxItems: 50 })),
    /** How often one of its processes may stand in one chain of questions; absent: only the depth is limited. */
    concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    /** For callers that choose among modules: a caller's `where` sees them. */
    labels: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    ),
    /** Two majors of this module may run beside each other, for the hooks that allow it. It hears nothing then. */
    sideBySide: Type.Optional(Type.Boolean()),
    routes: Type.Optional(Type.Array(Route, { maxItems: 100 })),
    pages: Type.Optional(Type.Array(ModulePage, { maxItems: 50 })),
    commands: Type.Optional(Type.Array(ModuleCommand, { maxItems: 50 })),
    tools: Type.Optional(Type.Array(ModuleTool, { maxItems: 50 })),
    jobs: Type.Optional(Type.Array(ModuleJob, { maxItems: 50 })),
    /** It keeps keys and values of its own with the kernel. */
    keeps: Type.Optional(Type.Boolean()),
    config: Type.Optional(ConfigDocument),
    permissions: Type.Optional(
      Type.Object(
        {
          /** Hosts that its process connects to, besides the bus. */
          net: Type.Optional(Type.Array(NetName, { maxItems: 50, uniqueItems: true })),
          /** Ports that it listens on. */
          listen: Type.Optional(Type.Array(ListenName, { maxItems: 20, uniqueItems: true })),
          /** Files and folders beside its own and its data folder. */
          fs: Type.Optional(Type.Array(FsName, { maxItems: 50, uniqueItems: true })),
          /** What Node does not do for a module that does not ask for it. */
          runs: Type.Optional(Type.Array(RunsName, { uniqueItems: true })),
          /** Megabytes of memory that one of its processes may hold; 384 where nothing is said. */
          memory: Type.Optional(MemoryMb),
          /** Requests to the kernel's own API, as `GET /v1/reports/*`; a star at the end stands for all that follows, one between two slashes for one name. */
          api: Type.Optional(Type.Array(ApiRequest, { maxItems: 100 })),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type Manifest = Static<typeof Manifest>
