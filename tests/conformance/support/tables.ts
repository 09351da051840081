import { randomBytes } from 'node:crypto'
import type { Backend } from './backend.ts'

const created = new Set<string>()

export interface TableOptions {
  identity?: 'full' | 'default'
  rls?: boolean
  published?: boolean
}

export function uniqueName(prefix = 'c'): string {
  return `${prefix}_${randomBytes(5).toString('hex')}`
}

/** Creates a published table that the API roles can read. `dropTables` drops it. */
export async function createTable({ sql }: Backend, columns: string, options: TableOptions = {}): Promise<string> {
  const name = uniqueName('conformance')
  created.add(name)
  await sql
    .unsafe(
      `
    create table public.${name} (${columns});
    grant select on public.${name} to anon, authenticated, service_role;
    ${options.identity === 'full' ? `alter table public.${name} replica identity full;` : ''}
    ${options.rls ? `alter table public.${name} enable row level security;` : ''}
    ${options.published === false ? '' : `alter publication supabase_realtime add table public.${name};`}
  `
    )
    .simple()
  return name
}

/** Creates a policy by which a user sees the rows whose `team` is the claim `team` of the token. */
export async function allowTeam({ sql }: Backend, table: string): Promise<void> {
  await sql.unsafe(`create policy ${table}_team on public.${table} for select to authenticated using (team = (auth.jwt() ->> 'team'))`)
}

export async function dropTables({ sql }: Backend): Promise<void> {
  for (const name of created) await sql.unsafe(`drop table if exists public.${name} cascade`)
  created.clear()
}
