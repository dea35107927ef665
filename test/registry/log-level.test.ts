import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineModule, startModule } from '@recyclique/sdk'
import { Command } from 'commander'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { logCommand } from '../../cli/commands/log.ts'
import { openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { manifestOf, playModule } from './module-on-wire.ts'

test('kernel and modules write more at once, and as before when they are started again', async () => {
  const server = await startTestServer()
  onTestFinished(server.stop)
  const dataDir = await mkdtemp(join(tmpdir(), 'recyclique-log-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai', NATS_URL: server.url },
    RECYCLIQUE_KEYS: join(server.folder, 'keys'),
  })
  const lines: string[] = []
  const logTo = () => pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const log = logTo()
  const kernel = await openKernel(settings, log, (error) => {
    throw error
  })
  onTestFinished(kernel.close)
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line))
  const level = (...args: string[]) => {
    const program = new Command().exitOverride()
    logCommand(program)
    return program.parseAsync(['log', 'level', ...args, '--url', kernel.url], { from: 'user' })
  }

  await level()
  await level('debug')
  await level()
  log.debug('now it is written')
  expect(said).toEqual([
    'The kernel writes what is warn and above.',
    'The kernel writes what is debug and above, until it is started again.',
    'The kernel writes what is debug and above.',
  ])
  expect(lines.join('')).toContain('now it is written')
  expect(lines.join('')).toMatch(/"from":"warn","to":"debug","by":"manager"/)

  const name = 'scribe'
  const begin = async (instance: string) => {
    const { creds } = await server.addModule(name)
    const own = logTo()
    const module = defineModule(manifestOf(name, { hears: [], routes: [] }))
    const running = startModule({
      module,
      settings: { servers: [server.url], site: 'essai', instance, creds },
      log: own,
    })
    onTestFinished(async () => void (await running.stop()))
    await until(async () => {
      const view = (await (await fetch(`${kernel.url}/v1/modules/${name}`)).json()) as { instances?: { id: string }[] }
      return view.instances?.some(({ id }) => id === instance)
    })
    return { own, running }
  }
  const first = await begin('scribe-1')
  await level('trace', '--module', name)
  expect(first.own.level).toBe('trace')
  expect(said.at(-1)).toBe('scribe-1 writes what is trace and above, until it is started again.')
  await first.running.stop()
  expect((await begin('scribe-2')).own.level).toBe('warn')

  const deaf = await playModule(await server.addModule('deaf'), 'deaf-1', manifestOf('deaf', { hears: [] }))
  await deaf.announce()
  await expect(level('debug', '--module', 'deaf')).rejects.toThrow(
    'deaf-1: it does not listen for another level: set LOG_LEVEL, and start it again',
  )
  await expect(level('debug', '--module', 'nobody')).rejects.toThrow(/There is no module 'nobody' here/)
  await expect(level('loud')).rejects.toThrow(/level must be/)
})
