import type { OfferedTool } from '../tool.ts'

interface ModuleSeen {
  readonly name: string
  readonly version?: string
  readonly state: string
  readonly reasons?: readonly string[]
}

export const explainModule: OfferedTool = {
  name: 'explain-module',
  description:
    'How a module of the installation stands, and everything that keeps it from working. Without a name: all modules with their states.',
  input: {
    type: 'object',
    properties: { module: { type: 'string', pattern: '^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$' } },
    additionalProperties: false,
  },
  isReadOnly: true,
  isRepeatable: true,
  narrower: 'ask for one module by its name',
  question: async () => '',
  async run({ module }, { kernel }) {
    if (module !== undefined) return kernel.get(`/v1/modules/${String(module)}`)
    const { items } = await kernel.get<{ items: ModuleSeen[] }>('/v1/modules')
    return { modules: items.map(({ name, version, state, reasons = [] }) => ({ name, version, state, reasons })) }
  },
}
