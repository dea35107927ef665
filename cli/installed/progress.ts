/** Says on stderr what takes long; on a terminal the seconds run along. What the work itself prints stands on stdout. */
export const during = async <T>(what: string, work: () => Promise<T>, err = process.stderr): Promise<T> => {
  const began = performance.now()
  const seconds = () => Math.round((performance.now() - began) / 1000)
  const draw = () => err.isTTY && err.write(`\r${what} … ${seconds()} s `)
  if (!err.isTTY) err.write(`${what} …\n`)
  draw()
  const timer = setInterval(draw, 1_000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    if (err.isTTY) err.write(`\r\u001b[K`)
  }
}
