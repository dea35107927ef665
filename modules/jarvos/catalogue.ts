import type { ModuleTool } from '@recyclique/contracts'
import type { KernelApi } from './kernel-api.ts'
import { explainModule } from './kernel-tools/explain-module.ts'
import { recordWeighing } from './kernel-tools/record-weighing.ts'
import { report } from './kernel-tools/report.ts'
import { searchCategories } from './kernel-tools/search-categories.ts'
import { todaysFigures } from './kernel-tools/todays-figures.ts'
import type { OfferedTool } from './tool.ts'
import { clipped, inLines } from './words.ts'

/** What the kernel itself offers, whichever modules are there. */
export const KERNEL_TOOLS: readonly OfferedTool[] = [
  searchCategories,
  todaysFigures,
  report,
  explainModule,
  recordWeighing,
]

/** Everything that could be used now: the kernel's own tools, and those of the modules at work. */
export const toolsNow = async (kernel: KernelApi): Promise<OfferedTool[]> => {
  const { items } = await kernel.get<{ items: ToolOfModule[] }>('/v1/tools')
  return [...KERNEL_TOOLS, ...items.filter(({ module }) => module !== 'jarvos').map(offered)]
}

type ToolOfModule = ModuleTool & { readonly module: string }

const NO_INPUT = { type: 'object', properties: {}, additionalProperties: false }

const offered = ({ module, name, description, input = NO_INPUT, isReadOnly = false }: ToolOfModule): OfferedTool => ({
  name: `${module}_${name}`,
  description: `${description} (module ${module})`,
  input,
  isReadOnly,
  // What a module does with a call that comes twice nobody but the module knows.
  isRepeatable: isReadOnly,
  narrower: 'ask for less, as with a shorter period or fewer items, if the tool has an argument for it',
  question: async (given) =>
    [`Exécuter « ${name} » du module ${module} ?`, clipped(description, 200), ...inLines(given)].join('\n'),
  async run(given, { kernel }) {
    const { answer } = await kernel.post<{ answer: unknown }>(`/v1/modules/${module}/tools/${name}`, { input: given })
    return answer
  },
})
