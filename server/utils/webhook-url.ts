import { AddressRefusal, UnresolvedName, readAllowed, readTarget, resolveTarget, type AddressPolicy } from '../adapters/address'

let policy: AddressPolicy | undefined

/** Where webhooks may go from this installation. Throws where WEBHOOK_ALLOW_PRIVATE cannot be read. */
export function addressPolicy(): AddressPolicy {
  if (policy) return policy
  const { webhookAllowPrivate, public: { siteUrl, supabase } } = useRuntimeConfig()
  const ownHosts = [siteUrl, supabase.url].filter(url => URL.canParse(url)).map(url => new URL(url).hostname)
  return policy = { allowed: readAllowed(String(webhookAllowPrivate)), ownHosts }
}

/**
 * The URL as it will be called. Throws 422 `url_refused` with the rule that it breaks; a name that leads nowhere is taken:
 * the receiver may be set up later. Each attempt looks again.
 */
export async function checkWebhookUrl(text: string): Promise<string> {
  try {
    const target = readTarget(text, addressPolicy())
    await resolveTarget(target, addressPolicy())
    return target.url.href
  } catch (error) {
    if (error instanceof UnresolvedName) return readTarget(text, addressPolicy()).url.href
    if (!(error instanceof AddressRefusal)) throw error
    throw failure(422, 'url_refused', error.message, { rule: error.rule, issues: [{ path: 'url', message: error.message }] })
  }
}
