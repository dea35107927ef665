import { fact, type Manifest, ModuleChanged } from '@recyclique/contracts'
import { defineModule, HookFailure, type Module, openConfig } from '@recyclique/sdk'
import { Type } from '@sinclair/typebox'
import { toolsNow } from './catalogue.ts'
import { openDesk } from './desk.ts'
import { openDoor } from './door.ts'
import { makeEntrance } from './entrance.ts'
import { readGrants } from './grants.ts'
import { kernelFor } from './kernel-api.ts'
import { makeServer } from './mcp-server.ts'
import { Settings } from './settings.ts'
import { openTokens } from './tokens.ts'
import { watchTools } from './watch-tools.ts'

/** Another process of this module may be the one that the assistant is connected to. */
const TokenRevoked = fact({
  name: 'jarvos.token.revoked',
  version: 1,
  producer: 'modules/jarvos/module.ts',
  journalForm: 'module-jarvos',
  journal: () => 'module-jarvos',
  data: Type.Object({ token: Type.String(), by: Type.String() }),
})

/**
 * The fact that a module came says that the list has changed, in milliseconds. It may come half a minute late where the server was just told of new
 * accounts, so whoever is connected does not wait for it alone.
 */
const LOOK_EVERY_MS = 5_000

/** The kernel's own hand, in what it asks for itself. */
const SELF = 'jarvos'

/** Opens a door for assistants while it is at work, and has an operator say who may come in. */
export const jarvos = (manifest: Manifest): Module => {
  const config = openConfig(Settings)
  const settings = () => config.current
  const base = defineModule(manifest).configure(config)
  const { api, kv, tell } = base
  const now = () => Date.now()
  const tokens = openTokens(kv, () => new Date())
  const desk = openDesk({ api, kv, tell, now, settings })
  const self = kernelFor(api, SELF)
  const entrance = makeEntrance((log) => {
    const make = () => makeServer({ desk, version: manifest.version, log })
    return openDoor({ settings, tokens, makeServer: make, now, log })
  })
  const watch = watchTools(
    () => toolsNow(self),
    () => entrance.door?.toolsChanged(),
  )

  return base
    .hear(ModuleChanged, watch.happened)
    .hear(TokenRevoked, ({ data: { token } }) => entrance.door?.showOut(token))
    .health(entrance.health)
    .whileAtWork(async (atWork) => {
      watch.happened()
      const close = await entrance.opens(atWork)
      const looking = setInterval(() => entrance.door?.isVisited && watch.happened(), LOOK_EVERY_MS)
      return () => {
        clearInterval(looking)
        return close()
      }
    })
    .command('token-add', async ({ token: name = '', tools }, { actor }) => {
      const grants = refusing(() => readGrants(tools))
      const token = await tokens.add({ name, grants, by: actor }).catch(denied)
      await desk.diary.tokenAdded(name, grants, actor)
      return `${token}\n\nThis is the token of ${name}, and it is shown this once. It may use: ${grants.join(', ')}.\nThe assistant sends it as "Authorization: Bearer …" to ${entrance.door?.url ?? 'the address of jarvos'}.`
    })
    .command('token-list', async () => {
      const all = await tokens.all()
      if (all.length === 0) return 'There is no token: `recyclique jarvos token-add NAME` makes one.'
      return all
        .map(({ name, grants, by, at }) => `${name}  ${grants.join(',')}  (${by}, ${at.slice(0, 10)})`)
        .join('\n')
    })
    .command('token-revoke', async ({ token: name = '' }, { actor }) => {
      await tokens.revoke(name).catch(denied)
      await entrance.door?.showOut(name)
      await desk.diary.tokenRevoked(name, actor)
      return `${name} is revoked: nothing of it goes on.`
    })
    .command('tools', async () =>
      (await toolsNow(self)).map(({ name, isReadOnly }) => `${name}  ${isReadOnly ? 'reads' : 'writes'}`).join('\n'),
    )
    .job('sweep', () => desk.intents.sweep())
}

const denied = (error: Error): never => {
  throw new HookFailure('denied', 'token', error.message)
}

const refusing = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    return denied(error as Error)
  }
}
