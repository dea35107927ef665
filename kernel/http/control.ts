import type { ModuleView } from '@recyclique/contracts'
import { type ControlPage, readControl } from '../control-settings.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const TAGS = { schema: { tags: ['health'] } }

/** For whoever watches over a centre from outside. Each page can be switched off, and is not there then. */
export const controlRoutes = (app: App, world: World): void => {
  const control = world.control ?? readControl({})
  const { prefix } = control
  const begunAt = performance.now()
  const pages: Record<ControlPage, () => void> = {
    health: () =>
      app.get(`${prefix}/health`, TAGS, async (_, reply) => {
        const health = healthOf(world, await world.modules.list(), control.required)
        return reply.code(health.ok ? 200 : 503).send(health)
      }),
    version: () => app.get(`${prefix}/version`, TAGS, () => ({ version: world.version, node: process.version })),
    heartbeat: () =>
      app.get(`${prefix}/heartbeat`, TAGS, () => ({
        at: new Date().toISOString(),
        uptimeMs: Math.round(performance.now() - begunAt),
        position: world.ledger.head.position,
      })),
    environ: () => app.get(`${prefix}/environ`, TAGS, () => ({ items: control.environ })),
  }
  for (const page of control.pages) pages[page]()
}

/** The till sells without NATS and without modules: only what somebody marked as required makes the whole unwell. */
const healthOf = (world: World, modules: readonly ModuleView[], configured: readonly string[]) => {
  const marked = world.modules.marks().filter(({ need }) => need === 'required')
  const required = new Set([...configured, ...marked.map(({ module }) => module)])
  const absent = [...required].filter((name) => !modules.some((one) => one.name === name))
  const lines = [...modules.map((one) => lineOf(one, required.has(one.name))), ...absent.map(absentLine)]
  const troubles = world.degradedBy()
  const kernel = { ok: !troubles.some(({ isGrave }) => isGrave), reasons: troubles.map(({ words }) => words) }
  return { ok: kernel.ok && lines.every((line) => line.ok || !line.required), kernel, modules: lines }
}

const lineOf = ({ name, state, reasons, instances }: ModuleView, required: boolean) => ({
  ...{ name, state, required, ok: state === 'active' },
  words: reasons.length > 0 ? reasons.join(' ') : 'It is well.',
  details: Object.fromEntries(
    instances.flatMap(({ id, health }) => (health?.details ? [[id, health.details] as const] : [])),
  ),
})

const absentLine = (name: string) => ({
  ...{ name, state: 'discovered', required: true, ok: false },
  ...{ words: 'It has not announced itself yet.', details: {} },
})
