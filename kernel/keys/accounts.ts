import { createHash } from 'node:crypto'
import { connectionRules, JETSTREAM_API_PREFIX } from '../../contracts/credentials.ts'
import {
  askedOfServices,
  SERVICE_BRANCH,
  SERVICE_VERBS,
  serviceSubjects,
  subjectsOf,
} from '../../contracts/subjects.ts'
import type { AccountClaim, AccountLimits, Claims, Export, Import, UserClaim } from './jwt.ts'
import { waysOf } from './ways.ts'

/**
 * Who may say what to whom, as pure functions from names and public keys to claims.
 *
 * One account per module and not one shared account with permissions: the server never checks the *reply* subject of a message,
 * so in a shared account a module can have JetStream, or a service, publish its answer into somebody else's hook or inbox. Across
 * accounts the server puts a reply subject of its own there, and only the asker can be answered.
 *
 * Exports are public, that is to say any account of this operator could import them. Only the kernel holds the operator's seed, and it
 * signs no import but those written here; a module gets a user of its account, never the account's seed. A token per import would
 * guard against nobody, and would have to be signed anew for each module.
 */

/** The most that JetStream keeps on disk. The server's configuration says the same: were it less, JetStream would silently stay off. */
export const STORE_BYTES = 8 * 1024 ** 3
export const MEMORY_BYTES = 64 * 1024 ** 2
export const MAX_PAYLOAD_BYTES = 1024 ** 2

/** An answer that takes longer goes nowhere. Longer than any deadline that the kernel sets, and than any pull of a consumer waits. */
export const REPLY_WITHIN_MS = 120_000

const REPLY_WITHIN_NS = REPLY_WITHIN_MS * 1_000_000
const UNLIMITED = -1

export type Key = { publicKey: string }
export type Account = Key & { name: string }

/** A module's account. `rights` are those that it was granted; who is `isExpelled` has an account that nobody can use. */
export type ModuleAccount = Account & { rights: readonly string[]; isExpelled?: boolean }

/** The system account: here the server tells who came and went, and takes new accounts. */
export const sysAccount = ({ publicKey }: Key): Claims =>
  account({ name: 'SYS', publicKey }, { limits: limits({ conn: 64 }) })

/** The kernel's account: it owns JetStream and asks every module. Signed again whenever a module is added. */
export const kernelAccount = (site: string, kernel: Key, modules: Account[]): Claims => {
  const subjects = subjectsOf(site)
  const jetStream = {
    mem_storage: MEMORY_BYTES,
    disk_storage: STORE_BYTES,
    streams: 16,
    consumer: 1_000,
    max_ack_pending: 100_000,
  }
  return account(
    { name: 'KERNEL', publicKey: kernel.publicKey },
    {
      limits: limits({ conn: 256, subs: 10_000, imports: 2_000, ...jetStream }),
      exports: [
        service('what modules say to the kernel', subjects.kernelBranch),
        // A pull is one request with many answers.
        service('next facts', `$JS.API.CONSUMER.MSG.NEXT.${subjects.stream}.*`, 'Stream'),
        service('state of a durable', `$JS.API.CONSUMER.INFO.${subjects.stream}.*`, 'Stream'),
        ...ackSubjects(site, kernel, '>').map((subject, at) => service(`acknowledgement, form ${at + 1}`, subject)),
        // Each process of each module answers.
        service('what an onlooker asks', subjects.services, 'Stream'),
      ],
      imports: modules.flatMap((module) => [
        importOf({ name: module.name, subject: subjects.moduleBranch(module.name), from: module }),
        importOf({
          ...{ name: `${module.name} as a service`, subject: SERVICE_BRANCH, from: module },
          as: subjects.serviceOf(module.name),
        }),
      ]),
    },
  )
}

/**
 * A module's account: what it offers to the kernel, and what it may say to it, by its rights. No JetStream of its own.
 *
 * One that is expelled keeps its account, and every user of it is revoked: were the account taken away, the kernel's, which names it, would
 * have to be pushed anew, and facts on their way to the others would be held up by that.
 */
export const moduleAccount = (site: string, kernel: Key, module: ModuleAccount): Claims => {
  const subjects = subjectsOf(site)
  const from = kernel
  const ways = waysOf(site, module.name, module.rights)
  const durable = ways.hasDurable ? `${subjects.durable(module.name)}.>` : undefined
  return account(module, {
    limits: limits({ conn: 64, imports: MOST_IMPORTS }),
    exports: [
      service('what the kernel asks', subjects.moduleBranch(module.name)),
      service('what it says as a NATS service', SERVICE_BRANCH),
    ],
    imports: [
      ...ways.subjects.map((subject) => importOf({ name: subject, subject, from })),
      ...(durable === undefined ? [] : consumerSubjects(site, module.name)).map((subject) =>
        importOf({ name: subject, subject: `$JS.API.${subject}`, from, as: `${JETSTREAM_API_PREFIX}.${subject}` }),
      ),
      ...(durable === undefined ? [] : ackSubjects(site, kernel, durable)).map((subject) =>
        importOf({ name: subject, subject, from }),
      ),
    ],
    ...(module.isExpelled ? { revocations: EVERYBODY_FOR_EVER } : {}),
  })
}

/** A hundred facts to tell, a hundred hooks to ask in two ways, and what everybody has. */
const MOST_IMPORTS = 400

/** Every user's token that was signed before the year 2100. */
const EVERYBODY_FOR_EVER = { '*': 4_102_444_800 }

/**
 * A module's user. The account's outer borders are repeated as an allow-list, so that a mistake in one of the two lets nothing
 * through; there are no deny rules, since old servers read overlapping ones wrongly. What it was granted stands in the account alone:
 * that can be changed while the module runs, and its credentials stay the same.
 *
 * Its own inbox is for hearing only: an instance has no business answering itself, or a sister. Answers to the kernel go to a
 * subject that the server invents, and are allowed once each.
 */
