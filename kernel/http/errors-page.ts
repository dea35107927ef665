import { readFileSync } from 'node:fs'

/** docs/errors.md as a plain page with an anchor for each code: where a problem's `type` leads to. */
export const errorsPage = (): string => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Errors</title>
<style>body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui}:target{background:#ffec99}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}:target{background:#664d03}}</style>
${text
  .split(/\n{2,}/)
  .map(block)
  .join('\n')}`
}

/** The few forms that the page uses; everything else is a paragraph. */
const block = (text: string): string => {
  const [, level = '', title = ''] = /^(#{1,3}) (.*)$/.exec(text) ?? []
  if (level) return `<h${level.length}${anchor(title)}>${inline(title)}</h${level.length}>`
  const code = /^```\w*\n([\s\S]*?)\n?```$/.exec(text.trim())
  return code ? `<pre>${escaped(code[1] ?? '')}</pre>` : `<p>${inline(text)}</p>`
}

const anchor = (title: string): string => {
  const code = /^`([a-z-]+)`/.exec(title)?.[1]
  return code ? ` id="${code}"` : ''
}

const inline = (text: string) =>
  escaped(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*([^*]+)\*/g, '<em>$1</em>')

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
