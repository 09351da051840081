-- Mail budgets: how much mail a team may send to people who have not shown that they want it. A new team can mail few strangers. Its
-- budgets grow with its age and with every stranger who accepts an invitation or rates a ticket.

-- Mailboxes that answered this team. Mails about their tickets need no budget; invitations do.
create table private.known_mailboxes (
  team_id uuid not null references public.teams (id) on delete cascade,
  address_hash bytea not null check (octet_length(address_hash) = 32), -- of exactly this address
  mailbox_hash bytea not null check (octet_length(mailbox_hash) = 32), -- equal for all variants of it: one person is one answer
  answered_at timestamptz not null default now(),
  primary key (team_id, address_hash)
);
comment on table private.known_mailboxes is 'SHA-256 of addresses that accepted an invitation of the team or rated one of its tickets';

-- One row for each mail to a stranger. No foreign key: deleting and founding a team again, or revoking and repeating an invitation,
-- does not refill a budget.
create table private.stranger_mails (
  id bigint generated always as identity primary key,
  team_id uuid not null,
  kind text not null check (kind in ('invitation', 'client')),
  sender_hash bytea check (octet_length(sender_hash) = 32), -- the mailbox of the person who caused it; null: a job
  mailbox_hash bytea not null check (octet_length(mailbox_hash) = 32),
  is_new_team boolean not null,
  mail_id uuid unique, -- of the outbox: a retry takes nothing more
  taken_at timestamptz not null default now()
);
comment on table private.stranger_mails is 'Mails that count against mail budgets, with hashed addresses; kept for two days';
create index stranger_mails_of_team on private.stranger_mails (team_id, kind, taken_at desc);
create index stranger_mails_of_sender on private.stranger_mails (sender_hash, kind, taken_at desc) where is_new_team;
create index stranger_mails_to_mailbox on private.stranger_mails (mailbox_hash, taken_at desc);
create index stranger_mails_taken_at on private.stranger_mails (taken_at); -- a job deletes old rows

-- A label of a domain in its own script: "xn--bcher-kva" becomes "bücher" (RFC 3492). A label that is no Punycode stays as it is.
create function private.unicode_label(label text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  encoded text := substring(label from 5);
  ascii integer := length(encoded) - position('-' in reverse(encoded)); -- letters before the last hyphen
  letters text[];
  at integer;
  code bigint := 128;
  place bigint := 0;
  start bigint;
  weight bigint;
  step integer;
  bias integer := 72;
  threshold integer;
  digit integer;
  delta bigint;
begin
  if label !~ '^xn--[a-z0-9-]+$' or length(label) > 63 then
    return label;
  end if;
  if position('-' in encoded) = 0 then
    ascii := 0;
  end if;
  letters := string_to_array(left(encoded, ascii), null);
  at := case ascii when 0 then 1 else ascii + 2 end;
  while at <= length(encoded) loop
    start := place;
    weight := 1;
    step := 36;
    loop
      digit := position(substr(encoded, at, 1) in 'abcdefghijklmnopqrstuvwxyz0123456789') - 1;
      if at > length(encoded) or digit < 0 then
        return label;
      end if;
      at := at + 1;
      place := place + digit * weight;
      threshold := greatest(1, least(26, step - bias));
      exit when digit < threshold;
      weight := weight * (36 - threshold);
      step := step + 36;
      if greatest(place, weight) > 2147483647 then
        return label;
      end if;
    end loop;
    delta := (place - start) / case start when 0 then 700 else 2 end;
    delta := delta + delta / (cardinality(letters) + 1);
    bias := 0;
    while delta > 455 loop
      delta := delta / 35;
      bias := bias + 36;
    end loop;
    bias := bias + 36 * delta / (delta + 38);
    code := code + place / (cardinality(letters) + 1);
    place := place % (cardinality(letters) + 1);
    if code > 1114111 or code between 55296 and 57343 then
      return label;
    end if;
    letters := letters[:place::integer] || chr(code::integer) || letters[place::integer + 1:];
    place := place + 1;
  end loop;
  return array_to_string(letters, '');
end $$;

-- One spelling of a domain: in its own script and lower case, whether it was written so or in ASCII.
create function private.canonical_domain(domain text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  normal text := replace(lower(normalize(canonical_domain.domain, nfkc)), '。', '.');
begin
  if normal not like '%xn--%' then
    return normal;
  end if;
  return (
    select lower(normalize(string_agg(private.unicode_label(part.label), '.' order by part.place), nfkc))
    from string_to_table(normal, '.') with ordinality as part (label, place)
  );
end $$;

-- Variants that reach the same mailbox have the same hash: spellings of the domain, case, compatibility forms, +tags, and dots in the
-- local part. Providers treat dots differently; if two people share a hash, they share a budget and nothing else.
create function private.mailbox_hash(address text) returns bytea
language plpgsql immutable set search_path = '' as $$
declare
  normal text := lower(normalize(btrim(mailbox_hash.address), nfkc));
  name text := regexp_replace(normal, '@[^@]*$', '');
  domain text := private.canonical_domain(substring(normal from '@([^@]*)$'));
begin
  name := coalesce(nullif(replace(regexp_replace(name, '\+.*$', ''), '.', ''), ''), name);
  return sha256(convert_to(name || '@' || case domain when 'googlemail.com' then 'gmail.com' else coalesce(domain, '') end, 'UTF8'));
end $$;

create function private.address_hash(address text) returns bytea
language plpgsql immutable set search_path = '' as $$
declare
  normal text := lower(btrim(address_hash.address));
begin
  return sha256(convert_to(regexp_replace(normal, '@[^@]*$', '') || '@'
      || coalesce(private.canonical_domain(substring(normal from '@([^@]*)$')), ''),
    'UTF8'));
end $$;

create function private.is_known_mailbox(team_id uuid, address text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from private.known_mailboxes as known
    where known.team_id = is_known_mailbox.team_id and known.address_hash = private.address_hash(is_known_mailbox.address)
  );
end $$;

-- Records that somebody with this mailbox answered the team.
create function private.remember_mailbox(team_id uuid, address text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.known_mailboxes (team_id, address_hash, mailbox_hash)
  values (remember_mailbox.team_id, private.address_hash(remember_mailbox.address), private.mailbox_hash(remember_mailbox.address))
  on conflict on constraint known_mailboxes_pkey do nothing;
end $$;

-- The mailbox identifies the person: accounts with variants of one address share a budget. For a service agent it is its id.
create function private.sender_hash(user_id uuid) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(private.mailbox_hash(person.email), sha256(convert_to(person.id::text, 'UTF8')))
    from public.profiles as person where person.id = sender_hash.user_id
  );
end $$;
