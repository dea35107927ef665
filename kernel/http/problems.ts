import { PROBLEM_TYPE, type Problem } from '@recyclique/contracts'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'

/** Every error leaves as a problem (RFC 9457). What is not ours is logged whole and told without its insides. */
export const answerError = (error: FastifyError | Refusal | Error, request: FastifyRequest, reply: FastifyReply) => {
  const refusal = error instanceof Refusal ? error : (fromFastify(error as FastifyError) ?? internal(error, request))
  return reply.code(refusal.status).type(PROBLEM_TYPE).send(problemOf(refusal, request.id))
}

export const problemOf = (refusal: Refusal, requestId: string): Problem => ({
  type: `https://recyclique.org/errors#${refusal.code}`,
  title: refusal.code.replaceAll('-', ' '),
  status: refusal.status,
  detail: refusal.message,
  code: refusal.code,
  ...(refusal.field === undefined ? {} : { field: refusal.field }),
  ...(refusal.errors === undefined ? {} : { errors: [...refusal.errors] }),
  requestId,
})

const internal = (error: Error, request: FastifyRequest): Refusal => {
  request.log.error({ err: error }, 'a request failed in a way that nobody foresaw')
  return new Refusal('internal', { requestId: request.id })
}

/** Fastify's own refusals, in our words. */
const fromFastify = (error: FastifyError): Refusal | undefined => {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('body-too-large')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal('content-type-unknown')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Refusal('json-broken', { why: error.message })
  }
  if (error instanceof SyntaxError) return new Refusal('json-broken', { why: error.message })
  const status = error.statusCode ?? 500
  return status >= 400 && status < 500 ? new Refusal('request-invalid', { why: error.message }) : undefined
}
