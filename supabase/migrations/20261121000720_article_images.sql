-- Pictures of articles. A text names a picture as `images/<id>.<extension>`, and whoever may read the text may see the picture.

-- The bytes are in the bucket `attachments`, where the upload was stored.
create table private.article_images (
  id uuid primary key, -- that of the upload
  team_id uuid not null references public.teams (id) on delete cascade,
  created_by uuid not null references public.profiles (id),
  name text not null check (private.is_file_name(name)),
  size integer not null check (size between 1 and 26214400), -- bytes
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
  -- infected: found by a later scan; the bytes are deleted.
  state text not null check (state in ('clean', 'unscanned', 'infected')),
  signature text check (length(signature) between 1 and 200), -- the scanner's name of what it found
  created_at timestamptz not null default now(),
  unused_since timestamptz default now(), -- null: a text names it. A job deletes what no text has named for a day.
  unique (team_id, id),
  check ((state = 'infected') = (signature is not null))
);
create index article_images_created_by on private.article_images (created_by); -- the foreign key
create index article_images_unused_since on private.article_images (unused_since) where unused_since is not null; -- a job deletes them
create index article_images_unscanned on private.article_images (created_at) where state = 'unscanned'; -- a job scans them
comment on table private.article_images is 'Pictures of articles';

create table private.article_image_uses (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  image_id uuid not null,
  article_id uuid not null,
  locale text not null,
  revision_id uuid, -- null: the working draft
  unique nulls not distinct (image_id, article_id, locale, revision_id),
  foreign key (team_id, image_id) references private.article_images (team_id, id) on delete cascade,
  foreign key (team_id, article_id, locale) references public.article_translations (team_id, article_id, locale) on delete cascade,
  foreign key (team_id, revision_id) references public.article_revisions (team_id, id) on delete cascade
);
create index article_image_uses_image_id on private.article_image_uses (team_id, image_id); -- who may see it, and the foreign key
create index article_image_uses_article on private.article_image_uses (team_id, article_id, locale); -- the draft, and the foreign key
create index article_image_uses_revision_id on private.article_image_uses (team_id, revision_id); -- the foreign key
comment on table private.article_image_uses is 'Which drafts and revisions of articles name which picture';

-- Writing is granted to nobody: the functions below write what the server has received and found.
grant select, insert, update, delete on private.article_images, private.article_image_uses to service_role;

-- The ids of the pictures that a text names: at most 500.
create function private.named_images(content text) returns uuid[]
language plpgsql immutable set search_path = '' as $$
begin
  return array(
    select distinct named[1]::uuid
    from regexp_matches(content, '\mimages/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})', 'g') as named
    limit 500
  );
end $$;

