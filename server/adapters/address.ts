import { promises as dns, type LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The rules for URLs of webhooks, by the code that an answer names. */
export type AddressRule = 'malformed' | 'scheme' | 'credentials' | 'port' | 'own_host' | 'private_name' | 'private_address'

export class AddressRefusal extends Error {
  readonly rule: AddressRule

  constructor(rule: AddressRule) {
    super(messages[rule])
    this.rule = rule
  }
}

/** The DNS has no address for the host at the moment. */
export class UnresolvedName extends Error {}

export interface AddressPolicy {
  /** Exempt from the rules about private addresses, private names and ports. */
  allowed: Allowed[]
  /** Hosts of this installation. */
  ownHosts: string[]
}

export interface Target {
  url: URL
  host: string
  port: number
}

/** Returns all addresses of a host; none when it has none. */
export type Resolve = (host: string, isAllowed: boolean) => Promise<LookupAddress[]>

type Allowed = { host: string; port: number | null } | { network: [ipaddr.IPv4 | ipaddr.IPv6, number] }

const ports = new Set([80, 443, 8443])

const messages: Record<AddressRule, string> = {
  malformed: 'This is not a URL',
  scheme: 'A URL begins with https:// or http://',
  credentials: 'A URL must not hold a user name or password',
  port: 'The port must be 443, 80 or 8443',
  own_host: 'Webhooks must not call Switchboard itself',
  private_name: 'This name belongs to a private network, which webhooks must not call',
  private_address: 'This leads to a private address, which webhooks must not call'
}

// Names that have a meaning only inside a network: RFC 6761, 6762, 8375, 9476, and ICANN's reservation of .internal.
const privateNames = /^(?:[^.]+|(?:.*\.)?(?:localhost|local|internal|intranet|private|corp|home|lan|localdomain|home\.arpa|onion|alt))$/

// In a public range, but the cloud (Azure) answers it to every machine inside.
const cloudAddresses = new Set(['168.63.129.16'])

/**
 * Parses a list of hosts, hosts with a port, and networks: `hooks.lan, 10.1.2.3:9000, [fd00::7]:9000, 10.0.0.0/8`.
 * Throws when an entry is none of these.
 */
export function readAllowed(list: string): Allowed[] {
  return list
    .split(',')
    .map(entry => entry.trim())
    .filter(Boolean)
    .map(entry => {
      if (entry.includes('/')) return { network: ipaddr.parseCIDR(entry) }
      const text = isIP(entry) === 6 ? `[${entry}]` : entry
      const url = URL.canParse(`http://${text}`) && /^[^\s/?#@\\]+$/.test(text) ? new URL(`http://${text}`) : undefined
      if (!url) throw new Error(`Not a host, host:port or network: ${entry}`)
      const port = /:(\d+)$/.exec(text)?.[1]
      return { host: hostOf(url), port: port ? Number(port) : null }
    })
}

/** Parses and checks a URL. Throws AddressRefusal. The name may still resolve to a private address: `resolveTarget` checks that. */
export function readTarget(text: string, policy: AddressPolicy): Target {
  // URL parsers disagree on these characters, and the URL standard drops some silently.
  if (/[\s\\]|\p{Cc}/u.test(text)) throw new AddressRefusal('malformed')
  if (!/^https?:/i.test(text)) throw new AddressRefusal(/^[a-z][a-z0-9+.-]*:/i.test(text) ? 'scheme' : 'malformed')
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) throw new AddressRefusal('malformed')
  const url = new URL(text)
  if (url.username || url.password || /^[^/?#]*@/.test(text.slice(text.indexOf('//') + 2))) throw new AddressRefusal('credentials')
  url.hash = ''
  const target = { url, host: hostOf(url), port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) }
  if (isAllowed(target, policy)) return target
  if (isIP(target.host)) {
    if (!isPublicAddress(target.host)) throw new AddressRefusal('private_address')
  } else if (privateNames.test(target.host)) throw new AddressRefusal('private_name')
  if (policy.ownHosts.includes(target.host)) throw new AddressRefusal('own_host')
  if (!ports.has(target.port)) throw new AddressRefusal('port')
  return target
}

/** All addresses of the target, which must all be public or allowed. Throws AddressRefusal, or UnresolvedName when there is none. */
export async function resolveTarget(target: Target, policy: AddressPolicy, resolve: Resolve = resolveName): Promise<LookupAddress[]> {
  const family = isIP(target.host)
  const addresses = family ? [{ address: target.host, family }] : await resolve(target.host, isAllowed(target, policy))
  if (addresses.length === 0) throw new UnresolvedName(`${target.host} has no address`)
  if (!addresses.every(({ address }) => isPublicAddress(address) || isAllowed(target, policy, address)))
    throw new AddressRefusal('private_address')
  return addresses
}

/** Judges an address by its bytes, in whatever notation, and IPv4 wrapped in IPv6 as IPv4. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = unwrapMapped(ipaddr.parse(text))
  if (address.range() !== 'unicast' || cloudAddresses.has(address.toString())) return false
  // Global IPv6 addresses are allocated from 2000::/3. 3fff::/20 in it is for documentation.
  return (
    address.kind() === 'ipv4' || (inNetwork(address, ipaddr.parseCIDR('2000::/3')) && !inNetwork(address, ipaddr.parseCIDR('3fff::/20')))
  )
}

/** Compares two addresses in any notation. False when one of them is not an address. */
export function isSameAddress(one: string, other: string | undefined): boolean {
  if (other === undefined || !ipaddr.isValid(one) || !ipaddr.isValid(other)) return false
  return unwrapMapped(ipaddr.parse(one)).toNormalizedString() === unwrapMapped(ipaddr.parse(other)).toNormalizedString()
}

function isAllowed({ host, port }: Target, { allowed }: AddressPolicy, address = host): boolean {
  return allowed.some(entry => {
    if ('network' in entry) return ipaddr.isValid(address) && inNetwork(unwrapMapped(ipaddr.parse(address)), entry.network)
    return entry.host === host && (entry.port === null || entry.port === port)
  })
}

function inNetwork(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean {
  return address.kind() === network.kind() && address.match(network as never, bits)
}

// ::ffff:127.0.0.1 is 127.0.0.1, and so is 64:ff9b::7f00:1 behind a NAT64.
function unwrapMapped(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address
  const six = address as ipaddr.IPv6
  if (six.isIPv4MappedAddress()) return six.toIPv4Address()
  return inNetwork(six, ipaddr.parseCIDR('64:ff9b::/96')) ? ipaddr.fromByteArray(six.toByteArray().slice(12)) : six
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

// `dns.Resolver` does not use the thread pool, so a slow name cannot block its four threads. Names that the operator allows may be in
// /etc/hosts, which only `dns.lookup` reads.
async function resolveName(host: string, isListed: boolean): Promise<LookupAddress[]> {
  if (isListed) return dns.lookup(host, { all: true }).catch(() => [])
  const resolver = new dns.Resolver({ timeout: 1_500, tries: 2 })
  const [four, six] = await Promise.all([resolver.resolve4(host).catch(() => []), resolver.resolve6(host).catch(() => [])])
  return [...four.map(address => ({ address, family: 4 })), ...six.map(address => ({ address, family: 6 }))]
}
