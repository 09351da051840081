-- Organizations: the companies of clients. An organization lists domains, and new contacts with an address there belong to it.

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  name text not null check (length(name) between 1 and 200 and private.is_line(name)),
  tier text check (length(tier) between 1 and 50 and private.is_line(tier)), -- what the team has agreed with them, for example "Gold"
  notes text check (length(notes) between 1 and 10000 and private.is_visible(notes)), -- for agents; clients never see them
  shares_tickets boolean not null default false, -- whether its contacts see each other's tickets in the portal
  created_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id)
);
alter table public.organizations enable row level security;
create index organizations_by_name on public.organizations (team_id, name collate "und-x-icu", id);
create index organizations_created_by on public.organizations (created_by); -- the foreign key
comment on table public.organizations is 'A company of clients';

create policy organizations_select_members on public.organizations for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.view'))::uuid[]));
create policy organizations_insert_managers on public.organizations for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
create policy organizations_update_managers on public.organizations for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
create policy organizations_delete_managers on public.organizations for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
grant select, delete on public.organizations to authenticated;
grant insert (team_id, name, tier, notes, shares_tickets, created_by) on public.organizations to authenticated;
grant update (name, tier, notes, shares_tickets) on public.organizations to authenticated;
grant select, insert, update, delete on public.organizations to service_role;

create trigger organizations__set_updated_at before update on public.organizations
  for each row execute function private.tg__set_updated_at();

create table public.organization_domains (
  team_id uuid not null,
  domain text not null check (private.is_email('a@' || domain) and domain like '%.%'),
  organization_id uuid not null,
  primary key (team_id, domain),
  foreign key (team_id, organization_id) references public.organizations (team_id, id) on delete cascade
);
alter table public.organization_domains enable row level security;
create index organization_domains_organization on public.organization_domains (team_id, organization_id); -- the foreign key
comment on table public.organization_domains is 'The mail domains of organizations; each belongs to one organization of a team';

create policy organization_domains_select_members on public.organization_domains for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.view'))::uuid[]));
create policy organization_domains_insert_managers on public.organization_domains for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
create policy organization_domains_delete_managers on public.organization_domains for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
grant select, delete on public.organization_domains to authenticated;
grant insert (team_id, domain, organization_id) on public.organization_domains to authenticated;
grant select, insert, update, delete on public.organization_domains to service_role;

-- Domains where anybody can have an address: an organization with one of them would contain strangers.
create table private.mail_providers (domain text primary key);
comment on table private.mail_providers is 'Public mail providers, whose domains no organization can list';
insert into private.mail_providers (domain)
select domain from regexp_split_to_table('
  gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com windowslive.com outlook.de outlook.fr outlook.es
  outlook.it hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it hotmail.com.br hotmail.nl hotmail.be live.de live.fr
  live.co.uk live.nl live.it live.com.mx live.be live.se yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca
  yahoo.com.br yahoo.com.mx yahoo.com.ar yahoo.com.au yahoo.co.in yahoo.in yahoo.co.jp yahoo.co.id yahoo.com.ph yahoo.com.sg
  yahoo.com.tw yahoo.com.hk yahoo.com.vn yahoo.gr yahoo.ro yahoo.se yahoo.no yahoo.dk ymail.com rocketmail.com aol.com aol.de
  aol.co.uk aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com
  tuta.com tuta.io keemail.me gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.eu gmx.info web.de email.de mail.de t-online.de freenet.de
  arcor.de online.de posteo.de posteo.net posteo.org mailbox.org 1und1.de vodafone.de kabelmail.de unitybox.de ewe.net bluewin.ch
  hispeed.ch sunrise.ch aon.at chello.at a1.net free.fr orange.fr wanadoo.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr
  libero.it virgilio.it tiscali.it alice.it tin.it inwind.it iol.it fastwebnet.it poste.it telefonica.net terra.es ono.com sapo.pt
  telenet.be skynet.be proximus.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl upcmail.nl telia.com comhem.se
  bredband.net tele2.se online.no getmail.no mail.dk jubii.dk stofanet.dk luukku.com kolumbus.fi suomi24.fi wp.pl o2.pl onet.pl
  onet.eu interia.pl interia.eu gazeta.pl op.pl poczta.onet.pl seznam.cz centrum.cz email.cz post.cz volny.cz azet.sk centrum.sk
  zoznam.sk freemail.hu citromail.hu indamail.hu abv.bg mail.bg yandex.ru yandex.com ya.ru mail.ru bk.ru inbox.ru list.ru
  rambler.ru ukr.net i.ua meta.ua mail.ee inbox.lv inbox.lt one.lt mail.com email.com usa.com consultant.com engineer.com
  europe.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com hushmail.com runbox.com mailfence.com startmail.com
  disroot.org riseup.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
  optonline.net frontier.com windstream.net juno.com netzero.net shaw.ca rogers.com bell.net sympatico.ca telus.net videotron.ca
  btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk tiscali.co.uk bigpond.com optusnet.com.au
  iinet.net.au xtra.co.nz uol.com.br bol.com.br terra.com.br ig.com.br globo.com rediffmail.com sify.com qq.com foxmail.com
  163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com naver.com hanmail.net daum.net nate.com
  docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp au.com walla.co.il walla.com mailinator.com guerrillamail.com yopmail.com
  10minutemail.com temp-mail.org
', '\s+') as domain where domain <> '';

create function private.tg_organization_domains__check() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from private.mail_providers as provider where provider.domain = new.domain) then
    raise exception '% is a public mail provider: its addresses belong to anybody', new.domain
      using errcode = 'PT422', detail = 'mail_provider';
  end if;
  return new;
end $$;
create trigger _200_check before insert or update on public.organization_domains
  for each row execute function private.tg_organization_domains__check();

create function private.tg_organization_domains__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.organization_domains as entry
    where entry.team_id = new.team_id and entry.organization_id = new.organization_id) > 50 then
    raise exception 'An organization has at most 50 domains' using errcode = 'PT422', detail = 'domain_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.organization_domains
  for each row execute function private.tg_organization_domains__limit();
