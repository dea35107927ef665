import type { TSchema } from '@sinclair/typebox'
import { CALL_HEADERS } from '../control.ts'
import { RETRY_HEADER } from '../dead-letter.ts'
import { FACTS } from '../facts.ts'
import type { HookSpec } from '../hook.ts'
import { HOOKS } from '../hooks/all.ts'
import { HookCall } from '../question.ts'
import { SERVICE_VERBS, type ServiceVerb } from '../subjects.ts'
import { jsonSchemas, plain } from './schemas.ts'

/** A fact with what a document says of it. */
export interface DescribedFact {
  readonly name: string
  readonly version: number
  readonly journalForm: string
  readonly data: TSchema
}

interface Described {
  readonly version: string
  /** Facts and hooks beside the kernel's own: those that modules bring. */
  readonly facts?: readonly DescribedFact[]
  readonly hooks?: readonly HookSpec[]
}

/**
 * The wire as AsyncAPI 3, as a module sees it: what it is asked (`receive`) and what it says (`send`). Subjects and rules stand in
 * `docs/protocol.md`; this is the same for programs.
 */
export const asyncApi = ({ version, facts = [], hooks = [] }: Described) => {
  const entries = [
    ...VERBS.map(verb),
    ...SERVICE_VERBS.map(service),
    ...FACTS.map(fact),
    ...facts.map(fact),
    ...HOOKS.map(question),
    ...hooks.map(question),
  ]
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Recyclique: the wire',
      version,
      description: 'What a module hears, answers and says, over NATS. The words to it: docs/protocol.md.',
      license: { name: 'AGPL-3.0-or-later' },
    },
    defaultContentType: 'application/json',
    servers: { nats: { host: '{host}', protocol: 'nats', variables: { host: { default: '127.0.0.1:4222' } } } },
    channels: Object.fromEntries(entries.map(({ id, channel }) => [id, channel])),
    operations: Object.fromEntries(entries.map(({ id, operation }) => [id, operation])),
    components: {
      schemas: Object.fromEntries(Object.entries(jsonSchemas()).map(([name, { $schema: _, ...rest }]) => [name, rest])),
    },
  }
}

type Message = { readonly name: string; readonly payload: object; readonly headers?: object }

interface Said {
  readonly id: string
  readonly address: string
  readonly action: 'send' | 'receive'
  readonly summary: string
  readonly message: Message
  /** What is answered; absent: nothing. */
  readonly reply?: Message
}

/** One channel with its one operation. A channel that is answered bears the answer's form as well: it comes on the asker's inbox. */
const described = ({ id, address, action, summary, message, reply }: Said) => {
  const refTo = (name: string) => ({ $ref: `#/channels/${escaped(id)}/messages/${name}` })
  const messages = { [message.name]: message, ...(reply ? { [reply.name]: reply } : {}) }
  return {
    id,
    channel: { address, messages, parameters: parametersIn(address) },
    operation: {
      ...{ action, summary, channel: { $ref: `#/channels/${escaped(id)}` }, messages: [refTo(message.name)] },
      ...(reply ? { reply: { channel: { $ref: `#/channels/${escaped(id)}` }, messages: [refTo(reply.name)] } } : {}),
    },
  }
}

const escaped = (id: string) => id.replaceAll('~', '~0').replaceAll('/', '~1')

const WORDS: Readonly<Record<string, string>> = {
  ...{ site: 'the site’s name', module: 'the module’s name', instance: 'one process of the module' },
  ...{ mode: 'live or training', journal: 'where the fact is numbered', kernel: 'the kernel that asked' },
  ...{ ticket: 'names the call', stream: 'names the answer in parts', name: 'a name, its tokens with dots between' },
  answer: 'names the long answer',
}

const parametersIn = (address: string) =>
  Object.fromEntries(
    [...address.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, { description: WORDS[name] ?? name }]),
  )

const MINE = 'rq.{site}.mod.{module}.{instance}'
const TO_KERNEL = 'rq.{site}.kernel.{module}'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const schema = (name: string): Message => ({ name, payload: ref(name) })
const EMPTY: Message = { name: 'empty', payload: { type: 'string', maxLength: 0 } }

