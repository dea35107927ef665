/** The page's looks: system fonts, light and dark as the device wants it. */
export const STYLE = `
:root { --ground: #f4f5f1; --card: #fff; --ink: #1f2a24; --soft: #5d6b63; --line: #dfe4dc; --good: #1d7a45; --wait: #8a5a00; --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ground: #141a17; --card: #1e2622; --ink: #eaf0ec; --soft: #9aaba1; --line: #2f3a34; --good: #4cc38a; --wait: #f0b44c; --bad: #ff8a80 }
}
* { box-sizing: border-box; margin: 0 }
body { background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 2rem }
h1 { font-size: 1.6rem }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem }
.lead { color: var(--soft); margin-bottom: .75rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin-bottom: .75rem }
.card header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline }
.card h3 { font-size: 1.05rem }
.card p { margin-top: .35rem }
.state { font-weight: 700 }
.to-retry { color: var(--wait) } .quarantined, .rejected { color: var(--bad) } .resolved { color: var(--good) }
.soft, footer { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere }
form { margin-top: .6rem }
button { font: inherit; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid var(--line); background: var(--ground); color: var(--ink); cursor: pointer }
button:focus-visible { outline: 3px solid var(--good) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--soft); font-weight: 600; font-size: .85rem }
`
