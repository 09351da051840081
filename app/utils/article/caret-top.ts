const copiedStyles = [
  'font',
  'letterSpacing',
  'lineHeight',
  'padding',
  'tabSize',
  'textIndent',
  'width',
  'boxSizing',
  'direction',
  'overflowWrap',
  'wordBreak'
] as const

/** How far below the top of a text area, as it is scrolled, the line of a character begins; and the height of the line, in pixels. */
export function caretTop(field: HTMLTextAreaElement, index: number): { top: number; height: number } {
  const style = getComputedStyle(field)
  const mirror = document.createElement('div')
  for (const name of copiedStyles) mirror.style[name] = style[name]
  Object.assign(mirror.style, { position: 'absolute', visibility: 'hidden', whiteSpace: 'pre-wrap', top: '0', insetInlineStart: '-9999px' })
  mirror.textContent = field.value.slice(0, index)
  const mark = mirror.appendChild(document.createElement('span'))
  mark.textContent = '\u200b'
  document.body.append(mirror)
  const top = mark.offsetTop - field.scrollTop
  mirror.remove()
  return { top, height: Number.parseFloat(style.lineHeight) || 24 }
}
