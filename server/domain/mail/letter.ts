import { setImmediate } from 'node:timers/promises'
import type { TextFormat } from '#shared/text-format'
import type { Locale } from '#shared/texts/locale'
import { ratingTexts } from '#shared/texts/rating'
import type { Mention } from '#shared/types/api'
import { escapeHtml, markdownText, renderMarkdown } from '#shared/utils/markdown'
import { mentionsAsText } from '#shared/utils/mentions'
import { textPieces } from '#shared/utils/plain-text'
import { productColor, teamColors, type TeamColors } from '#shared/utils/team-color'
import { oneLine } from './header'

export interface Draft {
  /** The subject, without the number of the ticket. */
  topic: string
  number: number | null
  /** Null: the name of MAIL_FROM. */
  fromName: string | null
  letter: Letter
}

/** `cancelled`: why the mail is not sent. */
export interface Cancellation {
  cancelled: string
}

/** The content of a mail, from which both its text and its HTML part are made. All strings are plain text, not markup. */
export interface Letter {
  /** A list of mails shows it beside the subject. */
  preview: string
  from: string
  blocks: Block[]
  footer: string
  settingsUrl?: string
  /** The language of our sentences; English if it is missing, as in all mails to members. */
  locale?: Locale
  /** The colour of the team, `#rrggbb`; the colour of the product if it is missing. */
  color?: string | null
}

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  /** `source`: text of a person, with tokens for mentions. `people`: the names for those tokens. */
  | { kind: 'message'; author: string; label?: string; source: string; format: TextFormat; people: Mention[] }
  | { kind: 'facts'; facts: [name: string, value: string][] }
  | { kind: 'button'; label: string; url: string }
  | { kind: 'stars'; url: string }

const scores = [1, 2, 3, 4, 5] as const

export interface MailParts {
  text: string
  html: string
}

/** Yields to the event loop after each message, because a mail may hold hundreds of long ones. */
export async function renderLetter(letter: Letter, subject: string): Promise<MailParts> {
  const blocks: MailParts[] = []
  for (const [index, block] of letter.blocks.entries()) {
    blocks.push(renderBlock(block, index, letter))
    if (block.kind === 'message') await setImmediate()
  }
  return {
    text: textPart(
      letter,
      blocks.map(({ text }) => text)
    ),
    html: htmlPart(
      letter,
      subject,
      blocks.map(({ html }) => html)
    )
  }
}

export function renderBlock(block: Block, index: number, { locale = 'en', color }: Pick<Letter, 'locale' | 'color'> = {}): MailParts {
  return { text: textBlock(block, locale), html: htmlBlock(block, index, { locale, colors: colorsOf(color) }) }
}

// Without a colour, the product's: readable links are lighter than the button in the dark theme.
const productColors: Omit<TeamColors, 'hover'> = { fill: productColor, text: '#ffffff', light: productColor, dark: '#a5b4fc' }

function colorsOf(color: string | null | undefined): Omit<TeamColors, 'hover'> {
  return color ? teamColors(color) : productColors
}

function textPart({ footer, settingsUrl }: Letter, blocks: string[]): string {
  return `${blocks.join('\n\n')}\n\n-- \n${oneLine(footer)}\n${settingsUrl ? `Choose what you get mails about: ${settingsUrl}\n` : ''}`
}

function textBlock(block: Block, locale: Locale): string {
  switch (block.kind) {
    case 'heading':
      return oneLine(block.text)
    case 'paragraph':
      return oneLine(block.text)
    // Not quoted with ">": mail clients collapse quotes, and other helpdesks cut them off.
    case 'message':
      return `${oneLine(block.author)}${block.label ? ` (${block.label})` : ''}:\n\n${messageText(block)}`
    case 'facts':
      return block.facts.map(([name, value]) => `${name}: ${oneLine(value)}`).join('\n')
    case 'button':
      return `${block.label}:\n${block.url}`
    case 'stars': {
      const t = ratingTexts(locale)
      return `${t('title')}\n${scores
        .toReversed()
        .map(score => `${score} - ${t(`meaning.${score}`)}: ${block.url}?score=${score}`)
        .join('\n')}`
    }
  }
}

