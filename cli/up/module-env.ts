/** What every process needs of its surroundings, whatever it does. */
const COMMON = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'LOG_LEVEL', 'NODE_OPTIONS'],
  ...['NODE_EXTRA_CA_CERTS', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['SystemRoot', 'windir', 'ComSpec', 'PATHEXT', 'APPDATA', 'LOCALAPPDATA', 'USERPROFILE'],
]

/**
 * The surroundings of one module: what everybody needs, and the variables that bear its name (`PAHEKO_TOKEN` for `paheko`,
 * `LIVE_FIGURES_…` for `live-figures`). One module does not see another's secrets, nor the operator's.
 */
export const moduleEnv = (name: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const prefix = `${name.toUpperCase().replaceAll('-', '_')}_`
  return Object.fromEntries(
    Object.entries(env).filter(([key]) => COMMON.includes(key) || key.startsWith('LC_') || key.startsWith(prefix)),
  )
}
