/** Looks every few milliseconds until it is so; throws where it does not come about in half a minute. */
export const until = async (isSo: () => boolean): Promise<void> => {
  const end = performance.now() + 30_000
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`it did not come about: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