interface Verb {
  readonly to: 'kernel' | 'module'
  readonly verb: string
  readonly summary: string
  readonly message: Message
  readonly reply?: Message
}

const HEADERS = [
  'ce-specversion',
  'ce-id',
  'ce-source',
  'ce-type',
  'ce-subject',
  'ce-time',
  'rq-position',
  'rq-journal',
  'rq-seq',
  'rq-mode',
  'rq-business-date',
  'rq-actor',
  'rq-version',
  'rq-hash',
]

const headed = (required: readonly string[], others: readonly string[] = []) => ({
  type: 'object',
  properties: Object.fromEntries([...required, ...others].map((one) => [one, { type: 'string' }])),
  ...(required.length > 0 ? { required } : {}),
})

/** Something that it wants of the kernel: given, or not and why. */
const wish = (verb: string, summary: string, payload: object, given: object): Verb => ({
  ...{ to: 'kernel', verb, summary, message: { name: 'wish', payload } },
  reply: {
    name: 'given',
    payload: {
      anyOf: [
        { type: 'object', properties: { v: given }, required: ['v'] },
        { type: 'object', properties: { error: ref('wish-fault') }, required: ['error'] },
      ],
    },
  },
})

const VERBS: readonly Verb[] = [
  {
    to: 'kernel',
    verb: 'announce',
    summary: 'Says what this process is.',
    message: schema('announce'),
    reply: schema('announced'),
  },
  { to: 'kernel', verb: 'heartbeat', summary: 'It lives, and how far it has come.', message: schema('heartbeat') },
  { to: 'kernel', verb: 'bye', summary: 'No new work, and later: gone.', message: schema('bye') },
  { to: 'kernel', verb: 'dead', summary: 'A fact cannot be taken.', message: schema('dead'), reply: EMPTY },
  {
    to: 'kernel',
    verb: 'tell.{name}',
    summary: 'Tells a fact of its own.',
    message: schema('tell'),
    reply: schema('tell-answer'),
  },
  {
    to: 'kernel',
    verb: 'ask.{name}',
    summary: 'Asks a hook.',
    message: schema('ask-call'),
    reply: schema('ask-reply'),
  },
  {
    to: 'kernel',
    verb: 'within.{kernel}.{name}',
    summary: 'Asks a hook from inside a question.',
    message: schema('ask-call'),
    reply: schema('ask-reply'),
  },
  {
    to: 'kernel',
    verb: 'proceed.{kernel}.{ticket}',
    summary: 'A wrapper runs the rest of the plan.',
    message: EMPTY,
    reply: schema('ask-reply'),
  },
  wish('kv.get', 'The value under a key; null where there is none.', ref('kv-get'), {
    anyOf: [ref('kv-entry'), { type: 'null' }],
  }),
  wish('kv.put', 'Keeps a value under a key.', ref('kv-put'), {
    type: 'object',
    properties: { revision: { type: 'integer' } },
    required: ['revision'],
  }),
  wish('kv.remove', 'Takes a key away.', ref('kv-remove'), { type: 'null' }),
  wish('kv.list', 'Its keys, in their order.', ref('kv-list'), ref('kv-page')),
  wish('job.set', 'Wants to be called, once or by a table.', ref('job-set'), ref('job-view')),
  wish('job.cancel', 'Wants it no more.', ref('job-cancel'), {
    type: 'object',
    properties: { wasThere: { type: 'boolean' } },
    required: ['wasThere'],
  }),
  wish('job.list', 'What it has set.', { type: 'object' }, { type: 'array', items: ref('job-view') }),
  wish('api', 'A request to the kernel’s HTTP API.', ref('api-call'), ref('api-answer')),
  {
    to: 'module',
    verb: 'part.{stream}',
    summary: 'The next part of an answer.',
    message: EMPTY,
    reply: schema('part-reply'),
  },
  {
    to: 'module',
    verb: 'http',
    summary: 'A request to one of its routes.',
    message: { ...schema('http-call'), headers: headed([CALL_HEADERS.deadline], [CALL_HEADERS.trace]) },
    reply: schema('http-answer'),
  },
  {
    to: 'module',
    verb: 'body.{answer}',
    summary: 'The next part of a long answer over HTTP.',
    message: schema('body-wish'),
    reply: schema('body-part'),
  },
  { to: 'module', verb: 'seen', summary: 'Calls that are over, for who looks on.', message: schema('seen-calls') },
  ...['command', 'tool', 'job'].map(
    (verb): Verb => ({
      to: 'module',
      verb: `${verb}.{name}`,
      summary: `A ${verb} of its manifest.`,
      message: schema('errand-call'),
      reply: schema('errand-reply'),
    }),
  ),
  {
    to: 'module',
    verb: 'page',
    summary: 'A part of the files that it hands over.',
    message: schema('page-call'),
    reply: schema('page-answer'),
  },
  ...['announce', 'ping', 'drain'].map(
    (verb): Verb => ({
      to: 'module',
      verb: `control.${verb}`,
      summary: `The kernel wants it to ${verb}.`,
      message: EMPTY,
      reply: EMPTY,
    }),
  ),
  {
    to: 'module',
    verb: 'control.log-level',
    summary: 'Write so much into the log from now on, until you end.',
    message: schema('log-level'),
    reply: EMPTY,
  },
  { to: 'module', verb: 'control.health', summary: 'How it is.', message: EMPTY, reply: schema('health') },
  {
    to: 'module',
    verb: 'control.holding',
    summary: 'Which facts it has in hand.',
    message: EMPTY,
    reply: schema('holding'),
  },
  {
    to: 'module',
    verb: 'control.retry',
    summary: 'A fact once more.',
    message: { name: 'fact', payload: {}, headers: headed([...HEADERS, RETRY_HEADER]) },
    reply: schema('retried'),
  },
  {
    to: 'module',
    verb: 'control.config',
    summary: 'What is set for it from now on.',
    message: schema('kept-config'),
    reply: schema('config-taken'),
  },
]

