import type { InboxMessage } from './inbox.ts'

const style = `
  :root { color-scheme: light dark; --ground: #fff; --panel: #f8f8fa; --line: #e4e4e9; --ink: #18181b; --soft: #63636e; --accent: #4f46e5 }
  @media (prefers-color-scheme: dark) { :root { --ground: #111114; --panel: #18181c; --line: #2b2b31; --ink: #f1f1f4; --soft: #a0a0ab; --accent: #a5b4fc } }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif }
  main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
  header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; margin-bottom: 1rem }
  h1 { font-size: 1.125rem; font-weight: 600; margin: 0; overflow-wrap: anywhere }
  a { color: var(--accent) }
  .soft { color: var(--soft); font-size: .8125rem }
  ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: .625rem; overflow: hidden }
  li + li { border-top: 1px solid var(--line) }
  li a { display: block; padding: .75rem 1rem; color: inherit; text-decoration: none }
  li a:hover, li a:focus-visible { background: var(--panel) }
  li strong { display: block; font-weight: 550; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  .row { display: flex; justify-content: space-between; gap: 1rem }
  .row > :first-child { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  .row > :last-child { flex: none }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .125rem .75rem; margin: 0 0 1rem; font-size: .875rem }
  dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
  pre { margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: .625rem; background: var(--panel); white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
  iframe { width: 100%; height: 32rem; resize: vertical; border: 1px solid var(--line); border-radius: .625rem; background: Canvas; color-scheme: light dark }
  details { margin-top: 1.5rem } summary { font-size: .8125rem; font-weight: 550; color: var(--soft); cursor: pointer; margin-bottom: .5rem }
  details pre { font: .8125rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
  .line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  h2 { font-size: .8125rem; font-weight: 550; color: var(--soft); margin: 1.5rem 0 .5rem }
  .empty { border: 1px dashed var(--line); border-radius: .625rem; padding: 3rem 1rem; text-align: center; color: var(--soft) }
`

export function messageListPage(messages: InboxMessage[], to: string | undefined): string {
  const rows = messages.map(
    message => `<li><a href="/inbox/${escape(message.id)}">
    <div class="row soft"><span>To ${escape(message.to.join(', '))}</span>${time(message.date)}</div>
    <strong dir="auto">${escape(message.subject) || '(no subject)'}</strong>
    <span class="line soft" dir="auto">${escape(message.text.replace(/\s+/g, ' ').slice(0, 160))}</span>
  </a></li>`
  )
  const body =
    rows.length > 0
      ? `<ul>${rows.join('')}</ul>`
      : '<p class="empty">No mail yet. All mail that Switchboard sends on this machine arrives here.</p>'
  const scope = to
    ? `<span class="soft">to ${escape(to)} · <a href="/inbox">show all</a></span>`
    : `<span class="soft">${messages.length} ${messages.length === 1 ? 'message' : 'messages'}, refreshes every 5 seconds</span>`
  return page('Inbox', `<header><h1>Inbox</h1>${scope}</header>${body}`, '<meta http-equiv="refresh" content="5">')
}

export function messagePage(message: InboxMessage): string {
  // The sandbox and the page's CSP block scripts, forms and remote content. Links open in a new tab.
  const html =
    message.html &&
    `<iframe title="Message" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escape(`<base target="_blank">${message.html}`)}"></iframe>`
  const text = `<pre dir="auto">${linkify(message.text) || '(empty)'}</pre>`
  const headers = message.headers ? `<details><summary>Headers</summary><pre>${escape(message.headers.join('\n'))}</pre></details>` : ''
  return page(
    message.subject || 'Message',
    `
    <header><h1 dir="auto">${escape(message.subject) || '(no subject)'}</h1><a class="soft" href="/inbox">All mail</a></header>
    <dl><dt>From</dt><dd>${escape(message.from)}</dd><dt>To</dt><dd>${escape(message.to.join(', '))}</dd><dt>Date</dt><dd>${time(message.date)}</dd></dl>
    ${html ? `${html}<h2>Plain text</h2>` : ''}${text}${headers}`
  )
}

export function notFoundPage(): string {
  return page('Not found', '<header><h1>No such message</h1><a class="soft" href="/inbox">All mail</a></header>')
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${head}<title>${escape(title)} · Switchboard mail</title><style>${style}</style></head><body><main>${body}</main></body></html>`
}

function time(date: string): string {
  return `<time datetime="${escape(date)}">${escape(date.slice(0, 19).replace('T', ' '))} UTC</time>`
}

function linkify(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) =>
      index % 2 === 1 ? `<a href="${escape(part)}" target="_blank" rel="noreferrer">${escape(part)}</a>` : escape(part)
    )
    .join('')
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;')
}