// Mail clients that strip <style> lose dark mode only: the layout is in style attributes.
const styleSheet = ({ light, dark }: Pick<TeamColors, 'light' | 'dark'>) => `
  :root { color-scheme: light dark }
  .words p, .words ul, .words ol, .words blockquote, .words pre, .words h4, .words h5, .words h6 { margin: 0 0 12px }
  .words > :last-child { margin-bottom: 0 }
  .words h4, .words h5, .words h6 { font-size: 15px; font-weight: 600 }
  .words [data-plain] { white-space: pre-wrap }
  .words pre:not([data-text]) { padding: 10px 12px; border-radius: 6px; background: #ececf1; overflow-x: auto; white-space: pre-wrap }
  .words code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
  .words blockquote { padding-left: 12px; border-left: 3px solid #d4d4dc; color: #52525b }
  .words table { border-collapse: collapse } .words th, .words td { padding: 4px 8px; border: 1px solid #d4d4dc; text-align: start }
  .words a { color: ${light} }
  @media (prefers-color-scheme: dark) {
    .page { background: #0f0f12 !important }
    .card { background: #18181b !important; border-color: #2b2b31 !important }
    .ink { color: #f1f1f4 !important }
    .soft { color: #a0a0ab !important }
    .words { background: #222228 !important; border-color: #34343c !important; color: #f1f1f4 !important }
    .words pre:not([data-text]) { background: #2b2b33 } .words blockquote { border-color: #45454f; color: #c4c4cc } .words a { color: ${dark} }
    .words th, .words td { border-color: #45454f }
    .star { color: #fbbf24 !important; border-color: #34343c !important }
  }`

const font = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

function htmlPart({ preview, from, footer, settingsUrl, locale = 'en', color }: Letter, subject: string, blocks: string[]): string {
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escapeHtml(subject)}</title><style>${styleSheet(colorsOf(color))}</style></head>
<body class="page" style="margin:0;padding:0;background:#f4f4f6;${font}">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(oneLine(preview))}${'&#847;&zwnj;&nbsp;'.repeat(40)}</div>
<div class="page" style="background:#f4f4f6;padding:24px 12px">
<div style="max-width:600px;margin:0 auto">
<div class="soft" dir="auto" style="padding:0 4px 12px;font-size:14px;line-height:20px;font-weight:600;color:#63636e">${escapeHtml(oneLine(from))}</div>
${color ? `<div style="height:4px;margin:0 0 12px;border-radius:2px;background:${color};font-size:0;line-height:0"></div>\n` : ''}<div class="card" style="padding:24px;border:1px solid #e4e4e9;border-radius:12px;background:#ffffff">
${blocks.join('\n')}
</div>
<div class="soft" dir="auto" style="padding:14px 4px 0;font-size:12px;line-height:18px;color:#63636e">${escapeHtml(oneLine(footer))}${settingsUrl ? ` <a class="soft" href="${escapeHtml(settingsUrl)}" style="color:#63636e">Choose what you get mails about</a>` : ''}</div>
</div></div></body></html>
`
}

function htmlBlock(
  block: Block,
  index: number,
  { locale, colors: { fill, text } }: { locale: Locale; colors: Pick<TeamColors, 'fill' | 'text'> }
): string {
  const gap = index === 0 ? '' : 'margin-top:16px;'
  switch (block.kind) {
    case 'heading':
      return `<h1 class="ink" dir="auto" style="margin:0;${index === 0 ? '' : 'margin-top:28px;'}font-size:18px;line-height:26px;font-weight:600;color:#18181b">${escapeHtml(oneLine(block.text))}</h1>`
    case 'paragraph':
      return `<p class="ink" dir="auto" style="margin:0;${gap}font-size:15px;line-height:24px;color:#18181b">${escapeHtml(oneLine(block.text))}</p>`
    case 'message':
      return `<div style="${gap}"><p class="soft" dir="auto" style="margin:0 0 6px;font-size:13px;line-height:20px;color:#63636e"><strong class="ink" style="font-weight:600;color:#18181b">${escapeHtml(oneLine(block.author))}</strong>${block.label ? ` · ${escapeHtml(block.label)}` : ''}</p>
