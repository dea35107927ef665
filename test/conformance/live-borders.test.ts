import { errors, type NatsConnection } from '@nats-io/transport-node'
import { subjectsOf } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { until } from '../support/wait.ts'
import { openCentre } from './live/centre.ts'
import { hookOf, part } from './live/part.ts'

const subjects = subjectsOf('essai')
/** This it may say. */
const OWN = subjects.toKernel('sly', 'bye')

/** What the server refused to this connection, as `publish <subject>` and `subscription <subject>`. */
const refusals = (connection: NatsConnection): Set<string> => {
  const refused = new Set<string>()
  void (async () => {
    for await (const { type, ...status } of connection.status()) {
      const { error } = status as { error?: unknown }
      if (type === 'error' && error instanceof errors.PermissionViolationError)
        refused.add(`${error.operation} ${error.subject}`)
    }
  })()
  return refused
}

/** All that a connection hears. */
const listen = (connection: NatsConnection, subject: string): string[] => {
  const heard: string[] = []
  connection.subscribe(subject, { callback: (error, message) => void (error ?? heard.push(message.subject)) })
  return heard
}

test('X13 a module says and hears on the bus what is its own, and the server refuses everything else', async () => {
  const { server, start, are, hooks } = await openCentre()
  const lab = hookOf('lab.run')
  const victim = await start(part('lab', { 'lab.run': { does: 'sign' } }, { specs: [lab] }))
  await are('active', 'lab')
  const sly = await (await server.addModule('sly')).connect('sly-1')
  const kernel = await server.connectKernel()
  const atKernel = listen(kernel, '>')
  await kernel.flush()
  const refused = refusals(sly)

  const forbiddenToSay = [
    subjects.toModule('lab', 'lab-1', 'hook', 'lab.run'),
    subjects.toModule('lab', 'lab-1', 'control', 'drain'),
    subjects.toKernel('lab', 'announce'),
    subjects.toKernel('lab', 'bye'),
    subjects.fact('live', 'register-1', 'sale.recorded'),
    subjects.kernels('module'),
    '_INBOX.lab.x',
    `$JS.API.STREAM.DELETE.${subjects.stream}`,
  ]
  const forbiddenToHear = [
    subjects.moduleBranch('lab'),
    subjects.kernelBranchOf('lab'),
    subjects.facts,
    '_INBOX.lab.>',
    '_INBOX.>',
    '$SYS.>',
    '>',
  ]
  const overheard = forbiddenToHear.map((subject) => listen(sly, subject))
  for (const subject of [...forbiddenToSay, OWN]) sly.publish(subject, '{}')
  await until(() => refused.size === forbiddenToSay.length + forbiddenToHear.length)

  expect([...refused].sort()).toEqual(
    [
      ...forbiddenToSay.map((subject) => `publish ${subject}`),
      ...forbiddenToHear.map((subject) => `subscription ${subject}`),
    ].sort(),
  )
  await Promise.all([sly.flush(), kernel.flush()])
  expect(atKernel).toContain(OWN)
  expect(atKernel.filter((subject) => forbiddenToSay.includes(subject))).toEqual([])
  expect(await hooks.askByName('lab.run', { n: 1 })).toMatchObject([{ instance: 'lab-1', pid: victim.pid }])
  await Promise.all([sly.flush(), kernel.flush()])
  expect(overheard.flat()).toEqual([])
  expect(victim.did.got.length).toBe(1)
})

test('X13 a hook that the manifest does not list under asks is not asked for a module', async () => {
  const { start, are, hooks } = await openCentre()
  const [lab, shut] = [hookOf('lab.run', { mode: 'driver' }), hookOf('lab.shut', { mode: 'driver' })]
  const owner = await start(part('lab', { 'lab.shut': { does: 'sign' } }, { specs: [lab, shut] }))
  await are('active', 'lab')
  await start(part('nosy', { 'lab.run': { does: 'ask', hook: 'lab.shut', args: { n: 2 } } }, { knows: [lab, shut] }))
  await are('active', 'nosy')

  expect(await hooks.askByName('lab.run', { n: 1 })).toEqual({ kind: 'denied', code: 'asks-undeclared' })
  expect(owner.did.got).toEqual([])
})
