import { randomUUID } from 'node:crypto'
import {
  DockerComposeEnvironment,
  getContainerRuntimeClient,
  type StartedDockerComposeEnvironment,
  Wait,
} from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../cli/up/free-port.ts'
import { until } from '../support/wait.ts'
import { ROOT } from './support/compose-file.ts'

/** The compose file in a real engine. Where none is reachable this is not run, and nobody may read that as passed. */
const why = await getContainerRuntimeClient().then(
  () => undefined,
  (error: Error) => error.message,
)
if (why !== undefined)
  console.warn(
    `\n  NOT RUN: test/containers/engine.test.ts needs a container engine, and none is reachable here (${why}).\n`,
  )

const UP_MS = 600_000

describe.skipIf(why !== undefined)('docker compose up', () => {
  let engine: StartedDockerComposeEnvironment
  let url: string
  beforeAll(async () => {
    const port = await freePort('127.0.0.1')
    url = `http://127.0.0.1:${port}`
    engine = await new DockerComposeEnvironment(ROOT, 'docker-compose.yml')
      .withProjectName(`recyclique-${randomUUID().slice(0, 8)}`)
      .withEnvironment({ RECYCLIQUE_PORT: String(port) })
      .withBuild()
      .withWaitStrategy('keys-1', Wait.forOneShotStartup())
      .withWaitStrategy('nats-1', Wait.forHealthCheck())
      .withWaitStrategy('kernel-1', Wait.forHealthCheck())
      .withWaitStrategy('live-figures-1', Wait.forHealthCheck())
      .withStartupTimeout(UP_MS)
      .up()
  }, UP_MS)
  afterAll(() => engine?.down({ removeVolumes: true }), UP_MS)

  const api = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        'recyclique-actor': 'manager',
        'idempotency-key': randomUUID(),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  test('everybody is healthy, and the bus is kept apart by our keys', async () => {
    expect(await api('GET', '/readyz')).toMatchObject({ status: 'ready', reasons: [] })
    expect(await api('GET', '/v1/modules/live-figures')).toMatchObject({ state: 'active' })
  })

  test('nobody is root, and nobody can write into their image or see the keys of others', async () => {
    for (const name of ['kernel-1', 'live-figures-1']) {
      const container = engine.getContainer(name)
      expect((await container.exec(['id', '-u'])).output.trim()).toBe('1000')
      expect((await container.exec(['touch', '/app/written'])).exitCode).not.toBe(0)
    }
    expect((await engine.getContainer('live-figures-1').exec(['ls', '/keys/operator.seed'])).exitCode).not.toBe(0)
  })

  test('a module whose container is started again is let in again, under another name', async () => {
    const before = await instances()
    await engine.getContainer('live-figures-1').restart()
    await until(async () => (await instances()).some((one) => !before.includes(one)), 60_000)
  })

  const instances = async (): Promise<string[]> => {
    const view = await api<{ instances: { id: string; state: string }[] }>('GET', '/v1/modules/live-figures')
    return view.instances.filter(({ state }) => state === 'active').map(({ id }) => id)
  }
})
