/**
 * Keeps the process running when the reader of its output closes the pipe, as in `… | head`. Further output is dropped. Without
 * this, Node ends the process on EPIPE. `onClosed` is called once per stream.
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
      onClosed(name, error.code === 'EPIPE' ? 'its reader closed the pipe' : (error.code ?? error.message))
    })
  }
}
