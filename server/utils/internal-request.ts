import type { H3Event } from 'h3'

/**
 * Whether the server makes the request itself, without a connection: a page fetches a route while it is rendered, or Nitro renders an
 * error page. Only Nitro's internal fetch (unenv) sets `__unenv__` on a request.
 */
export function isInternalRequest(event: H3Event): boolean {
  return '__unenv__' in event.node.req
}

/** The network of the page that makes an internal request, from the context that the page hands on; else undefined. */
export function pageNetwork(event: H3Event): string | undefined {
  const { __unenv__: pageContext } = event.node.req as { __unenv__?: { network?: string } }
  return pageContext?.network
}
