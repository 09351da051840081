import { signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

/** Functions of their arguments alone, which constraints and generated columns call: anybody signed in may call them. */
const calls: Record<string, string> = {
  is_line: "private.is_line('x')",
  is_email: "private.is_email('x@x.test')",
  is_tag: "private.is_tag('x')",
  is_file_name: "private.is_file_name('x')",
  is_visible: "private.is_visible('x')",
  are_policy_conditions: "private.are_policy_conditions('[]')",
  are_policy_targets: "private.are_policy_targets('priority', '{}')",
  are_policy_pauses: "private.are_policy_pauses('{}')",
  is_escalation: "private.is_escalation('{}')",
  are_policy_escalations: "private.are_policy_escalations('[]')",
  are_names_by_locale: "private.are_names_by_locale('{}')",
  has_long_word: "private.has_long_word('x')",
  decompose: "private.decompose('x')",
  compose: "private.compose('x')",
  fold_text: "private.fold_text('x')",
  search_text: "private.search_text('x')",
  search_term: "private.search_term('x')",
  search_vector: "private.search_vector('x')",
  other_spellings: "private.other_spellings('x')"
}

export const texts: AuthorizationRow[] = Object.entries(calls).map(([name, call]): AuthorizationRow => ({
  does: `calls ${name}()`,
  by: signedIn,
  key: 'read',
  sql: { calls: name, run: sql => sql.unsafe(`select ${call}`) }
}))
