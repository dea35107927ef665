import { randomUUID } from 'node:crypto'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import {
  CALL_HEADERS,
  type HttpAnswer,
  HttpCall,
  PROBLEM_TYPE,
  type Problem,
  parseJson,
  type Subjects,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { type Answer, json, Refusal } from './answer.ts'
import { type Bodies, openBodies, PART_BYTES } from './bodies.ts'
import type { Module, Routed } from './define-module.ts'
import { routeKey } from './endpoints.ts'
import { type Intake, openIntake } from './intake.ts'
import type { Params } from './match-path.ts'
import { piecesOf } from './parcel.ts'
import type { Tally } from './tally.ts'
import { tellerOf } from './tell.ts'
import type { Patience, Work } from './work.ts'

type Parts = Opened & { bodies: Bodies }

type Opened = {
  module: Module
  instance: string
  connection: NatsConnection
  subjects: Subjects
  work: Work
  tally: Tally
  log: Logger
}

/**
 * Answers the HTTP requests that the kernel hands on. Each is answered exactly once, whatever its handler does, unless its deadline has
 * passed: then nobody listens. A call that is no `HttpCall` was not written by a kernel, and is answered as a failure.
 *
 * A long answer goes part by part; closed, those that have begun are finished.
 */
export const openRoutes = (opened: Opened): Intake => {
  const { subjects, module, instance, work } = opened
  const subject = subjects.toModule(module.manifest.name, instance, 'http')
  const bodies = openBodies(opened)
  const parts = { ...opened, bodies }
  const take = (message: Msg) => work.during(() => answerCall(parts, message))
  const intake = openIntake(parts, { subject, words: 'its calls', take })
  return {
    async close() {
      await intake.close()
      await bodies.close()
    },
  }
}

const answerCall = async (parts: Parts, message: Msg): Promise<void> => {
  const leftMs = Number(message.headers?.get(CALL_HEADERS.deadline) || Number.POSITIVE_INFINITY) - Date.now()
  if (leftMs <= 0) return parts.log.debug('a call came after its deadline')
  const answer = JSON.stringify(await onWire(parts, message.string(), leftMs))
  // The server cuts off who sends more than it takes.
  const mostBytes = parts.connection.info?.max_payload ?? Number.POSITIVE_INFINITY
  if (Buffer.byteLength(answer) <= mostBytes) return void message.respond(answer)
  parts.log.error({ bytes: answer.length, mostBytes }, 'an answer is too large for the bus')
  message.respond(JSON.stringify(encoded(problem(parts.module, tooLarge(), randomUUID()))))
}

/** A call as it comes → the answer as it is sent. Never rejects: whatever goes wrong is a problem that can be read. */
export const onWire = (parts: Parts, body: string, leftMs: number): Promise<HttpAnswer> =>
  orProblem(parts, async () => {
    const call = parseJson(HttpCall, body, 'call')
    const found = routeFor(parts.module, call)
    const run = () => orProblem(parts, () => handled(parts, found, call, parts.work.patience(leftMs)))
    return parts.tally.during(routeKey(found.route), run, failureIn)
  })

const orProblem = async (parts: Parts, answer: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
  const requestId = randomUUID()
  try {
    return await answer()
  } catch (error) {
    const refusal = error instanceof Refusal ? error : failure(parts.log, error, requestId)
    return encoded(problem(parts.module, refusal, requestId))
  }
}

/** A refusal is an answer. */
const failureIn = ({ status, body }: HttpAnswer): string | undefined =>
  status < 500 ? undefined : `${status}: ${Buffer.from(body, 'base64').toString()}`

type Found = { readonly route: Routed; readonly params: Params }

/** The module's own handler for the path; throws a `Refusal` where there is none. */
const routeFor = ({ routes }: Module, { method, path }: HttpCall): Found => {
  for (const route of routes) {
    const params = route.method === method ? route.match(path) : undefined
    if (params) return { route, params }
  }
  throw new Refusal(404, 'not-found', `There is nothing at ${method} ${path}.`)
}

const handled = async (parts: Parts, { route, params }: Found, call: HttpCall, patience: Patience) => {
  const { method, path, query, headers } = call
  const { signal } = patience
  const body = Buffer.from(call.body ?? '', 'base64')
  const answering = { log: parts.log, signal, tell: tellerOf(parts, signal) }
  const answer = await route.handle({ method, path, params, query, headers, body }, answering)
  return isLong(answer.body) ? inParts(parts, call, answer, patience) : encoded(answer)
}

type Body = NonNullable<Answer['body']>
type Whole = string | Uint8Array

const isWhole = (body: Body): body is Whole => typeof body === 'string' || body instanceof Uint8Array

/** Pieces are, however short; what is whole goes at once where the bus carries it in base64. */
const isLong = (body: Body | undefined): body is Body =>
  body !== undefined && !(isWhole(body) && Buffer.byteLength(body) <= WHOLE_BYTES)

const WHOLE_BYTES = 2 * PART_BYTES

/** The answer's head; its body waits here until the kernel asks for the first part. */
const inParts = (
  { work, bodies, log }: Parts,
  { takesParts }: HttpCall,
  { body = '', ...head }: Answer,
  patience: Patience,
): HttpAnswer => {
  if (!takesParts) throw tooLarge()
  patience.extend()
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  void work.during(() => ended)
  const onEnd = () => {
    patience.end()
    resolve()
  }
  const whole = isWhole(body) ? bytesOf(body) : undefined
  const pieces = whole ? piecesOf(whole, PART_BYTES) : (body as AsyncIterable<Uint8Array | string>)
  const bytes = whole ? { bytes: whole.length } : {}
  return { ...encoded(head), parts: bodies.keep({ pieces, ...bytes, signal: patience.signal, onEnd, log }) }
}

/** Nothing of the error's insides leaves the process: the log has them, under the same number. */
const failure = (log: Logger, err: unknown, requestId: string): Refusal => {
  log.error({ err, requestId }, 'a route failed')
  return new Refusal(500, 'module-failed', `The module could not answer. Its log says why, under ${requestId}.`)
}

const tooLarge = () => new Refusal(500, 'answer-too-large', 'The answer is too large to be handed on. Ask for less.')

const problem = ({ manifest }: Module, { status, code, message }: Refusal, requestId: string): Answer => {
  const problem: Problem = {
    type: `https://recyclique.org/errors#${code}`,
    title: code.replaceAll('-', ' '),
    status,
    detail: message,
    code,
    module: manifest.name,
    requestId,
  }
  return { ...json(problem, status), headers: { 'content-type': PROBLEM_TYPE } }
}

/** Of an answer that is whole. */
const encoded = ({ status = 200, headers = {}, body = '' }: Answer): HttpAnswer => ({
  status,
  headers: { ...headers },
  body: isWhole(body) ? bytesOf(body).toString('base64') : '',
})

/** The same bytes, not copied. */
const bytesOf = (body: Whole): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
