import type { TSchema } from '@sinclair/typebox'
import { BodyPart, BodyWish } from '../body-parts.ts'
import { Announce, Announced, Bye, Dead, Health, Heartbeat, Holding, HttpAnswer, HttpCall } from '../control.ts'
import { Retried } from '../dead-letter.ts'
import { ErrandCall, ErrandReply } from '../errand.ts'
import { FACTS } from '../facts.ts'
import { HOOKS } from '../hooks/all.ts'
import { InstanceConfig } from '../instance-config.ts'
import { KvEntry, KvGet, KvList, KvPage, KvPut, KvRemove } from '../kv.ts'
import { SetLogLevel } from '../log-level.ts'
import { Manifest } from '../manifest.ts'
import { ConfigTaken, KeptConfig } from '../module-config.ts'
import { JobCancel, JobSet, JobView } from '../module-job.ts'
import { PageAnswer, PageCall } from '../page.ts'
import { Problem } from '../problem.ts'
import { AskCall, AskReply, HookCall, HookReply, PartReply } from '../question.ts'
import { SeenCalls } from '../seen-calls.ts'
import { ServiceInfo, ServicePing, ServiceStats } from '../service.ts'
import { Tell, TellAnswer } from '../tell.ts'
import { ApiAnswer, ApiCall, WishFault, WishReply } from '../wish.ts'

/** A JSON Schema as it is written into a document: plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Messages of the wire by the names that documents call them. */
const MESSAGES: Readonly<Record<string, TSchema>> = {
  ...{ announce: Announce, announced: Announced, heartbeat: Heartbeat, bye: Bye },
  ...{ health: Health, holding: Holding, dead: Dead, retried: Retried },
  ...{ 'hook-call': HookCall, 'hook-reply': HookReply, 'part-reply': PartReply },
  ...{ 'ask-call': AskCall, 'ask-reply': AskReply, tell: Tell, 'tell-answer': TellAnswer },
  ...{ 'http-call': HttpCall, 'http-answer': HttpAnswer, 'errand-call': ErrandCall, 'errand-reply': ErrandReply },
  ...{ 'page-call': PageCall, 'page-answer': PageAnswer, 'kept-config': KeptConfig, 'config-taken': ConfigTaken },
  ...{ 'kv-get': KvGet, 'kv-put': KvPut, 'kv-remove': KvRemove, 'kv-list': KvList },
  ...{ 'kv-entry': KvEntry, 'kv-page': KvPage },
  ...{ 'job-set': JobSet, 'job-cancel': JobCancel, 'job-view': JobView },
  ...{ 'api-call': ApiCall, 'api-answer': ApiAnswer, 'wish-reply': WishReply, 'wish-fault': WishFault },
  ...{ 'service-ping': ServicePing, 'service-info': ServiceInfo, 'service-stats': ServiceStats },
  'log-level': SetLogLevel,
  ...{ 'body-wish': BodyWish, 'body-part': BodyPart, 'seen-calls': SeenCalls },
  ...{ manifest: Manifest, 'instance-config': InstanceConfig, problem: Problem },
}

/**
 * Every schema of the contracts as JSON Schema, by name: the wire's messages and the two files that people write (`manifest`,
 * `instance-config`), the data of each fact (`sale.recorded`), arguments and answer of each question (`price.suggest.args`, `price.suggest.answer`).
 * Made when they are first wanted, and then the same: a module wants none of them.
 */
export const jsonSchemas = once(
  (): Readonly<Record<string, JsonSchema>> => ({
    ...mapped(Object.entries(MESSAGES)),
    ...mapped(FACTS.map(({ name, data }) => [name, data])),
    ...mapped(
      HOOKS.flatMap(({ name, args, answer }) => [
        [`${name}.args`, args],
        [`${name}.answer`, answer],
      ]),
    ),
  }),
)

function once<T>(make: () => T): () => T {
  let made: { readonly it: T } | undefined
  return () => {
    made ??= { it: make() }
    return made.it
  }
}

const mapped = (schemas: [string, TSchema][]) =>
  Object.fromEntries(schemas.map(([name, schema]) => [name, titled(name, plain(schema))]))

const titled = (title: string, schema: JsonSchema): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title,
  ...schema,
})

/** Without what TypeBox keeps beside the words of the standard. */
export const plain = (schema: object): JsonSchema => JSON.parse(JSON.stringify(schema)) as JsonSchema
