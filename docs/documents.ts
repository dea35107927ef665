import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncApi, jsonSchemas } from '@recyclique/contracts'
import { pino } from 'pino'
import { openKernel } from '../kernel/kernel.ts'
import { readSettings } from '../kernel/settings.ts'

/** What stands in docs/schemas/, by file name: OpenAPI 3.1, AsyncAPI 3 and every JSON Schema. The kernel serves the same, live. */
export const documents = async (): Promise<Readonly<Record<string, string>>> => {
  const openApi = await openApiOfKernel()
  const all = {
    ...jsonSchemas(),
    openapi: openApi,
    asyncapi: asyncApi({ version: (openApi as { info: { version: string } }).info.version }),
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, document]) => [`${name}.json`, `${JSON.stringify(document, undefined, 1)}\n`]),
  )
}

/** The API is described by its routes, so a kernel without a bus tells it. */
const openApiOfKernel = async (): Promise<object> => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-docs-'))
  const settings = readSettings({ RECYCLIQUE_DATA: folder, RECYCLIQUE_PORT: '0', LOG_LEVEL: 'silent' })
  const kernel = await openKernel(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  try {
    const answer = await fetch(`${kernel.url}/v1/docs/openapi.json`)
    return (await answer.json()) as object
  } finally {
    await kernel.close()
    await rm(folder, { recursive: true, force: true })
  }
}
