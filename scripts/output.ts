/**
 * Lets the process go on when nobody reads its output any more, as in `… | head`: what it would print is lost, and its
 * work is not. Without this, Node ends the process where it stands. `onClosed` is called once.
 */
export function surviveClosedOutput(onClosed: (stream: 'output' | 'errors', reason: string) => void = () => {}): void {
  for (const [name, stream] of [
    ['output', process.stdout],
    ['errors', process.stderr]
  ] as const) {
    let isClosed = false
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isClosed) return
      isClosed = true
      onClosed(name, error.code === 'EPIPE' ? 'nobody reads it any more' : (error.code ?? error.message))
    })
  }
}
