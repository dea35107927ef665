const PATIENCE_MS = 2_000

/** What a kernel answers, whatever the status; undefined where nobody answers in time, or no JSON. */
export const askKernel = async <T>(url: string, path: string): Promise<T | undefined> => {
  try {
    const answer = await fetch(new URL(path, url), {
      headers: { 'recyclique-actor': 'manager' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    return (await answer.json()) as T
  } catch {
    return undefined
  }
}