-- Notes which pictures of the team a text names. Without `revision_id`, the text is the working draft.
create function private.note_image_uses(team_id uuid, article_id uuid, locale text, revision_id uuid, content text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- Locked, so that a job does not delete them meanwhile.
  images uuid[] := array(
    select image.id from private.article_images as image
    where image.team_id = note_image_uses.team_id and image.id = any (private.named_images(note_image_uses.content))
    order by image.id for key share
  );
begin
  if note_image_uses.revision_id is null then
    delete from private.article_image_uses as former
    where former.team_id = note_image_uses.team_id and former.article_id = note_image_uses.article_id
      and former.locale = note_image_uses.locale and former.revision_id is null and former.image_id <> all (images);
  end if;
  insert into private.article_image_uses (team_id, image_id, article_id, locale, revision_id)
  select note_image_uses.team_id, image, note_image_uses.article_id, note_image_uses.locale, note_image_uses.revision_id
  from unnest(images) as image
  on conflict do nothing;
  update private.article_images as image set unused_since = null
  where image.team_id = note_image_uses.team_id and image.id = any (images) and image.unused_since is not null;
end $$;

create function private.tg_article_drafts__note_images() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.note_image_uses(new.team_id, new.article_id, new.locale, null, new.content);
  return null;
end $$;
create trigger _700_note_images after insert on public.article_drafts
  for each row when (strpos(new.content, 'images/') > 0) execute function private.tg_article_drafts__note_images();
create trigger _700_note_changed_images after update on public.article_drafts
  for each row when (new.content <> old.content and strpos(new.content || old.content, 'images/') > 0)
  execute function private.tg_article_drafts__note_images();

create function private.tg_article_revisions__note_images() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.note_image_uses(new.team_id, new.article_id, new.locale, new.id, new.content);
  return null;
end $$;
create trigger _700_note_images after insert on public.article_revisions
  for each row when (strpos(new.content, 'images/') > 0) execute function private.tg_article_revisions__note_images();

create function private.tg_article_image_uses__note_unused() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update private.article_images as image set unused_since = now()
  where image.id in (select former.image_id from removed as former) and image.unused_since is null
    and not exists (select from private.article_image_uses as other where other.team_id = image.team_id and other.image_id = image.id);
  return null;
end $$;
create trigger _700_note_unused after delete on private.article_image_uses referencing old table as removed
  for each statement execute function private.tg_article_image_uses__note_unused();

-- Turns an upload of the caller into a picture for articles. `usual` is that of blocks_unscanned(). Raises what require_attachable()
-- raises, and 422 `not_a_picture`.
create function private.keep_article_image(team_id uuid, upload_id uuid, usual text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  upload public.uploads;
begin
  perform private.require_permission(keep_article_image.team_id, 'articles.manage');
  select * into upload from public.uploads as row
  where row.team_id = keep_article_image.team_id and row.id = keep_article_image.upload_id and row.uploaded_by = (select auth.uid())
    and row.api_key_id is not distinct from private.acting_api_key_id()
  for update;
  perform private.require_attachable(upload, keep_article_image.upload_id,
    private.blocks_unscanned(keep_article_image.team_id, keep_article_image.usual));
  if upload.content_type not in ('image/png', 'image/jpeg', 'image/gif', 'image/webp') then
    raise exception 'Choose a PNG, JPEG, GIF or WebP picture' using errcode = 'PT422', detail = 'not_a_picture';
  end if;
  insert into private.article_images (id, team_id, created_by, name, size, sha256, content_type, state)
  values (upload.id, upload.team_id, upload.uploaded_by, upload.name, upload.size, upload.sha256, upload.content_type, upload.state);
  delete from public.uploads as row where row.id = upload.id;
  if (select count(*) from private.article_images as image where image.team_id = upload.team_id) > 10000 then
    raise exception 'A team has at most 10,000 pictures in articles' using errcode = 'PT422', detail = 'article_image_limit';
  end if;
end $$;

-- Whether the caller may see a picture: a published text that they may read names it, or they may edit a draft or revision that names it,
-- or they uploaded it. In the portal and the help centre a member reads as a client or as anybody.
create function private.can_see_image(image private.article_images) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  audiences text[] := private.article_audiences(image.team_id);
begin
  if exists (
    select from private.article_image_uses as use
    join private.published_articles as article on article.team_id = use.team_id and article.id = use.article_id
      and article.locale = use.locale and article.revision_id = use.revision_id
    where use.team_id = image.team_id and use.image_id = image.id and article.audience = any (audiences)
  ) then
    return true;
  elsif audiences @> '{internal}' then -- a member
    return private.has_permission(image.team_id, 'articles.publish')
      or (private.has_permission(image.team_id, 'articles.manage') and (image.created_by = (select auth.uid()) or exists (
        select from private.article_image_uses as use
        join public.articles as article on article.id = use.article_id
        where use.team_id = image.team_id and use.image_id = image.id and article.created_by = (select auth.uid())
      )));
  end if;
  return false;
end $$;

-- A picture that the caller may see. `usual` is block or warn: what a team that has not decided does with files that were not scanned.
-- Raises 404, and 409 `attachment_unscanned`.
create function private.article_image(team_id uuid, image_id uuid, usual text)
  returns table (id uuid, name text, size integer, content_type text)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  image private.article_images;
begin
  select * into image from private.article_images as candidate
  where candidate.team_id = article_image.team_id and candidate.id = article_image.image_id and candidate.state <> 'infected';
  if not found or private.can_see_image(image) is not true then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  elsif image.state = 'unscanned' and 'block' = coalesce(
    (select team.unscanned_files from public.teams as team where team.id = image.team_id), article_image.usual
  ) then
    raise exception 'This file waits for the virus scanner; try again later' using errcode = 'PT409', detail = 'attachment_unscanned';
  end if;
  return query select image.id, image.name, image.size, image.content_type;
end $$;

grant execute on function private.keep_article_image(uuid, uuid, text) to authenticated;
grant execute on function private.article_image(uuid, uuid, text) to anon, authenticated;

-- As for an upload: what a later scan finds is an event of the team.
create function private.tg_article_images__record_infection() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_team_event(new.team_id, 'attachment.infected', null, jsonb_build_object(
    'name', new.name, 'sha256', new.sha256, 'signature', new.signature,
    'uploaded_by', private.uploader_reference(new.team_id, new.created_by, null)
  ));
  return null;
end $$;
create trigger _600_record_infection after update on private.article_images
  for each row when (new.state = 'infected' and old.state <> 'infected') execute function private.tg_article_images__record_infection();
