-- Foundations: the private schema, closed defaults, and the tables of roles, scopes and permissions.

-- Security definer functions, and tables that nobody may read directly, live in `private`. The Data API never exposes
-- this schema.
create schema private;
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;
comment on schema private is 'Functions and tables of the product that are not part of any API';

-- Closed by default: a table or function is reachable only where a migration grants it.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke execute on functions from anon, authenticated, service_role;

create extension if not exists pg_trgm with schema extensions; -- hosted projects may have it already
create extension if not exists unaccent with schema extensions;
create extension if not exists btree_gin with schema extensions; -- the team as first column of search indexes

-- Roles and permissions: the same rows as shared/permissions.ts; a test compares the two.
create table private.role_permissions (
  -- agent: extra permissions that a key of a service agent may have
  role text not null check (role in ('owner', 'admin', 'member', 'viewer', 'agent')),
  permission text not null,
  primary key (permission, role)
);
comment on table private.role_permissions is 'Which role carries which permission; shared/permissions.ts holds the same list';

insert into private.role_permissions (permission, role)
select permission, unnest(roles)
from (values
  ('team.view', array['owner', 'admin', 'member', 'viewer']),
  ('team.leave', array['owner', 'admin', 'member', 'viewer']),
  ('team.update', array['owner', 'admin']),
  ('team.delete', array['owner']),
  ('members.view_emails', array['owner', 'admin', 'member']),
  ('members.manage', array['owner', 'admin']),
  ('members.manage_owners', array['owner']),
  ('members.invite', array['owner', 'admin']),
  ('tickets.view', array['owner', 'admin', 'member', 'viewer']),
  ('tickets.create', array['owner', 'admin', 'member']),
  ('tickets.update', array['owner', 'admin', 'member']),
  ('tickets.delete', array['owner', 'admin']),
  ('tickets.assign', array['owner', 'admin', 'agent']),
  ('tickets.claim', array['owner', 'admin', 'member']),
  ('tickets.close', array['owner', 'admin']),
  ('replies.create', array['owner', 'admin', 'member', 'viewer']),
  ('replies.delete_any', array['owner', 'admin']),
  ('attachments.create', array['owner', 'admin', 'member', 'viewer']),
  ('attachments.delete_any', array['owner', 'admin']),
  ('own.manage', array['owner', 'admin', 'member', 'viewer']),
  ('canned_responses.view', array['owner', 'admin', 'member']),
  ('canned_responses.manage', array['owner', 'admin']),
  ('articles.view', array['owner', 'admin', 'member', 'viewer']),
  ('articles.manage', array['owner', 'admin', 'member']),
  ('articles.publish', array['owner', 'admin']),
  ('contacts.view', array['owner', 'admin', 'member', 'viewer']),
  ('contacts.manage', array['owner', 'admin', 'member']),
  ('contacts.merge', array['owner', 'admin']),
  ('contacts.erase', array['owner']),
  ('organizations.manage', array['owner', 'admin']),
  ('routing.view', array['owner', 'admin', 'member', 'viewer']),
  ('routing.manage', array['owner', 'admin']),
  ('sla.view', array['owner', 'admin', 'member', 'viewer']),
  ('sla.manage', array['owner', 'admin']),
  ('audit.view', array['owner', 'admin']),
  ('audit.export', array['owner', 'admin']),
  ('views.share', array['owner', 'admin']),
  ('tickets.export', array['owner', 'admin', 'member']),
  ('webhooks.manage', array['owner', 'admin']),
  ('api_keys.manage', array['owner', 'admin']),
  ('api_keys.own', array['owner', 'admin', 'member', 'viewer']),
  ('jobs.manage', array['owner', 'admin'])
) as list (permission, roles);

-- What an API key may do: these permissions, as far as the role of its member has them. shared/permissions.ts has the same rows,
-- and a test compares the two.
create table private.scope_permissions (
  scope text not null check (scope in ('read', 'write', 'assign', 'export')),
  permission text not null,
  primary key (permission, scope)
);
comment on table private.scope_permissions is
  'Which scope of an API key leaves which permission; shared/permissions.ts holds the same list';

insert into private.scope_permissions (permission, scope)
select permission, unnest(scopes)
from (values
  ('team.view', array['read', 'write', 'assign', 'export']),
  ('members.view_emails', array['read', 'write', 'assign', 'export']),
  ('tickets.view', array['read', 'write', 'assign', 'export']),
  ('canned_responses.view', array['read', 'write', 'assign', 'export']),
  ('articles.view', array['read', 'write', 'assign', 'export']),
  ('contacts.view', array['read', 'write', 'assign', 'export']),
  ('routing.view', array['read', 'write', 'assign', 'export']),
  ('sla.view', array['read', 'write', 'assign', 'export']),
  ('audit.view', array['read', 'write', 'assign', 'export']),
  ('tickets.create', array['write']),
  ('tickets.update', array['write']),
  ('tickets.claim', array['write']),
  ('tickets.close', array['write']),
  ('tickets.delete', array['write']),
  ('replies.create', array['write']),
  ('replies.delete_any', array['write']),
  ('attachments.create', array['write']),
  ('attachments.delete_any', array['write']),
  ('canned_responses.manage', array['write']),
  ('articles.manage', array['write']),
  ('articles.publish', array['write']),
  ('contacts.manage', array['write']),
  ('routing.manage', array['write']),
  ('sla.manage', array['write']),
  ('tickets.assign', array['assign']),
  ('tickets.export', array['export']),
  ('audit.export', array['export'])
) as list (permission, scopes);