<div class="words" style="padding:14px 16px;border:1px solid #e4e4e9;border-radius:8px;background:#f8f8fa;color:#18181b;font-size:15px;line-height:24px;overflow-wrap:anywhere">${messageHtml(block)}</div></div>`
    case 'facts':
      return `<p class="soft" dir="auto" style="margin:0;${gap}font-size:14px;line-height:22px;color:#63636e">${block.facts.map(([name, value]) => `${escapeHtml(name)}: <span class="ink" style="color:#18181b">${escapeHtml(oneLine(value))}</span>`).join('<br>')}</p>`
    case 'button':
      return `<p style="margin:0;${gap}"><a href="${escapeHtml(block.url)}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:${fill};color:${text};font-size:15px;line-height:22px;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>`
    case 'stars': {
      const t = ratingTexts(locale)
      const stars = scores.map(score => ({ score, meaning: t(`meaning.${score}`) }))
      return `<p class="ink" style="margin:0;${gap}font-size:15px;line-height:24px;color:#18181b">${escapeHtml(t('title'))}</p>
<p style="margin:0;margin-top:8px">${stars.map(({ score, meaning }) => `<a class="star" href="${escapeHtml(block.url)}?score=${score}" title="${escapeHtml(meaning)}" aria-label="${escapeHtml(t('score', { score, meaning }))}" style="display:inline-block;margin:0 6px 6px 0;padding:6px 11px;border:1px solid #e4e4e9;border-radius:8px;color:#b45309;font-size:20px;line-height:26px;text-decoration:none">${score}&#8202;★</a>`).join('')}</p>`
    }
  }
}

type Message = Extract<Block, { kind: 'message' }>

function messageText({ source, format, people }: Message): string {
  const text = mentionsAsText(source, people)
  return format === 'text' ? mailLines(text) : text.trim()
}

// Names are escaped, so that Markdown in them has no effect.
function messageHtml({ source, format, people }: Message): string {
  if (format === 'text') return plainHtml(source, people)
  return renderMarkdown(
    mentionsAsText(
      source,
      people.map(person => ({ ...person, full_name: person.full_name.replace(/[!-/:-@[-`{-~]/g, '\\$&') }))
    )
  )
}

/**
 * Shows plain text as written. `pre` keeps lines and spaces also in clients that ignore `white-space`. HTML parsers drop the first line
 * break in it, so one is added.
 */
function plainHtml(source: string, people: Mention[]): string {
  const pieces = textPieces(mailLines(source), people).map(piece => {
    if (piece.kind === 'break') return '<br>'
    return piece.kind === 'link'
      ? `<a href="${escapeHtml(piece.href)}" rel="noopener noreferrer nofollow ugc">${escapeHtml(piece.text)}</a>`
      : escapeHtml(piece.text)
  })
  return `<pre data-text dir="auto" style="margin:0;font:inherit;white-space:pre-wrap;unicode-bidi:plaintext">\n${pieces.join('')}</pre>`
}

function mailLines(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

export function previewOf({ source, format, people }: Message): string {
  const text = mentionsAsText(source, people)
  return [...(format === 'text' ? text.replace(/\s+/g, ' ').trim() : markdownText(text))].slice(0, 140).join('')
}

export function ticketNumber(number: number): string {
  return `#${String(number).padStart(3, '0')}`
}
