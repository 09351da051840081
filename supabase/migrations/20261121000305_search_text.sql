-- Search text: the words of a text, for searches in any script.

-- A text as it is searched. The configuration is always `simple`: teams write in every language, and the stemming of one language
-- damages the words of the others. Letters are folded for all scripts. Punctuation separates words, so that addresses, paths and error
-- codes are found by their parts. Scripts without spaces between words (Han, kana, Hangul, Thai, Lao, Khmer, Myanmar) are split into
-- characters with their marks, so that a word of any length is found inside a sentence, as a phrase.
create function private.search_text(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  folded text := private.fold_text(value);
begin
  if octet_length(folded) <> length(folded) then
    folded := regexp_replace(folded,
      '[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u103f\u1780-\u17b3'
        '\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3'
        '\uf900-\ufaff\U00020000-\U0003ffff]'
        '[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3\u3099\u309a]*',
      ' \& ', 'g');
  end if;
  return translate(folded, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32));
end $$;

-- Other spellings by which a text is found as well: "Müller" also as "Mueller"; Persian words whose prefixes or endings follow a
-- half-space or a space, both joined and apart.
create function private.other_spellings(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  umlauts constant text := E'\u00C4\u00C5\u00D6\u00D8\u00DC\u00E4\u00E5\u00F6\u00F8\u00FC';
  spelled text := '';
begin
  if octet_length(value) = length(value) then
    return '';
  end if;
  value := translate(private.compose(value), E'\n\r\t', '   ');
  -- No regular expressions for single words: starting one costs more than comparing a word.
  if value ~ '[\u00C4\u00C5\u00D6\u00D8\u00DC\u00E4\u00E5\u00F6\u00F8\u00FC]' then
    select coalesce(string_agg(word, ' '), '') into spelled
    from unnest(string_to_array(value, ' ')) as word where octet_length(word) <> length(word) and word <> translate(word, umlauts, '');
    for i in 1 .. length(umlauts) loop
      spelled := replace(spelled, substr(umlauts, i, 1), (array['ae', 'aa', 'oe', 'oe', 'ue'])[(i - 1) % 5 + 1]);
    end loop;
  end if;
  if position(E'\u200C' in value) > 0 then
    spelled := spelled || ' ' || (
      select coalesce(string_agg(replace(word, E'\u200C', ' '), ' '), '') from unnest(string_to_array(value, ' ')) as word
        where position(E'\u200C' in word) > 0
    );
  end if;
  if value ~ '[\u0600-\u06FF] [\u0600-\u06FF]' then
    -- The prefixes of verbs, and the endings of plurals and comparatives.
    spelled := spelled || ' ' || (
      select coalesce(string_agg(pair.word || pair.next, ' '), '')
      from (
        select words.word, lead(words.word) over (order by words.place) as next
        from unnest(string_to_array(private.fold_text(value), ' ')) with ordinality as words (word, place)
      ) as pair
      where (pair.word in (E'\u0645\u064A', E'\u0646\u0645\u064A') and pair.next <> '')
        or (pair.word <> ''
          and rtrim(pair.next, E'.,:;!?\u060C\u061B\u061F') in (E'\u0647\u0627', E'\u0647\u0627\u064A', E'\u0647\u0627\u064A\u064A',
            E'\u062A\u0631', E'\u062A\u0631\u064A\u0646'))
    );
  end if;
  return spelled;
end $$;

create function private.search_vector(value text) returns tsvector
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  spelled text := private.other_spellings(value);
begin
  if spelled = '' then
    return to_tsvector('simple', private.search_text(value));
  end if;
  return to_tsvector('simple', private.search_text(value)) || to_tsvector('simple', private.search_text(spelled));
end $$;

-- One term of a search as a query: the words of `value` directly after each other. `flags` are those of a tsquery: ':*' for words that
-- begin so, ':C' for the requester only. Empty if `value` contains no word.
create function private.search_term(value text, flags text default '') returns tsquery
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return to_tsquery('simple', '''' || private.search_text(value) || ' ''' || flags);
end $$;
grant execute on function private.has_long_word(text), private.decompose(text), private.compose(text), private.fold_text(text),
    private.search_text(text), private.other_spellings(text), private.search_vector(text), private.search_term(text, text)
  to authenticated, service_role;

-- The searched text of a ticket, with weights.
create function private.ticket_search(subject text, description text, requester_name text, requester_email text) returns tsvector
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return setweight(private.search_vector(subject), 'A')
    || setweight(private.search_vector(description), 'B')
    || setweight(private.search_vector(coalesce(requester_name, '') || ' ' || coalesce(requester_email, '')), 'C');
end $$;
