import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import proxyAddress from 'proxy-addr'

/** The unit of limits, about a household or a server: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const ip = ipaddr.process(address)
  return ip instanceof ipaddr.IPv6
    ? ip.parts
        .slice(0, 4)
        .map(part => part.toString(16))
        .join(':')
    : ip.toString()
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

const compiled = new Map<string, (address: string, hops: number) => boolean>()

/**
 * Compiles a comma-separated list of addresses, networks such as 10.0.0.0/8, and the names loopback, linklocal and uniquelocal into
 * a test of whether an address is one of our proxies, whose X-Forwarded-For counts. Throws a TypeError for anything else.
 */
export function trustedProxies(list: string): (address: string, hops: number) => boolean {
  const known = compiled.get(list)
  if (known) return known
  const isTrusted = proxyAddress.compile(
    list
      .split(',')
      .map(entry => entry.trim())
      .filter(Boolean)
  )
  compiled.set(list, isTrusted)
  return isTrusted
}

/** The address a request comes from: the nearest one that is not one of our proxies. */
export function clientAddress(request: IncomingMessage, proxies: string): string {
  return request.socket.remoteAddress === undefined ? '' : proxyAddress(request, trustedProxies(proxies))
}
