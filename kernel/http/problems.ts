import type { Socket } from 'node:net'
import { PROBLEM_TYPE, type Problem } from '@recyclique/contracts'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'

/** Every error leaves as a problem (RFC 9457). What is not ours is logged whole and told without its insides. */
export const answerError = (error: FastifyError | Refusal | Error, request: FastifyRequest, reply: FastifyReply) => {
  const refusal = refusalOf(error, request)
  return reply.code(refusal.status).type(PROBLEM_TYPE).send(problemOf(refusal, request.id))
}

/** The refusal that an error comes to; what nobody foresaw is logged on the way. */
export const refusalOf = (error: FastifyError | Refusal | Error, request: FastifyRequest): Refusal =>
  error instanceof Refusal ? error : (fromFastify(error as FastifyError) ?? internal(error, request))

export const problemOf = (refusal: Refusal, requestId: string): Problem => ({
  type: `/errors#${refusal.code}`,
  title: refusal.code.replaceAll('-', ' '),
  status: refusal.status,
  detail: refusal.message,
  code: refusal.code,
  ...(refusal.field === undefined ? {} : { field: refusal.field }),
  ...(refusal.errors === undefined ? {} : { errors: [...refusal.errors] }),
  ...(refusal.module === undefined ? {} : { module: refusal.module }),
  ...(refusal.moduleCode === undefined ? {} : { moduleCode: refusal.moduleCode }),
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
    case 'FST_ERR_BAD_URL':
      return new Refusal('request-invalid', { why: 'in the address, % must be followed by two digits' })
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Refusal('request-invalid', { why: 'a part of the address is too long' })
  }
  const status = error.statusCode ?? 500
  return status >= 400 && status < 500 ? new Refusal('request-invalid', { why: error.message }) : undefined
}

/** What Node's own parser could not read never becomes a request; it is answered on the socket, which is closed then. */
export const answerUnreadable = (newId: () => string) => (error: NodeJS.ErrnoException, socket: Socket) => {
  if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
  const why = error.code === 'HPE_HEADER_OVERFLOW' ? 'its address and headers are too long' : 'it is not HTTP'
  const refusal = new Refusal('request-invalid', { why })
  const body = JSON.stringify(problemOf(refusal, newId()))
  socket.end(
    `HTTP/1.1 ${refusal.status} Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
