import type { OfferedTool } from './tool.ts'

/**
 * Says when assistants would see another list of tools than before. Told that something happened, it looks, once for all that happen
 * meanwhile; who told it does not wait. Where the kernel cannot be asked it says so as well: whoever lists anew then finds out.
 */
export const watchTools = (list: () => Promise<readonly OfferedTool[]>, changed: () => void) => {
  let seen: string | undefined
  let looking = false
  let isDue = false

  const look = async (): Promise<void> => {
    const found = await list().then(asText, () => undefined)
    const isNews = seen !== undefined && found !== seen
    seen = found ?? ''
    if (isNews) changed()
  }

  const turn = async (): Promise<void> => {
    looking = true
    while (isDue) {
      isDue = false
      await look()
    }
    looking = false
  }

  return {
    happened(): void {
      isDue = true
      if (!looking) void turn()
    },
  }
}

const asText = (tools: readonly OfferedTool[]): string =>
  JSON.stringify(tools.map(({ name, description, input, isReadOnly }) => [name, description, input, isReadOnly]))
