import {
  type CallToolResult,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  inputRequired,
  inputResponse,
  ProtocolError,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server'
import { NotGranted } from '@recyclique/sdk'
import { CONFIRM } from './confirm.ts'
import { type ReadyDesk, UnknownTool } from './desk.ts'
import type { Answer } from './intents.ts'
import { Trouble } from './kernel-api.ts'
import { REPORT_TEMPLATES, REPORT_TODAY } from './reports.ts'
import type { Author } from './tokens.ts'
import type { OfferedTool } from './tool.ts'
import { clipped } from './words.ts'

interface Log {
  error(what: object, words: string): void
}

interface Parts {
  readonly desk: ReadyDesk
  readonly version: string
  readonly log: Log
}

const INSTRUCTIONS =
  'Recyclique runs a reuse centre: a till, and things that are weighed in and out. Amounts are whole cents of euros, weights whole grams, days YYYY-MM-DD in the time zone of the centre. What writes is confirmed by a person first.'

/** Speaks the protocol for one session, or for one request where there are none. Who calls stands in each request. */
export const makeServer = ({ desk, version, log }: Parts): Server => {
  const server = new Server(
    { name: 'recyclique', title: 'Recyclique', version },
    { capabilities: { tools: { listChanged: true }, resources: {} }, instructions: INSTRUCTIONS },
  )
  const canAsk = () => {
    const said = server.getClientCapabilities()?.elicitation
    return said !== undefined && (said.form !== undefined || Object.keys(said).length === 0)
  }

  server.setRequestHandler('tools/list', async (_, context) =>
    guarded(log, async () => {
      const tools = await desk.tools(authorOf(context))
      const needsConfirm = !canAsk() && tools.some(({ isReadOnly }) => !isReadOnly)
      return { tools: [...tools.map(shown), ...(needsConfirm ? [CONFIRM_TOOL] : [])] }
    }),
  )

  server.setRequestHandler('tools/call', async ({ params }, context) =>
    guarded(log, async () => {
      const state = context.mcpReq.requestState<string>()
      const called = await desk.call({
        author: authorOf(context),
        session: context.sessionId ?? '',
        name: params.name,
        input: params.arguments ?? {},
        canAsk: canAsk(),
        said: state === undefined ? undefined : { id: String(state), isYes: isYes(context) },
      })
      if ('ask' in called) return questionOf(called.ask)
      return resultOf(called)
    }),
  )

  server.setRequestHandler('resources/list', async () => ({
    resources: [
      { uri: REPORT_TODAY, name: 'today', mimeType: 'text/markdown', description: 'The figures of today, so far.' },
    ],
  }))
  server.setRequestHandler('resources/templates/list', async () => ({ resourceTemplates: [...REPORT_TEMPLATES] }))
  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) =>
    guarded(log, async () => {
      const found = await desk.read(authorOf(context), uri).catch((error: unknown) => {
        throw error instanceof Trouble && error.outcome === 'refused'
          ? new ProtocolError(INVALID_PARAMS, error.message)
          : error
      })
      return { contents: [{ uri, ...found }] }
    }),
  )
  return server
}

/** The listener has looked at the token before anything came here. */
const authorOf = ({ http }: ServerContext): Author => {
  const author = http?.authInfo?.extra?.author as Author | undefined
  if (!author) throw new ProtocolError(INTERNAL_ERROR, 'Nobody knows who calls.')
  return author
}

const shown = ({ name, description, input, isReadOnly, isRepeatable }: OfferedTool): Tool => ({
  ...{ name, description, inputSchema: input as Tool['inputSchema'] },
  annotations: { readOnlyHint: isReadOnly, destructiveHint: false, idempotentHint: isRepeatable, openWorldHint: false },
})

const CONFIRM_TOOL: Tool = {
  name: CONFIRM,
  description:
    'Does what a tool that writes has summed up, once the person you work for has agreed. Never call it without having shown the summary to that person.',
  inputSchema: {
    type: 'object',
    properties: { confirmation: { type: 'string', description: 'as the tool gave it' } },
    required: ['confirmation'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
}

const ASKED = 'confirm'

const questionOf = ({ id, question }: { id: string; question: string }) =>
  inputRequired({
    requestState: id,
    inputRequests: {
      [ASKED]: inputRequired.elicit({
        message: question,
        requestedSchema: {
          type: 'object',
          properties: { confirmed: { type: 'boolean', title: 'Oui, enregistrer', default: true } },
          required: ['confirmed'],
        },
      }),
    },
  })

const isYes = ({ mcpReq }: ServerContext): boolean => {
  const said = inputResponse(mcpReq.inputResponses, ASKED)
  return said.kind === 'elicit' && said.action === 'accept' && said.content?.confirmed === true
}

const resultOf = ({ text, isError }: Answer): CallToolResult => ({ content: [{ type: 'text', text }], isError })

/** An error that the assistant can read, and none of our insides. */
const guarded = async <T>(log: Log, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    if (error instanceof UnknownTool)
      throw new ProtocolError(
        INVALID_PARAMS,
        `There is nothing here called ${clipped(error.message, 100)}, or not for this token.`,
      )
    if (error instanceof Trouble) throw new ProtocolError(INTERNAL_ERROR, error.message)
    if (error instanceof NotGranted)
      throw new ProtocolError(INTERNAL_ERROR, `The kernel cannot do it now: ${error.message}`)
    log.error({ err: error }, 'a call of an assistant failed in a way that nobody foresaw')
    throw new ProtocolError(INTERNAL_ERROR, 'It failed in a way that nobody foresaw; the log of jarvos says more.')
  }
}