-- Text that people write --------------------------------------------------------------------------------------------------
-- Checks for a column of one line, an e-mail address or a tag. shared/schemas/text.ts has the same rules for forms and routes,
-- and a test compares the two character by character.

-- Blanks, controls, format characters and fillers (Hangul, Braille) are invisible.
create function private.is_visible(value text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return value ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
    '\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
    '\U000e0000-\U000e0fff]';
end $$;
comment on function private.is_visible(text) is 'Whether a text holds a character that a reader sees';

-- No line breaks or other controls, and no characters that change the direction of the surrounding text.
create function private.is_line(value text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return value !~ '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]'
    and value !~ '^[\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|[\u0009-\u000d\u0020\u00a0\u1680'
      '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]$'
    and private.is_visible(value);
end $$;
comment on function private.is_line(text) is 'Whether a text is one visible line without blanks around it';

-- Turns a text into one line of at most `most` characters; null if nothing of it is visible.
create function private.as_line(value text, most integer) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  line text := regexp_replace(regexp_replace(value, '[\u202a-\u202e\u2066-\u2069]', '', 'g'), '[\u0001-\u001f\u007f-\u009f\u2028\u2029]',
    ' ', 'g');
begin
  line := left(regexp_replace(line, '^[\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+', ''), most);
  line := regexp_replace(line, '[\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+$', '');
  return case when private.is_line(line) then line end;
end $$;

-- One address, in lower case: a local part of RFC 5321 without quotes, and a domain of at least two labels. The local part is
-- ASCII, because few servers accept others. The domain may be internationalised, written in its own letters.
create function private.is_email(value text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return length(value) <= 318
    and value = lower(value collate "und-x-icu") and value is nfc normalized
    and value ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u034e'
      '\u0350-\u061b\u061d-\u115e\u1161-\u167f\u1681-\u17b3\u17b6-\u180a\u1810-\u1fff\u2c00-\u2dff\u2e80-\u2fef\u3005-\u3007'
      '\u3021-\u302f\u3031-\u303c\u3040-\u3163\u3165-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff\ufe20-\ufe2f\ufe70-\ufefe'
      '\U00010000-\U0001bc9f\U0001bca4-\U0001d172\U0001d17b-\U0001efff\U00020000-\U0003ffff]([a-z0-9\u00b7\u00c0-\u00d6'
      '\u00d8-\u00f6\u00f8-\u034e\u0350-\u061b\u061d-\u115e\u1161-\u167f\u1681-\u17b3\u17b6-\u180a\u1810-\u1fff\u2c00-\u2dff'
      '\u2e80-\u2fef\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u3163\u3165-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff\ufe20-\ufe2f'
      '\ufe70-\ufefe\U00010000-\U0001bc9f\U0001bca4-\U0001d172\U0001d17b-\U0001efff\U00020000-\U0003ffff-]{0,61}[a-z0-9\u00b7'
      '\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u034e\u0350-\u061b\u061d-\u115e\u1161-\u167f\u1681-\u17b3\u17b6-\u180a\u1810-\u1fff'
      '\u2c00-\u2dff\u2e80-\u2fef\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u3163\u3165-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff'
      '\ufe20-\ufe2f\ufe70-\ufefe\U00010000-\U0001bc9f\U0001bca4-\U0001d172\U0001d17b-\U0001efff\U00020000-\U0003ffff])?\.)+[a-'
      'z\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u034e\u0350-\u061b\u061d-\u115e\u1161-\u167f\u1681-\u17b3\u17b6-\u180a'
      '\u1810-\u1fff\u2c00-\u2dff\u2e80-\u2fef\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u3163\u3165-\ud7ff\uf900-\ufdcf'
      '\ufdf0-\ufdff\ufe20-\ufe2f\ufe70-\ufefe\U00010000-\U0001bc9f\U0001bca4-\U0001d172\U0001d17b-\U0001efff'
      '\U00020000-\U0003ffff][a-z0-9\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u034e\u0350-\u061b\u061d-\u115e\u1161-\u167f'
      '\u1681-\u17b3\u17b6-\u180a\u1810-\u1fff\u2c00-\u2dff\u2e80-\u2fef\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u3163'
      '\u3165-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff\ufe20-\ufe2f\ufe70-\ufefe\U00010000-\U0001bc9f\U0001bca4-\U0001d172'
      '\U0001d17b-\U0001efff\U00020000-\U0003ffff-]{0,61}[a-z0-9\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u034e\u0350-\u061b'
      '\u061d-\u115e\u1161-\u167f\u1681-\u17b3\u17b6-\u180a\u1810-\u1fff\u2c00-\u2dff\u2e80-\u2fef\u3005-\u3007\u3021-\u302f'
      '\u3031-\u303c\u3040-\u3163\u3165-\ud7ff\uf900-\ufdcf\ufdf0-\ufdff\ufe20-\ufe2f\ufe70-\ufefe\U00010000-\U0001bc9f'
      '\U0001bca4-\U0001d172\U0001d17b-\U0001efff\U00020000-\U0003ffff]$'
    and position('@' in value) <= 65;
end $$;
comment on function private.is_email(text) is 'Whether a text is one e-mail address';

create function private.is_tag(value text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return private.is_line(value) and position(',' in value) = 0 and value = lower(value collate "und-x-icu") and value is nfc normalized;
end $$;
comment on function private.is_tag(text) is 'Whether a text is a tag: a line in lower case without commas';

-- Constraints run with the rights of the writer.
grant execute on function private.is_visible(text), private.is_line(text), private.is_email(text), private.is_tag(text)
  to authenticated, service_role;

create function private.tg__set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;
