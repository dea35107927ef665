import {
  type CommandFile,
  CommandWithFiles,
  Failure,
  type Manifest,
  Misfit,
  type ModuleCommand,
  ModuleName,
  type ModuleTool,
  objectSchemaFrom,
  parse,
  Word,
} from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { Refusal, refuse } from '../errors.ts'
import { actorOf } from './act.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const tags = ['modules']
const closed = { additionalProperties: false }
const Named = Type.Object({ name: ModuleName, what: Word })
const Words = Type.Object({ args: Type.Optional(Type.Record(Word, Type.String({ maxLength: 10_000 }))) }, closed)
const Input = Type.Object({ input: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }, closed)

/** A person at a keyboard waits so long for a command, an assistant for a tool. */
const COMMAND_WITHIN_MS = 120_000
const TOOL_WITHIN_MS = 20_000

/** What modules can be told to do: commands for the hand, tools for assistants; and what they have the kernel call them for. */
export const errandRoutes = (app: App, world: World): void => {
  const { modules } = world
  app.get('/v1/commands', { schema: { tags } }, async () => ({
    items: modules.manifests().flatMap(({ name, commands = [] }) => commands.map((one) => ({ module: name, ...one }))),
  }))

  app.post('/v1/modules/:name/commands/:what', { schema: { tags, params: Named, body: Words } }, async (request) => {
    const { name, what } = request.params
    const command =
      manifestOf(world, name).commands?.find((one) => one.name === what) ??
      refuse('command-unknown', { module: name, name: what })
    const { args = {} } = request.body
    checkWords(command, args)
    const actor = await actorOf(world, request)
    const given = await carriedOut(world, name, () =>
      modules.errand({ module: name, verb: 'command', name: what, args, actor, withinMs: COMMAND_WITHIN_MS }),
    )
    return resultOf(name, given)
  })

  app.get('/v1/tools', { schema: { tags } }, async () => ({
    items: modules.manifests().flatMap(({ name, tools = [] }) => tools.map((one) => ({ module: name, ...one }))),
  }))

  app.post('/v1/modules/:name/tools/:what', { schema: { tags, params: Named, body: Input } }, async (request) => {
    const { name, what } = request.params
    const tool =
      manifestOf(world, name).tools?.find((one) => one.name === what) ??
      refuse('tool-unknown', { module: name, name: what })
    const { input = {} } = request.body
    checkInput(tool, input)
    const actor = await actorOf(world, request)
    return { answer: await carriedOut(world, name, () => useTool(world, { module: name, tool, input, actor })) }
  })

  app.get(
    '/v1/modules/:name/jobs',
    { schema: { tags, params: Type.Object({ name: ModuleName }) } },
    async (request) => ({
      items: await modules.jobsOf(request.params.name),
    }),
  )
}

/** Text, with the files that came along; anything else is shown as it is. A file that cannot be written anywhere is the module's failure. */
const resultOf = (module: string, given: unknown): { text: string; files?: readonly CommandFile[] } => {
  if (typeof given === 'string') return { text: given }
  if (typeof given !== 'object' || given === null || !('files' in given))
    return { text: JSON.stringify(given, undefined, 2) }
  try {
    return parse(CommandWithFiles, given, 'what it gave')
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    throw new Refusal('module-failed', { module, words: error.message }, { moduleCode: 'result-invalid' })
  }
}

const manifestOf = ({ modules }: World, name: string): Manifest => {
  const found = modules.manifests().find((one) => one.name === name)
  if (found) return found
  const state = modules.states().find((one) => one.name === name)
  if (!state) throw new Refusal('module-unknown', { module: name })
  throw new Refusal('module-unavailable', { module: name, why: state.reasons.join(' ') || `it is ${state.state}` })
}

const checkWords = ({ args: wanted = [], options = [] }: ModuleCommand, args: Readonly<Record<string, string>>) => {
  for (const { name, isOptional } of wanted)
    if (!isOptional && args[name] === undefined) throw misfit(`/args/${name}`, `/args/${name} is missing`)
  for (const name of Object.keys(args))
    if (![...wanted, ...options].some((one) => one.name === name))
      throw misfit(`/args/${name}`, `/args/${name} is not known here`)
}

const checkInput = ({ input: schema }: ModuleTool, input: unknown) => {
  try {
    parse(schema === undefined ? Type.Object({}, closed) : objectSchemaFrom(schema), input, 'The input')
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    const field = `/input${error.flaws[0]?.field ?? ''}`
    throw misfit(field, error.flaws.map((flaw) => `/input${flaw.field} ${flaw.why}`).join('; '))
  }
}

const misfit = (field: string, flaws: string) => new Refusal('body-invalid', { what: 'The body', flaws }, { field })

interface Use {
  readonly module: string
  readonly tool: ModuleTool
  readonly input: Readonly<Record<string, unknown>>
  readonly actor: string
}

/**
 * By the tool's own handler, or by what it stands for: a hook, or a route of the module. A hook is asked for the person who uses the tool, and not for
 * the module, which hears neither question nor answer: so its manifest's `asks` says nothing about it, and the right to offer tools is enough.
 */
const useTool = async ({ modules, hooks }: World, { module, tool, input, actor }: Use): Promise<unknown> => {
  const { name, hook, route, timeoutMs: withinMs = TOOL_WITHIN_MS } = tool
  if (hook !== undefined) return hooks.askByName(hook, input)
  if (route === undefined) return modules.errand({ module, verb: 'tool', name, args: input, actor, withinMs })
  const [method = 'GET', path = '/'] = route.split(' ')
  const isRead = method === 'GET'
  const { status, body } = await modules.callHttp(module, {
    ...{ method, path, headers: { 'recyclique-actor': actor, 'content-type': 'application/json' } },
    query: isRead ? Object.fromEntries(Object.entries(input).map(([key, value]) => [key, wordOf(value)])) : {},
    ...(isRead ? {} : { body: Buffer.from(JSON.stringify(input)).toString('base64') }),
  })
  const text = Buffer.from(body, 'base64').toString()
  if (status >= 400) throw new Failure('thrown', `http-${status}`, text.slice(0, 500))
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The module's own no is a refusal with its words; what broke in it is its failure, and not the kernel's. */
const carriedOut = async (world: World, module: string, work: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { kind, code, message } = error
    if (kind === 'denied' || kind === 'invalid')
      throw new Refusal('module-refused', { words: message }, { module, moduleCode: code })
    world.log.warn({ module, code, reason: message }, 'a module could not do what it was told')
    throw new Refusal('module-failed', { module, words: message }, { moduleCode: code })
  }
}