const verb = ({ to, verb, ...rest }: Verb) =>
  described({
    ...rest,
    id: `${to}.${verb.replaceAll(/\.?\{\w+\}/g, '')}`,
    address: `${to === 'kernel' ? TO_KERNEL : MINE}.${verb}`,
    action: to === 'kernel' ? 'send' : 'receive',
  })

/** NATS asks under three subjects, all services, one module, one process; the narrowest stands for them. */
const service = (verb: ServiceVerb) =>
  described({
    id: `service.${verb.toLowerCase()}`,
    address: `$SRV.${verb}.{module}.{instance}`,
    action: 'receive',
    summary: `As a NATS service: ${SERVICE_WORDS[verb]}.`,
    message: EMPTY,
    reply: schema(`service-${verb.toLowerCase()}`),
  })

const SERVICE_WORDS: Readonly<Record<ServiceVerb, string>> = {
  PING: 'that it is there',
  INFO: 'what it is and answers',
  STATS: 'how often, how long, and with which errors',
}

const fact = ({ name, version, journalForm, data }: DescribedFact) =>
  described({
    ...{ id: `fact.${name}`, address: `rq.{site}.evt.{mode}.{journal}.${name}`, action: 'receive' },
    summary: `A fact, version ${version}, numbered in ${journalForm}.`,
    message: {
      name,
      payload: plain(data),
      headers: headed(HEADERS),
    },
  })

const question = ({ name, words, args, answer, mode, deadlineMs }: HookSpec) => {
  const { hook: _, args: __, ...others } = plain(HookCall).properties as Record<string, object>
  const call = { ...plain(HookCall), properties: { hook: { const: name }, args: plain(args), ...others } }
  const given =
    mode === 'pipeline'
      ? { type: 'object', properties: { patch: { type: 'object' }, replace: plain(args) } }
      : plain(answer)
  const reply = {
    anyOf: [
      { type: 'object', properties: { v: { anyOf: [given, { type: 'null' }] } }, required: ['v'] },
      { $ref: '#/components/schemas/hook-reply' },
    ],
  }
  return described({
    ...{ id: `hook.${name}`, address: `${MINE}.hook.${name}`, action: 'receive' },
    summary: `${words ?? name} (${mode}, ${deadlineMs} ms)`,
    message: { name: 'question', payload: call, headers: headed([], [CALL_HEADERS.trace]) },
    reply: { name: 'answer', payload: reply },
  })
}