export const moduleUser = (site: string, kernel: Key, module: Account & { userKey: string }): Claims => {
  const subjects = subjectsOf(site)
  return user(
    { name: module.name, sub: module.userKey },
    {
      pub: [
        subjects.kernelBranchOf(module.name),
        ...consumerSubjects(site, module.name).map((subject) => `${JETSTREAM_API_PREFIX}.${subject}`),
        ...ackSubjects(site, kernel, `${subjects.durable(module.name)}.>`),
      ],
      sub: [
        subjects.moduleBranch(module.name),
        `${connectionRules(module.name).inboxPrefix}.>`,
        ...SERVICE_VERBS.flatMap((verb) => serviceSubjects(verb, module.name, '*')),
      ],
      resp: { max: 1, ttl: REPLY_WITHIN_NS },
    },
  )
}

/**
 * The account of whoever looks on: the operator's own, for the tools of NATS. It is offered one thing, to ask the kernel about the modules
 * as services, and offers nothing: no module can say or hear anything there. The kernel hands on what the modules answer, and to no subject
 * but the one that the server puts there, so that an onlooker cannot have an answer published anywhere else.
 */
export const onlookerAccount = (site: string, kernel: Key, { publicKey }: Key): Claims =>
  account(
    { name: 'ONLOOKER', publicKey },
    {
      limits: limits({ conn: 16 }),
      imports: [importOf({ name: 'services', subject: subjectsOf(site).services, from: kernel, as: SERVICE_BRANCH })],
    },
  )

/** An onlooker asks, and hears what is answered. The inbox is the tools' usual one: nobody else is in the account. */
export const onlookerUser = (userKey: string): Claims =>
  user({ name: 'onlooker', sub: userKey }, { pub: SERVICE_VERBS.flatMap(askedOfServices), sub: ['_INBOX.>'] })

/**
 * The kernel may say everything within its own account, since all of that is its own. What reaches a module is decided by the accounts.
 * So it needs no `resp` either, which would have the server count each answer.
 */
export const kernelUser = (userKey: string): Claims =>
  user({ name: 'kernel', sub: userKey }, { pub: ['>'], sub: ['>'] })

export const sysUser = (userKey: string): Claims =>
  user({ name: 'sys', sub: userKey }, { pub: ['$SYS.>'], sub: ['$SYS.>', '_INBOX.>'] })

/** What a durable's owner may ask of JetStream. Creating, listing and reading by number are the kernel's. */
const consumerSubjects = (site: string, module: string): string[] => {
  const { stream, durable } = subjectsOf(site)
  return ['MSG.NEXT', 'INFO'].map((verb) => `CONSUMER.${verb}.${stream}.${durable(module)}`)
}

/**
 * Both forms of an acknowledgement's subject: `$JS.ACK.<stream>.<durable>.…`, and the coming one with domain and account before the
 * stream. The second must not have wildcards there: read as the first form, `$JS.ACK.*.*.<stream>.<mine>.>` covers the
 * subjects of *every* durable, and a payload of `+NXT` sent to one pulls its facts.
 */
const ackSubjects = (site: string, kernel: Key, rest: string): string[] => {
  const { stream } = subjectsOf(site)
  return [`$JS.ACK.${stream}.${rest}`, `$JS.ACK._.${accountHash(kernel.publicKey)}.${stream}.${rest}`]
}

/** The server's short name of an account: eight characters, each from one byte of its key's hash. */
const accountHash = (publicKey: string): string => {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const hash = createHash('sha256').update(publicKey).digest().subarray(0, 8)
  return [...hash].map((byte) => digits[byte % digits.length]).join('')
}

const account = (
  { name, publicKey }: Account,
  claim: Pick<AccountClaim, 'limits' | 'exports' | 'imports' | 'revocations'>,
): Claims => ({
  name,
  sub: publicKey,
  nats: { type: 'account', version: 2, ...claim },
})

/** Every limit is spelled out: one that is left out is 0, which the server reads as "none at all". That is meant for leaf nodes and storage. */
const limits = (own: Partial<AccountLimits>): AccountLimits => ({
  conn: 1,
  subs: 1_000,
  data: UNLIMITED,
  payload: MAX_PAYLOAD_BYTES,
  imports: 16,
  exports: 16,
  wildcards: true,
  leaf: 0,
  mem_storage: 0,
  disk_storage: 0,
  streams: 0,
  consumer: 0,
  max_ack_pending: 0,
  ...own,
})

const service = (name: string, subject: string, response: Export['response_type'] = 'Singleton'): Export => ({
  name,
  subject,
  type: 'service',
  response_type: response,
  response_threshold: REPLY_WITHIN_NS,
})

const importOf = (wanted: { name: string; subject: string; from: Key; as?: string }): Import => ({
  name: wanted.name,
  subject: wanted.subject,
  account: wanted.from.publicKey,
  ...(wanted.as === undefined ? {} : { local_subject: wanted.as }),
  type: 'service',
})

type Permissions = { pub: string[]; sub: string[]; resp?: NonNullable<UserClaim['resp']> }

const user = (who: { name: string; sub: string }, { pub, sub, resp }: Permissions): Claims => ({
  ...who,
  nats: {
    type: 'user',
    version: 2,
    pub: { allow: pub },
    sub: { allow: sub },
    ...(resp === undefined ? {} : { resp }),
    subs: UNLIMITED,
    data: UNLIMITED,
    payload: UNLIMITED,
    allowed_connection_types: ['STANDARD'],
  },
})
