/** The page's looks: system fonts, light and dark as the device wants it, one column on a phone. */
export const STYLE = `
:root { --ground: #f4f5f1; --card: #fff; --ink: #1f2a24; --soft: #5d6b63; --line: #dfe4dc; --bar: #2f8f5b; --track: #e9ede6 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #141a17; --card: #1e2622; --ink: #eaf0ec; --soft: #9aaba1; --line: #2f3a34; --bar: #4cc38a; --track: #2a332e }
}
* { box-sizing: border-box; margin: 0 }
body { background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 2rem }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .75rem; margin-bottom: 1rem }
h1 { font-size: 1.6rem }
header p, .hint, .empty, footer { color: var(--soft) }
header p::first-letter { text-transform: uppercase }
.tiles { display: grid; grid-template-columns: repeat(2, 1fr); gap: .75rem; margin-bottom: .75rem }
.tile:first-child { grid-column: 1 / -1 }
@media (min-width: 40rem) { .tiles { grid-template-columns: repeat(3, 1fr) } .tile:first-child { grid-column: auto } }
.tile, section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem }
dt { font-weight: 600 }
dd { font-size: 1.9rem; font-weight: 700; font-variant-numeric: tabular-nums; white-space: nowrap }
dd.hint { font-size: .8rem; font-weight: 400; white-space: normal }
.hint { font-size: .85rem }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: .75rem; align-items: start }
h2 { display: flex; justify-content: space-between; gap: 1rem; font-size: 1.15rem; font-variant-numeric: tabular-nums }
ul { list-style: none; padding: 0; margin-top: .75rem; display: grid; gap: .7rem }
li { display: grid; grid-template-columns: 1fr auto; gap: .15rem .75rem }
.name { overflow-wrap: anywhere }
.grams { font-variant-numeric: tabular-nums; white-space: nowrap }
.bar { grid-column: 1 / -1; height: .5rem; border-radius: .25rem; background: var(--track); overflow: hidden }
.bar i { display: block; height: 100%; border-radius: .25rem; background: var(--bar) }
.empty { margin-top: .5rem }
footer { margin-top: 1rem; font-size: .85rem }
`
