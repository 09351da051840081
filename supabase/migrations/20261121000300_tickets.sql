-- Tickets: routing (category › type › item), tickets, replies, tags, canned responses. Numbers, automatic fields, counters and status rules
-- are kept here, so that they hold by whatever path a row is written.

-- Words ---------------------------------------------------------------------------------------------------------------

-- Postgres orders the marks behind a letter by exchanging neighbours, and looks for no cancel meanwhile: 50,000 of them take a
-- minute, whatever statement_timeout says. So words that nobody writes are normalised 500 characters at a time.
create function private.has_long_word(value text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return length(value) > 500 and exists (
    select from unnest(string_to_array(translate(value, E'\n\r\t', '   '), ' ')) as word where length(word) > 500);
end $$;

create function private.decompose(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  if not private.has_long_word(value) then
    return normalize(value, NFKD);
  end if;
  return (
    select string_agg(normalize(substr(value, at, 500), NFKD), '' order by at) from generate_series(1, length(value), 500) as at);
end $$;

create function private.compose(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  if not private.has_long_word(value) then
    return normalize(value, NFC);
  end if;
  return (
    select string_agg(normalize(substr(value, at, 500), NFC), '' order by at) from generate_series(1, length(value), 500) as at);
end $$;

-- Text as letters and digits of all scripts are compared, whatever the locale of the database: case, compatibility forms
-- (full width, ligatures), accents, vowel points and zero-width characters do not count, digits are those of ASCII, and
-- letters that readers take for one are one.
-- Written by scripts/search-fold.ts from shared/utils/fold.ts: change the table there.
create function private.fold_text(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  folded text;
begin
  if octet_length(value) = length(value) then
    return lower(value collate "C"); -- ASCII alone, as most log lines are
  end if;
  folded := regexp_replace(lower(private.decompose(value) collate "pg_c_utf8"),
    '[\u00AD\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF\u05C1-\u05C2\u05C4-\u05C5\u05C7\u0610-\u061A\u061C\u0640\u064B-'
      '\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7-\u06E8\u06EA-\u06ED\u070F\u0711\u0730-\u074A\u07EB-\u07F3\u08CA-\u08E1'
      '\u08E3-\u08FF\u093C\u09BC\u0A3C\u0ABC\u0B3C\u0C3C\u0CBC\u1AB0-\u1ACE\u1DC0-\u1DFF\u200B-\u200F\u202A-\u202E\u2060-\u2064'
      '\u2066-\u206F\u20D0-\u20F0\uFE00-\uFE0F\uFE20-\uFE2F\uFEFF]', '', 'g');
  if folded ~ '[\u00DF\u00E6\u00F0\u00F8\u00FE\u0111\u0127\u0131\u0138\u0142\u014B\u0153\u0167\u0259]' then -- Latin
    folded := replace(folded, E'\u00F8', E'o');
    folded := replace(folded, E'\u0142', E'l');
    folded := replace(folded, E'\u0111', E'd');
    folded := replace(folded, E'\u00F0', E'd');
    folded := replace(folded, E'\u0131', E'i');
    folded := replace(folded, E'\u0127', E'h');
    folded := replace(folded, E'\u014B', E'n');
    folded := replace(folded, E'\u0167', E't');
    folded := replace(folded, E'\u0138', E'k');
    folded := replace(folded, E'\u0259', E'e');
    folded := replace(folded, E'\u00E6', E'ae');
    folded := replace(folded, E'\u0153', E'oe');
    folded := replace(folded, E'\u00DF', E'ss');
    folded := replace(folded, E'\u00FE', E'th');
  end if;
  if folded ~ '[\u0180\u0183\u0185\u0188\u018C\u0192\u0199-\u019A\u019E\u01A3\u01A5\u01A8\u01AB\u01AD\u01B4\u01B6\u01BA\u01BF\u01DD'
      '\u01E5\u021D\u0221\u0223\u0225\u0234-\u0237\u023C\u023F-\u0240\u0247\u0249\u024B\u024D\u024F-\u0258\u025A-\u0266\u0268-'
      '\u026D\u026F-\u0276\u0279-\u0284\u0286-\u0288\u028A-\u0293\u0299-\u02A0\u02A3\u02A6\u02A9-\u02AB\u02AE-\u02AF\u1D00-'
      '\u1D05\u1D07-\u1D0F\u1D11-\u1D14\u1D18-\u1D1D\u1D20-\u1D22\u1D6B-\u1D77\u1D79-\u1D7A\u1D7C-\u1D7D\u1D7F-\u1D9A\u1E9C-'
      '\u1E9D\u1EFB\u1EFD\u1EFF\u2184\u2C61\u2C65-\u2C66\u2C68\u2C6A\u2C6C\u2C71\u2C73-\u2C74\u2C78-\u2C7B\uA729\uA730-\uA731'
      '\uA733\uA735\uA737\uA739\uA73B\uA73D\uA73F\uA741\uA743\uA745\uA749\uA74B\uA74D\uA74F\uA751\uA753\uA755\uA757\uA759\uA75B'
      '\uA75F\uA761\uA778\uA77A\uA77C\uA781\uA783\uA785\uA787\uA78E\uA791\uA793-\uA795\uA797\uA799\uA7A1\uA7A3\uA7A5\uA7A7'
      '\uA7A9\uA7AF\uA7B9\uA7C8\uA7CA\uA7D1\uA7D9\uA7FA\uAB30\uAB33-\uAB34\uAB36-\uAB3C\uAB3F\uAB41-\uAB42\uAB46\uAB49\uAB4B-'
      '\uAB4C\uAB4E\uAB52-\uAB53\uAB56-\uAB5A\uAB62-\uAB63\uAB68]' then -- Latin, extended
    folded := replace(folded, E'\u0250', E'a');
    folded := replace(folded, E'\u0251', E'a');
    folded := replace(folded, E'\u0252', E'a');
    folded := replace(folded, E'\u1D00', E'a');
    folded := replace(folded, E'\u1D8F', E'a');
    folded := replace(folded, E'\u1D90', E'a');
    folded := replace(folded, E'\u2C65', E'a');
    folded := replace(folded, E'\uAB30', E'a');
    folded := replace(folded, E'\u0180', E'b');
    folded := replace(folded, E'\u0183', E'b');
    folded := replace(folded, E'\u0185', E'b');
    folded := replace(folded, E'\u0253', E'b');
    folded := replace(folded, E'\u0299', E'b');
    folded := replace(folded, E'\u1D03', E'b');
    folded := replace(folded, E'\u1D6C', E'b');
    folded := replace(folded, E'\u1D80', E'b');
    folded := replace(folded, E'\uA797', E'b');
    folded := replace(folded, E'\u0188', E'c');
    folded := replace(folded, E'\u023C', E'c');
    folded := replace(folded, E'\u0255', E'c');
    folded := replace(folded, E'\u1D04', E'c');
    folded := replace(folded, E'\u2184', E'c');
    folded := replace(folded, E'\uA73F', E'c');
    folded := replace(folded, E'\uA793', E'c');
    folded := replace(folded, E'\uA794', E'c');
    folded := replace(folded, E'\u018C', E'd');
    folded := replace(folded, E'\u0221', E'd');
    folded := replace(folded, E'\u0256', E'd');
    folded := replace(folded, E'\u0257', E'd');
    folded := replace(folded, E'\u1D05', E'd');
    folded := replace(folded, E'\u1D6D', E'd');
    folded := replace(folded, E'\u1D81', E'd');
    folded := replace(folded, E'\u1D91', E'd');
    folded := replace(folded, E'\uA77A', E'd');
    folded := replace(folded, E'\uA7C8', E'd');
    folded := replace(folded, E'\u01DD', E'e');
    folded := replace(folded, E'\u0247', E'e');
    folded := replace(folded, E'\u0258', E'e');
    folded := replace(folded, E'\u025A', E'e');
    folded := replace(folded, E'\u025B', E'e');
    folded := replace(folded, E'\u025C', E'e');
    folded := replace(folded, E'\u025D', E'e');
    folded := replace(folded, E'\u025E', E'e');
    folded := replace(folded, E'\u029A', E'e');
    folded := replace(folded, E'\u1D07', E'e');
    folded := replace(folded, E'\u1D08', E'e');
    folded := replace(folded, E'\u1D92', E'e');
    folded := replace(folded, E'\u1D93', E'e');
    folded := replace(folded, E'\u1D94', E'e');
    folded := replace(folded, E'\u1D95', E'e');
    folded := replace(folded, E'\u2C78', E'e');
    folded := replace(folded, E'\u2C7B', E'e');
    folded := replace(folded, E'\uAB33', E'e');
    folded := replace(folded, E'\uAB34', E'e');
    folded := replace(folded, E'\u0192', E'f');
    folded := replace(folded, E'\u1D6E', E'f');
    folded := replace(folded, E'\u1D82', E'f');
    folded := replace(folded, E'\uA730', E'f');
    folded := replace(folded, E'\uA77C', E'f');
    folded := replace(folded, E'\uA799', E'f');
    folded := replace(folded, E'\u01E5', E'g');
    folded := replace(folded, E'\u0260', E'g');
    folded := replace(folded, E'\u0261', E'g');
    folded := replace(folded, E'\u0262', E'g');
    folded := replace(folded, E'\u0263', E'g');
    folded := replace(folded, E'\u029B', E'g');
    folded := replace(folded, E'\u1D77', E'g');
    folded := replace(folded, E'\u1D79', E'g');
    folded := replace(folded, E'\u1D83', E'g');
    folded := replace(folded, E'\uA7A1', E'g');
    folded := replace(folded, E'\uA7D1', E'g');
    folded := replace(folded, E'\uAB36', E'g');
    folded := replace(folded, E'\u0265', E'h');
    folded := replace(folded, E'\u0266', E'h');
    folded := replace(folded, E'\u029C', E'h');
    folded := replace(folded, E'\u02AE', E'h');
    folded := replace(folded, E'\u02AF', E'h');
    folded := replace(folded, E'\u2C68', E'h');
    folded := replace(folded, E'\uA795', E'h');
    folded := replace(folded, E'\u0268', E'i');
    folded := replace(folded, E'\u0269', E'i');
    folded := replace(folded, E'\u026A', E'i');
    folded := replace(folded, E'\u1D09', E'i');
    folded := replace(folded, E'\u1D7C', E'i');
    folded := replace(folded, E'\u1D96', E'i');
    folded := replace(folded, E'\u0237', E'j');
    folded := replace(folded, E'\u0249', E'j');
    folded := replace(folded, E'\u025F', E'j');
    folded := replace(folded, E'\u0284', E'j');
    folded := replace(folded, E'\u029D', E'j');
    folded := replace(folded, E'\u1D0A', E'j');
    folded := replace(folded, E'\u0199', E'k');
    folded := replace(folded, E'\u029E', E'k');
    folded := replace(folded, E'\u1D0B', E'k');
    folded := replace(folded, E'\u1D84', E'k');
    folded := replace(folded, E'\u2C6A', E'k');
    folded := replace(folded, E'\uA741', E'k');
    folded := replace(folded, E'\uA743', E'k');
    folded := replace(folded, E'\uA745', E'k');
    folded := replace(folded, E'\uA7A3', E'k');
    folded := replace(folded, E'\u019A', E'l');
    folded := replace(folded, E'\u0234', E'l');
    folded := replace(folded, E'\u026B', E'l');
    folded := replace(folded, E'\u026C', E'l');
    folded := replace(folded, E'\u026D', E'l');
    folded := replace(folded, E'\u029F', E'l');
    folded := replace(folded, E'\u1D0C', E'l');
    folded := replace(folded, E'\u1D85', E'l');
    folded := replace(folded, E'\u2C61', E'l');
    folded := replace(folded, E'\uA749', E'l');
    folded := replace(folded, E'\uA781', E'l');
    folded := replace(folded, E'\uA78E', E'l');
    folded := replace(folded, E'\uAB37', E'l');
    folded := replace(folded, E'\uAB38', E'l');
    folded := replace(folded, E'\uAB39', E'l');
    folded := replace(folded, E'\u026F', E'm');
    folded := replace(folded, E'\u0270', E'm');
    folded := replace(folded, E'\u0271', E'm');
    folded := replace(folded, E'\u1D0D', E'm');
    folded := replace(folded, E'\u1D6F', E'm');
    folded := replace(folded, E'\u1D86', E'm');
    folded := replace(folded, E'\uA7FA', E'm');
    folded := replace(folded, E'\uAB3A', E'm');
    folded := replace(folded, E'\u019E', E'n');
    folded := replace(folded, E'\u0235', E'n');
    folded := replace(folded, E'\u0272', E'n');
    folded := replace(folded, E'\u0273', E'n');
    folded := replace(folded, E'\u0274', E'n');
    folded := replace(folded, E'\u1D0E', E'n');
    folded := replace(folded, E'\u1D70', E'n');
    folded := replace(folded, E'\u1D87', E'n');
    folded := replace(folded, E'\uA791', E'n');
    folded := replace(folded, E'\uA7A5', E'n');
    folded := replace(folded, E'\uAB3B', E'n');
    folded := replace(folded, E'\uAB3C', E'n');
    folded := replace(folded, E'\u0254', E'o');
    folded := replace(folded, E'\u0264', E'o');
    folded := replace(folded, E'\u0275', E'o');
    folded := replace(folded, E'\u1D0F', E'o');
    folded := replace(folded, E'\u1D11', E'o');
    folded := replace(folded, E'\u1D12', E'o');
    folded := replace(folded, E'\u1D13', E'o');
    folded := replace(folded, E'\u1D97', E'o');
    folded := replace(folded, E'\u2C7A', E'o');
    folded := replace(folded, E'\uA74B', E'o');
    folded := replace(folded, E'\uA74D', E'o');
    folded := replace(folded, E'\uAB3F', E'o');
    folded := replace(folded, E'\u01A5', E'p');
    folded := replace(folded, E'\u1D18', E'p');
    folded := replace(folded, E'\u1D71', E'p');
    folded := replace(folded, E'\u1D7D', E'p');
    folded := replace(folded, E'\u1D88', E'p');
    folded := replace(folded, E'\uA751', E'p');
    folded := replace(folded, E'\uA753', E'p');
    folded := replace(folded, E'\uA755', E'p');
    folded := replace(folded, E'\u024B', E'q');
    folded := replace(folded, E'\u02A0', E'q');
    folded := replace(folded, E'\uA757', E'q');
    folded := replace(folded, E'\uA759', E'q');
    folded := replace(folded, E'\uA7AF', E'q');
    folded := replace(folded, E'\u024D', E'r');
    folded := replace(folded, E'\u0279', E'r');
    folded := replace(folded, E'\u027A', E'r');
    folded := replace(folded, E'\u027B', E'r');
    folded := replace(folded, E'\u027C', E'r');
    folded := replace(folded, E'\u027D', E'r');
    folded := replace(folded, E'\u027E', E'r');
    folded := replace(folded, E'\u027F', E'r');
    folded := replace(folded, E'\u0280', E'r');
    folded := replace(folded, E'\u0281', E'r');
    folded := replace(folded, E'\u1D19', E'r');
    folded := replace(folded, E'\u1D1A', E'r');
    folded := replace(folded, E'\u1D72', E'r');
    folded := replace(folded, E'\u1D73', E'r');
    folded := replace(folded, E'\u1D89', E'r');
    folded := replace(folded, E'\u2C79', E'r');
    folded := replace(folded, E'\uA75B', E'r');
    folded := replace(folded, E'\uA783', E'r');
    folded := replace(folded, E'\uA7A7', E'r');
    folded := replace(folded, E'\uAB46', E'r');
    folded := replace(folded, E'\uAB49', E'r');
    folded := replace(folded, E'\uAB4B', E'r');
    folded := replace(folded, E'\uAB4C', E'r');
    folded := replace(folded, E'\uAB68', E'r');
    folded := replace(folded, E'\u01A8', E's');
    folded := replace(folded, E'\u023F', E's');
    folded := replace(folded, E'\u0282', E's');
    folded := replace(folded, E'\u0283', E's');
    folded := replace(folded, E'\u0286', E's');
    folded := replace(folded, E'\u1D74', E's');
    folded := replace(folded, E'\u1D8A', E's');
    folded := replace(folded, E'\u1D8B', E's');
    folded := replace(folded, E'\u1D98', E's');
    folded := replace(folded, E'\u1E9C', E's');
    folded := replace(folded, E'\u1E9D', E's');
    folded := replace(folded, E'\uA731', E's');
    folded := replace(folded, E'\uA785', E's');
    folded := replace(folded, E'\uA7A9', E's');
    folded := replace(folded, E'\uA7CA', E's');
    folded := replace(folded, E'\uA7D9', E's');
    folded := replace(folded, E'\u01AB', E't');
    folded := replace(folded, E'\u01AD', E't');
    folded := replace(folded, E'\u0236', E't');
    folded := replace(folded, E'\u0287', E't');
    folded := replace(folded, E'\u0288', E't');
    folded := replace(folded, E'\u1D1B', E't');
    folded := replace(folded, E'\u1D75', E't');
    folded := replace(folded, E'\u2C66', E't');
    folded := replace(folded, E'\uA787', E't');
    folded := replace(folded, E'\u028A', E'u');
    folded := replace(folded, E'\u1D1C', E'u');
    folded := replace(folded, E'\u1D1D', E'u');
    folded := replace(folded, E'\u1D7F', E'u');
    folded := replace(folded, E'\u1D99', E'u');
    folded := replace(folded, E'\uA7B9', E'u');
    folded := replace(folded, E'\uAB4E', E'u');
    folded := replace(folded, E'\uAB52', E'u');
    folded := replace(folded, E'\u028B', E'v');
    folded := replace(folded, E'\u028C', E'v');
    folded := replace(folded, E'\u1D20', E'v');
    folded := replace(folded, E'\u1D8C', E'v');
    folded := replace(folded, E'\u1EFD', E'v');
    folded := replace(folded, E'\u2C71', E'v');
    folded := replace(folded, E'\u2C74', E'v');
    folded := replace(folded, E'\uA75F', E'v');
    folded := replace(folded, E'\u01BF', E'w');
    folded := replace(folded, E'\u028D', E'w');
    folded := replace(folded, E'\u1D21', E'w');
    folded := replace(folded, E'\u2C73', E'w');
    folded := replace(folded, E'\u1D8D', E'x');
    folded := replace(folded, E'\uAB53', E'x');
    folded := replace(folded, E'\uAB56', E'x');
    folded := replace(folded, E'\uAB57', E'x');
    folded := replace(folded, E'\uAB58', E'x');
    folded := replace(folded, E'\uAB59', E'x');
    folded := replace(folded, E'\u01B4', E'y');
    folded := replace(folded, E'\u021D', E'y');
    folded := replace(folded, E'\u024F', E'y');
    folded := replace(folded, E'\u028E', E'y');
    folded := replace(folded, E'\u028F', E'y');
    folded := replace(folded, E'\u1EFF', E'y');
    folded := replace(folded, E'\uAB5A', E'y');
    folded := replace(folded, E'\u01B6', E'z');
    folded := replace(folded, E'\u01BA', E'z');
    folded := replace(folded, E'\u0225', E'z');
    folded := replace(folded, E'\u0240', E'z');
    folded := replace(folded, E'\u0290', E'z');
    folded := replace(folded, E'\u0291', E'z');
    folded := replace(folded, E'\u0292', E'z');
    folded := replace(folded, E'\u0293', E'z');
    folded := replace(folded, E'\u1D22', E'z');
    folded := replace(folded, E'\u1D76', E'z');
    folded := replace(folded, E'\u1D8E', E'z');
    folded := replace(folded, E'\u1D9A', E'z');
    folded := replace(folded, E'\u2C6C', E'z');
    folded := replace(folded, E'\uA733', E'aa');
    folded := replace(folded, E'\u1D01', E'ae');
    folded := replace(folded, E'\u1D02', E'ae');
    folded := replace(folded, E'\uA735', E'ao');
    folded := replace(folded, E'\uA737', E'au');
    folded := replace(folded, E'\uA739', E'av');
    folded := replace(folded, E'\uA73B', E'av');
    folded := replace(folded, E'\uA73D', E'ay');
    folded := replace(folded, E'\u02A3', E'dz');
    folded := replace(folded, E'\u02A9', E'fng');
    folded := replace(folded, E'\u1EFB', E'll');
    folded := replace(folded, E'\u02AA', E'ls');
    folded := replace(folded, E'\u02AB', E'lz');
    folded := replace(folded, E'\u0276', E'oe');
    folded := replace(folded, E'\u1D14', E'oe');
    folded := replace(folded, E'\uAB41', E'oe');
    folded := replace(folded, E'\uAB42', E'oe');
    folded := replace(folded, E'\uAB62', E'oe');
    folded := replace(folded, E'\u01A3', E'oi');
    folded := replace(folded, E'\uA74F', E'oo');
    folded := replace(folded, E'\u0223', E'ou');
    folded := replace(folded, E'\u1D7A', E'th');
    folded := replace(folded, E'\u02A6', E'ts');
    folded := replace(folded, E'\uA729', E'tz');
    folded := replace(folded, E'\u1D6B', E'ue');
    folded := replace(folded, E'\uA778', E'um');
    folded := replace(folded, E'\uAB63', E'uo');
    folded := replace(folded, E'\uA761', E'vy');
  end if;
  if folded ~ '[\u02B9\u02BB-\u02BC\u02BE-\u02BF\u02C8\uA78C]' then -- Apostrophes that are letters
    folded := replace(folded, E'\u02BC', E'''');
    folded := replace(folded, E'\u02BB', E'''');
    folded := replace(folded, E'\u02B9', E'''');
    folded := replace(folded, E'\u02BE', E'''');
    folded := replace(folded, E'\u02BF', E'''');
    folded := replace(folded, E'\u02C8', E'''');
    folded := replace(folded, E'\uA78C', E'''');
  end if;
  if folded ~ '[\u03C2\u047D\u048B\u048F\u0491\u0493\u0495\u0497\u0499\u049B\u049D\u049F\u04A3\u04A7\u04AB\u04AD\u04AF\u04B1\u04B3'
      '\u04B7\u04B9\u04BF\u04C4\u04C6\u04C8\u04CA\u04CE\u04E9\u04F7\u04FB\u04FD\u04FF\u0513\u0521\u0523\u0525\u0527\u0529\u052F'
      '\uA651\uA68B]' then -- Greek and Cyrillic
    folded := replace(folded, E'\u03C2', E'\u03C3');
    folded := replace(folded, E'\u0491', E'\u0433');
    folded := replace(folded, E'\u0493', E'\u0433');
    folded := replace(folded, E'\u0495', E'\u0433');
    folded := replace(folded, E'\u04F7', E'\u0433');
    folded := replace(folded, E'\u04FB', E'\u0433');
    folded := replace(folded, E'\u0497', E'\u0436');
    folded := replace(folded, E'\u0499', E'\u0437');
    folded := replace(folded, E'\u048B', E'\u0438');
    folded := replace(folded, E'\u049B', E'\u043A');
    folded := replace(folded, E'\u049D', E'\u043A');
    folded := replace(folded, E'\u049F', E'\u043A');
    folded := replace(folded, E'\u04C4', E'\u043A');
    folded := replace(folded, E'\u04C6', E'\u043B');
    folded := replace(folded, E'\u0513', E'\u043B');
    folded := replace(folded, E'\u0521', E'\u043B');
    folded := replace(folded, E'\u052F', E'\u043B');
    folded := replace(folded, E'\u04CE', E'\u043C');
    folded := replace(folded, E'\u04A3', E'\u043D');
    folded := replace(folded, E'\u04C8', E'\u043D');
    folded := replace(folded, E'\u04CA', E'\u043D');
    folded := replace(folded, E'\u0523', E'\u043D');
    folded := replace(folded, E'\u0529', E'\u043D');
    folded := replace(folded, E'\u04E9', E'\u043E');
    folded := replace(folded, E'\u04A7', E'\u043F');
    folded := replace(folded, E'\u0525', E'\u043F');
    folded := replace(folded, E'\u048F', E'\u0440');
    folded := replace(folded, E'\u04AB', E'\u0441');
    folded := replace(folded, E'\u04AD', E'\u0442');
    folded := replace(folded, E'\uA68B', E'\u0442');
    folded := replace(folded, E'\u04B1', E'\u0443');
    folded := replace(folded, E'\u04AF', E'\u0443');
    folded := replace(folded, E'\u04B3', E'\u0445');
    folded := replace(folded, E'\u04FD', E'\u0445');
    folded := replace(folded, E'\u04FF', E'\u0445');
    folded := replace(folded, E'\u04B7', E'\u0447');
    folded := replace(folded, E'\u04B9', E'\u0447');
    folded := replace(folded, E'\uA651', E'\u044B');
    folded := replace(folded, E'\u047D', E'\u0461');
    folded := replace(folded, E'\u0527', E'\u04BB');
    folded := replace(folded, E'\u04BF', E'\u04BD');
  end if;
  if folded ~ '[\u0629\u0649\u0671\u0695\u06A9-\u06AA\u06B5\u06BE\u06C1\u06C3\u06C6\u06CC-\u06CE\u06D5]' then -- Arabic
    folded := replace(folded, E'\u0671', E'\u0627');
    folded := replace(folded, E'\u0649', E'\u064A');
    folded := replace(folded, E'\u06CC', E'\u064A');
    folded := replace(folded, E'\u06CD', E'\u064A');
    folded := replace(folded, E'\u06CE', E'\u064A');
    folded := replace(folded, E'\u0695', E'\u0631');
    folded := replace(folded, E'\u06B5', E'\u0644');
    folded := replace(folded, E'\u06C6', E'\u0648');
    folded := replace(folded, E'\u06A9', E'\u0643');
    folded := replace(folded, E'\u06AA', E'\u0643');
    folded := replace(folded, E'\u0629', E'\u0647');
    folded := replace(folded, E'\u06C1', E'\u0647');
    folded := replace(folded, E'\u06BE', E'\u0647');
    folded := replace(folded, E'\u06D5', E'\u0647');
    folded := replace(folded, E'\u06C3', E'\u0647');
  end if;
  if folded ~ '[\u05DA\u05DD\u05DF\u05E3\u05E5\u05F0-\u05F2]' then -- Hebrew
    folded := replace(folded, E'\u05DA', E'\u05DB');
    folded := replace(folded, E'\u05DD', E'\u05DE');
    folded := replace(folded, E'\u05DF', E'\u05E0');
    folded := replace(folded, E'\u05E3', E'\u05E4');
    folded := replace(folded, E'\u05E5', E'\u05E6');
    folded := replace(folded, E'\u05F0', E'\u05D5\u05D5');
    folded := replace(folded, E'\u05F1', E'\u05D5\u05D9');
    folded := replace(folded, E'\u05F2', E'\u05D9\u05D9');
  end if;
  if folded ~ '[\u0901-\u0902\u0981\u09CE\u0A81-\u0A82\u0D4E\u0D7A-\u0D7F]' then -- Indic
    folded := replace(folded, E'\u0901', E'\u0928\u094D');
    folded := replace(folded, E'\u0902', E'\u0928\u094D');
    folded := replace(folded, E'\u0981', E'\u0982');
    folded := replace(folded, E'\u0A81', E'\u0AA8\u0ACD');
    folded := replace(folded, E'\u0A82', E'\u0AA8\u0ACD');
    folded := replace(folded, E'\u09CE', E'\u09A4\u09CD');
    folded := replace(folded, E'\u0D7A', E'\u0D23\u0D4D');
    folded := replace(folded, E'\u0D7B', E'\u0D28\u0D4D');
    folded := replace(folded, E'\u0D7C', E'\u0D30\u0D4D');
    folded := replace(folded, E'\u0D4E', E'\u0D30\u0D4D');
    folded := replace(folded, E'\u0D7D', E'\u0D32\u0D4D');
    folded := replace(folded, E'\u0D7E', E'\u0D33\u0D4D');
    folded := replace(folded, E'\u0D7F', E'\u0D15\u0D4D');
  end if;
  if folded ~ '[\u1210-\u1216\u1220-\u1227\u1280-\u1286\u12B8-\u12BE\u12D0-\u12D6\u1340-\u1346]' then -- Ethiopic
    folded := replace(folded, E'\u1210', E'\u1200');
    folded := replace(folded, E'\u1280', E'\u1200');
    folded := replace(folded, E'\u12B8', E'\u1200');
    folded := replace(folded, E'\u1211', E'\u1201');
    folded := replace(folded, E'\u1281', E'\u1201');
    folded := replace(folded, E'\u12B9', E'\u1201');
    folded := replace(folded, E'\u1212', E'\u1202');
    folded := replace(folded, E'\u1282', E'\u1202');
    folded := replace(folded, E'\u12BA', E'\u1202');
    folded := replace(folded, E'\u1213', E'\u1203');
    folded := replace(folded, E'\u1283', E'\u1203');
    folded := replace(folded, E'\u12BB', E'\u1203');
    folded := replace(folded, E'\u1214', E'\u1204');
    folded := replace(folded, E'\u1284', E'\u1204');
    folded := replace(folded, E'\u12BC', E'\u1204');
    folded := replace(folded, E'\u1215', E'\u1205');
    folded := replace(folded, E'\u1285', E'\u1205');
    folded := replace(folded, E'\u12BD', E'\u1205');
    folded := replace(folded, E'\u1216', E'\u1206');
    folded := replace(folded, E'\u1286', E'\u1206');
    folded := replace(folded, E'\u12BE', E'\u1206');
    folded := replace(folded, E'\u1220', E'\u1230');
    folded := replace(folded, E'\u1221', E'\u1231');
    folded := replace(folded, E'\u1222', E'\u1232');
    folded := replace(folded, E'\u1223', E'\u1233');
    folded := replace(folded, E'\u1224', E'\u1234');
    folded := replace(folded, E'\u1225', E'\u1235');
    folded := replace(folded, E'\u1226', E'\u1236');
    folded := replace(folded, E'\u1227', E'\u1237');
    folded := replace(folded, E'\u12D0', E'\u12A0');
    folded := replace(folded, E'\u12D1', E'\u12A1');
    folded := replace(folded, E'\u12D2', E'\u12A2');
    folded := replace(folded, E'\u12D3', E'\u12A3');
    folded := replace(folded, E'\u12D4', E'\u12A4');
    folded := replace(folded, E'\u12D5', E'\u12A5');
    folded := replace(folded, E'\u12D6', E'\u12A6');
    folded := replace(folded, E'\u1340', E'\u1338');
    folded := replace(folded, E'\u1341', E'\u1339');
    folded := replace(folded, E'\u1342', E'\u133A');
    folded := replace(folded, E'\u1343', E'\u133B');
    folded := replace(folded, E'\u1344', E'\u133C');
    folded := replace(folded, E'\u1345', E'\u133D');
    folded := replace(folded, E'\u1346', E'\u133E');
  end if;
  if folded ~ '[\u30A1-\u30F6\u30FD-\u30FE]' then -- Kana
    folded := replace(folded, E'\u30A1', E'\u3041');
    folded := replace(folded, E'\u30A2', E'\u3042');
    folded := replace(folded, E'\u30A3', E'\u3043');
    folded := replace(folded, E'\u30A4', E'\u3044');
    folded := replace(folded, E'\u30A5', E'\u3045');
    folded := replace(folded, E'\u30A6', E'\u3046');
    folded := replace(folded, E'\u30A7', E'\u3047');
    folded := replace(folded, E'\u30A8', E'\u3048');
    folded := replace(folded, E'\u30A9', E'\u3049');
    folded := replace(folded, E'\u30AA', E'\u304A');
    folded := replace(folded, E'\u30AB', E'\u304B');
    folded := replace(folded, E'\u30AC', E'\u304C');
    folded := replace(folded, E'\u30AD', E'\u304D');
    folded := replace(folded, E'\u30AE', E'\u304E');
    folded := replace(folded, E'\u30AF', E'\u304F');
    folded := replace(folded, E'\u30B0', E'\u3050');
    folded := replace(folded, E'\u30B1', E'\u3051');
    folded := replace(folded, E'\u30B2', E'\u3052');
    folded := replace(folded, E'\u30B3', E'\u3053');
    folded := replace(folded, E'\u30B4', E'\u3054');
    folded := replace(folded, E'\u30B5', E'\u3055');
    folded := replace(folded, E'\u30B6', E'\u3056');
    folded := replace(folded, E'\u30B7', E'\u3057');
    folded := replace(folded, E'\u30B8', E'\u3058');
    folded := replace(folded, E'\u30B9', E'\u3059');
    folded := replace(folded, E'\u30BA', E'\u305A');
    folded := replace(folded, E'\u30BB', E'\u305B');
    folded := replace(folded, E'\u30BC', E'\u305C');
    folded := replace(folded, E'\u30BD', E'\u305D');
    folded := replace(folded, E'\u30BE', E'\u305E');
    folded := replace(folded, E'\u30BF', E'\u305F');
    folded := replace(folded, E'\u30C0', E'\u3060');
    folded := replace(folded, E'\u30C1', E'\u3061');
    folded := replace(folded, E'\u30C2', E'\u3062');
    folded := replace(folded, E'\u30C3', E'\u3063');
    folded := replace(folded, E'\u30C4', E'\u3064');
    folded := replace(folded, E'\u30C5', E'\u3065');
    folded := replace(folded, E'\u30C6', E'\u3066');
    folded := replace(folded, E'\u30C7', E'\u3067');
    folded := replace(folded, E'\u30C8', E'\u3068');
    folded := replace(folded, E'\u30C9', E'\u3069');
    folded := replace(folded, E'\u30CA', E'\u306A');
    folded := replace(folded, E'\u30CB', E'\u306B');
    folded := replace(folded, E'\u30CC', E'\u306C');
    folded := replace(folded, E'\u30CD', E'\u306D');
    folded := replace(folded, E'\u30CE', E'\u306E');
    folded := replace(folded, E'\u30CF', E'\u306F');
    folded := replace(folded, E'\u30D0', E'\u3070');
    folded := replace(folded, E'\u30D1', E'\u3071');
    folded := replace(folded, E'\u30D2', E'\u3072');
    folded := replace(folded, E'\u30D3', E'\u3073');
    folded := replace(folded, E'\u30D4', E'\u3074');
    folded := replace(folded, E'\u30D5', E'\u3075');
    folded := replace(folded, E'\u30D6', E'\u3076');
    folded := replace(folded, E'\u30D7', E'\u3077');
    folded := replace(folded, E'\u30D8', E'\u3078');
    folded := replace(folded, E'\u30D9', E'\u3079');
    folded := replace(folded, E'\u30DA', E'\u307A');
    folded := replace(folded, E'\u30DB', E'\u307B');
    folded := replace(folded, E'\u30DC', E'\u307C');
    folded := replace(folded, E'\u30DD', E'\u307D');
    folded := replace(folded, E'\u30DE', E'\u307E');
    folded := replace(folded, E'\u30DF', E'\u307F');
    folded := replace(folded, E'\u30E0', E'\u3080');
    folded := replace(folded, E'\u30E1', E'\u3081');
    folded := replace(folded, E'\u30E2', E'\u3082');
    folded := replace(folded, E'\u30E3', E'\u3083');
    folded := replace(folded, E'\u30E4', E'\u3084');
    folded := replace(folded, E'\u30E5', E'\u3085');
    folded := replace(folded, E'\u30E6', E'\u3086');
    folded := replace(folded, E'\u30E7', E'\u3087');
    folded := replace(folded, E'\u30E8', E'\u3088');
    folded := replace(folded, E'\u30E9', E'\u3089');
    folded := replace(folded, E'\u30EA', E'\u308A');
    folded := replace(folded, E'\u30EB', E'\u308B');
    folded := replace(folded, E'\u30EC', E'\u308C');
    folded := replace(folded, E'\u30ED', E'\u308D');
    folded := replace(folded, E'\u30EE', E'\u308E');
    folded := replace(folded, E'\u30EF', E'\u308F');
    folded := replace(folded, E'\u30F0', E'\u3090');
    folded := replace(folded, E'\u30F1', E'\u3091');
    folded := replace(folded, E'\u30F2', E'\u3092');
    folded := replace(folded, E'\u30F3', E'\u3093');
    folded := replace(folded, E'\u30F4', E'\u3094');
    folded := replace(folded, E'\u30F5', E'\u3095');
    folded := replace(folded, E'\u30F6', E'\u3096');
    folded := replace(folded, E'\u30FD', E'\u309D');
    folded := replace(folded, E'\u30FE', E'\u309E');
  end if;
  if folded ~ '[\u0660-\u0669\u06F0-\u06F9\u0966-\u096F\u09E6-\u09EF\u0A66-\u0A6F\u0AE6-\u0AEF\u0B66-\u0B6F\u0BE6-\u0BEF\u0C66-\u0C6F'
      '\u0CE6-\u0CEF\u0D66-\u0D6F\u0E50-\u0E59\u0ED0-\u0ED9\u0F20-\u0F29\u1040-\u1049\u17E0-\u17E9\u1810-\u1819]' then -- Digits in wide use
    folded := replace(folded, E'\u0660', E'0');
    folded := replace(folded, E'\u06F0', E'0');
    folded := replace(folded, E'\u0966', E'0');
    folded := replace(folded, E'\u09E6', E'0');
    folded := replace(folded, E'\u0A66', E'0');
    folded := replace(folded, E'\u0AE6', E'0');
    folded := replace(folded, E'\u0B66', E'0');
    folded := replace(folded, E'\u0BE6', E'0');
    folded := replace(folded, E'\u0C66', E'0');
    folded := replace(folded, E'\u0CE6', E'0');
    folded := replace(folded, E'\u0D66', E'0');
    folded := replace(folded, E'\u0E50', E'0');
    folded := replace(folded, E'\u0ED0', E'0');
    folded := replace(folded, E'\u0F20', E'0');
    folded := replace(folded, E'\u1040', E'0');
    folded := replace(folded, E'\u17E0', E'0');
    folded := replace(folded, E'\u1810', E'0');
    folded := replace(folded, E'\u0661', E'1');
    folded := replace(folded, E'\u06F1', E'1');
    folded := replace(folded, E'\u0967', E'1');
    folded := replace(folded, E'\u09E7', E'1');
    folded := replace(folded, E'\u0A67', E'1');
    folded := replace(folded, E'\u0AE7', E'1');
    folded := replace(folded, E'\u0B67', E'1');
    folded := replace(folded, E'\u0BE7', E'1');
    folded := replace(folded, E'\u0C67', E'1');
    folded := replace(folded, E'\u0CE7', E'1');
    folded := replace(folded, E'\u0D67', E'1');
    folded := replace(folded, E'\u0E51', E'1');
    folded := replace(folded, E'\u0ED1', E'1');
    folded := replace(folded, E'\u0F21', E'1');
    folded := replace(folded, E'\u1041', E'1');
    folded := replace(folded, E'\u17E1', E'1');
    folded := replace(folded, E'\u1811', E'1');
    folded := replace(folded, E'\u0662', E'2');
    folded := replace(folded, E'\u06F2', E'2');
    folded := replace(folded, E'\u0968', E'2');
    folded := replace(folded, E'\u09E8', E'2');
    folded := replace(folded, E'\u0A68', E'2');
    folded := replace(folded, E'\u0AE8', E'2');
    folded := replace(folded, E'\u0B68', E'2');
    folded := replace(folded, E'\u0BE8', E'2');
    folded := replace(folded, E'\u0C68', E'2');
    folded := replace(folded, E'\u0CE8', E'2');
    folded := replace(folded, E'\u0D68', E'2');
    folded := replace(folded, E'\u0E52', E'2');
    folded := replace(folded, E'\u0ED2', E'2');
    folded := replace(folded, E'\u0F22', E'2');
    folded := replace(folded, E'\u1042', E'2');
    folded := replace(folded, E'\u17E2', E'2');
    folded := replace(folded, E'\u1812', E'2');
    folded := replace(folded, E'\u0663', E'3');
    folded := replace(folded, E'\u06F3', E'3');
    folded := replace(folded, E'\u0969', E'3');
    folded := replace(folded, E'\u09E9', E'3');
    folded := replace(folded, E'\u0A69', E'3');
    folded := replace(folded, E'\u0AE9', E'3');
    folded := replace(folded, E'\u0B69', E'3');
    folded := replace(folded, E'\u0BE9', E'3');
    folded := replace(folded, E'\u0C69', E'3');
    folded := replace(folded, E'\u0CE9', E'3');
    folded := replace(folded, E'\u0D69', E'3');
    folded := replace(folded, E'\u0E53', E'3');
    folded := replace(folded, E'\u0ED3', E'3');
    folded := replace(folded, E'\u0F23', E'3');
    folded := replace(folded, E'\u1043', E'3');
    folded := replace(folded, E'\u17E3', E'3');
    folded := replace(folded, E'\u1813', E'3');
    folded := replace(folded, E'\u0664', E'4');
    folded := replace(folded, E'\u06F4', E'4');
    folded := replace(folded, E'\u096A', E'4');
    folded := replace(folded, E'\u09EA', E'4');
    folded := replace(folded, E'\u0A6A', E'4');
    folded := replace(folded, E'\u0AEA', E'4');
    folded := replace(folded, E'\u0B6A', E'4');
    folded := replace(folded, E'\u0BEA', E'4');
    folded := replace(folded, E'\u0C6A', E'4');
    folded := replace(folded, E'\u0CEA', E'4');
    folded := replace(folded, E'\u0D6A', E'4');
    folded := replace(folded, E'\u0E54', E'4');
    folded := replace(folded, E'\u0ED4', E'4');
    folded := replace(folded, E'\u0F24', E'4');
    folded := replace(folded, E'\u1044', E'4');
    folded := replace(folded, E'\u17E4', E'4');
    folded := replace(folded, E'\u1814', E'4');
    folded := replace(folded, E'\u0665', E'5');
    folded := replace(folded, E'\u06F5', E'5');
    folded := replace(folded, E'\u096B', E'5');
    folded := replace(folded, E'\u09EB', E'5');
    folded := replace(folded, E'\u0A6B', E'5');
    folded := replace(folded, E'\u0AEB', E'5');
    folded := replace(folded, E'\u0B6B', E'5');
    folded := replace(folded, E'\u0BEB', E'5');
    folded := replace(folded, E'\u0C6B', E'5');
    folded := replace(folded, E'\u0CEB', E'5');
    folded := replace(folded, E'\u0D6B', E'5');
    folded := replace(folded, E'\u0E55', E'5');
    folded := replace(folded, E'\u0ED5', E'5');
    folded := replace(folded, E'\u0F25', E'5');
    folded := replace(folded, E'\u1045', E'5');
    folded := replace(folded, E'\u17E5', E'5');
    folded := replace(folded, E'\u1815', E'5');
    folded := replace(folded, E'\u0666', E'6');
    folded := replace(folded, E'\u06F6', E'6');
    folded := replace(folded, E'\u096C', E'6');
    folded := replace(folded, E'\u09EC', E'6');
    folded := replace(folded, E'\u0A6C', E'6');
    folded := replace(folded, E'\u0AEC', E'6');
    folded := replace(folded, E'\u0B6C', E'6');
    folded := replace(folded, E'\u0BEC', E'6');
    folded := replace(folded, E'\u0C6C', E'6');
    folded := replace(folded, E'\u0CEC', E'6');
    folded := replace(folded, E'\u0D6C', E'6');
    folded := replace(folded, E'\u0E56', E'6');
    folded := replace(folded, E'\u0ED6', E'6');
    folded := replace(folded, E'\u0F26', E'6');
    folded := replace(folded, E'\u1046', E'6');
    folded := replace(folded, E'\u17E6', E'6');
    folded := replace(folded, E'\u1816', E'6');
    folded := replace(folded, E'\u0667', E'7');
    folded := replace(folded, E'\u06F7', E'7');
    folded := replace(folded, E'\u096D', E'7');
    folded := replace(folded, E'\u09ED', E'7');
    folded := replace(folded, E'\u0A6D', E'7');
    folded := replace(folded, E'\u0AED', E'7');
    folded := replace(folded, E'\u0B6D', E'7');
    folded := replace(folded, E'\u0BED', E'7');
    folded := replace(folded, E'\u0C6D', E'7');
    folded := replace(folded, E'\u0CED', E'7');
    folded := replace(folded, E'\u0D6D', E'7');
    folded := replace(folded, E'\u0E57', E'7');
    folded := replace(folded, E'\u0ED7', E'7');
    folded := replace(folded, E'\u0F27', E'7');
    folded := replace(folded, E'\u1047', E'7');
    folded := replace(folded, E'\u17E7', E'7');
    folded := replace(folded, E'\u1817', E'7');
    folded := replace(folded, E'\u0668', E'8');
    folded := replace(folded, E'\u06F8', E'8');
    folded := replace(folded, E'\u096E', E'8');
    folded := replace(folded, E'\u09EE', E'8');
    folded := replace(folded, E'\u0A6E', E'8');
    folded := replace(folded, E'\u0AEE', E'8');
    folded := replace(folded, E'\u0B6E', E'8');
    folded := replace(folded, E'\u0BEE', E'8');
    folded := replace(folded, E'\u0C6E', E'8');
    folded := replace(folded, E'\u0CEE', E'8');
    folded := replace(folded, E'\u0D6E', E'8');
    folded := replace(folded, E'\u0E58', E'8');
    folded := replace(folded, E'\u0ED8', E'8');
    folded := replace(folded, E'\u0F28', E'8');
    folded := replace(folded, E'\u1048', E'8');
    folded := replace(folded, E'\u17E8', E'8');
    folded := replace(folded, E'\u1818', E'8');
    folded := replace(folded, E'\u0669', E'9');
    folded := replace(folded, E'\u06F9', E'9');
    folded := replace(folded, E'\u096F', E'9');
    folded := replace(folded, E'\u09EF', E'9');
    folded := replace(folded, E'\u0A6F', E'9');
    folded := replace(folded, E'\u0AEF', E'9');
    folded := replace(folded, E'\u0B6F', E'9');
    folded := replace(folded, E'\u0BEF', E'9');
    folded := replace(folded, E'\u0C6F', E'9');
    folded := replace(folded, E'\u0CEF', E'9');
    folded := replace(folded, E'\u0D6F', E'9');
    folded := replace(folded, E'\u0E59', E'9');
    folded := replace(folded, E'\u0ED9', E'9');
    folded := replace(folded, E'\u0F29', E'9');
    folded := replace(folded, E'\u1049', E'9');
    folded := replace(folded, E'\u17E9', E'9');
    folded := replace(folded, E'\u1819', E'9');
  end if;
  if folded ~ '[\u07C0-\u07C9\u0DE6-\u0DEF\u1090-\u1099\u1946-\u194F\u19D0-\u19D9\u1A80-\u1A89\u1A90-\u1A99\u1B50-\u1B59\u1BB0-\u1BB9'
      '\u1C40-\u1C49\u1C50-\u1C59\uA620-\uA629\uA8D0-\uA8D9\uA900-\uA909\uA9D0-\uA9D9\uA9F0-\uA9F9\uAA50-\uAA59\uABF0-\uABF9'
      '\U000104A0-\U000104A9\U00010D30-\U00010D39\U00010D40-\U00010D49\U00011066-\U0001106F\U000110F0-\U000110F9\U00011136-'
      '\U0001113F\U000111D0-\U000111D9\U000112F0-\U000112F9\U00011450-\U00011459\U000114D0-\U000114D9\U00011650-\U00011659'
      '\U000116C0-\U000116C9\U000116D0-\U000116E3\U00011730-\U00011739\U000118E0-\U000118E9\U00011950-\U00011959\U00011BF0-'
      '\U00011BF9\U00011C50-\U00011C59\U00011D50-\U00011D59\U00011DA0-\U00011DA9\U00011DE0-\U00011DE9\U00011F50-\U00011F59'
      '\U00016130-\U00016139\U00016A60-\U00016A69\U00016AC0-\U00016AC9\U00016B50-\U00016B59\U00016D70-\U00016D79\U0001E140-'
      '\U0001E149\U0001E2F0-\U0001E2F9\U0001E4F0-\U0001E4F9\U0001E5F1-\U0001E5FA\U0001E950-\U0001E959]' then -- Other digits
    folded := replace(folded, E'\u07C0', E'0');
    folded := replace(folded, E'\u0DE6', E'0');
    folded := replace(folded, E'\u1090', E'0');
    folded := replace(folded, E'\u1946', E'0');
    folded := replace(folded, E'\u19D0', E'0');
    folded := replace(folded, E'\u1A80', E'0');
    folded := replace(folded, E'\u1A90', E'0');
    folded := replace(folded, E'\u1B50', E'0');
    folded := replace(folded, E'\u1BB0', E'0');
    folded := replace(folded, E'\u1C40', E'0');
    folded := replace(folded, E'\u1C50', E'0');
    folded := replace(folded, E'\uA620', E'0');
    folded := replace(folded, E'\uA8D0', E'0');
    folded := replace(folded, E'\uA900', E'0');
    folded := replace(folded, E'\uA9D0', E'0');
    folded := replace(folded, E'\uA9F0', E'0');
    folded := replace(folded, E'\uAA50', E'0');
    folded := replace(folded, E'\uABF0', E'0');
    folded := replace(folded, E'\U000104A0', E'0');
    folded := replace(folded, E'\U00010D30', E'0');
    folded := replace(folded, E'\U00010D40', E'0');
    folded := replace(folded, E'\U00011066', E'0');
    folded := replace(folded, E'\U000110F0', E'0');
    folded := replace(folded, E'\U00011136', E'0');
    folded := replace(folded, E'\U000111D0', E'0');
    folded := replace(folded, E'\U000112F0', E'0');
    folded := replace(folded, E'\U00011450', E'0');
    folded := replace(folded, E'\U000114D0', E'0');
    folded := replace(folded, E'\U00011650', E'0');
    folded := replace(folded, E'\U000116C0', E'0');
    folded := replace(folded, E'\U000116D0', E'0');
    folded := replace(folded, E'\U000116DA', E'0');
    folded := replace(folded, E'\U00011730', E'0');
    folded := replace(folded, E'\U000118E0', E'0');
    folded := replace(folded, E'\U00011950', E'0');
    folded := replace(folded, E'\U00011BF0', E'0');
    folded := replace(folded, E'\U00011C50', E'0');
    folded := replace(folded, E'\U00011D50', E'0');
    folded := replace(folded, E'\U00011DA0', E'0');
    folded := replace(folded, E'\U00011DE0', E'0');
    folded := replace(folded, E'\U00011F50', E'0');
    folded := replace(folded, E'\U00016130', E'0');
    folded := replace(folded, E'\U00016A60', E'0');
    folded := replace(folded, E'\U00016AC0', E'0');
    folded := replace(folded, E'\U00016B50', E'0');
    folded := replace(folded, E'\U00016D70', E'0');
    folded := replace(folded, E'\U0001E140', E'0');
    folded := replace(folded, E'\U0001E2F0', E'0');
    folded := replace(folded, E'\U0001E4F0', E'0');
    folded := replace(folded, E'\U0001E5F1', E'0');
    folded := replace(folded, E'\U0001E950', E'0');
    folded := replace(folded, E'\u07C1', E'1');
    folded := replace(folded, E'\u0DE7', E'1');
    folded := replace(folded, E'\u1091', E'1');
    folded := replace(folded, E'\u1947', E'1');
    folded := replace(folded, E'\u19D1', E'1');
    folded := replace(folded, E'\u1A81', E'1');
    folded := replace(folded, E'\u1A91', E'1');
    folded := replace(folded, E'\u1B51', E'1');
    folded := replace(folded, E'\u1BB1', E'1');
    folded := replace(folded, E'\u1C41', E'1');
    folded := replace(folded, E'\u1C51', E'1');
    folded := replace(folded, E'\uA621', E'1');
    folded := replace(folded, E'\uA8D1', E'1');
    folded := replace(folded, E'\uA901', E'1');
    folded := replace(folded, E'\uA9D1', E'1');
    folded := replace(folded, E'\uA9F1', E'1');
    folded := replace(folded, E'\uAA51', E'1');
    folded := replace(folded, E'\uABF1', E'1');
    folded := replace(folded, E'\U000104A1', E'1');
    folded := replace(folded, E'\U00010D31', E'1');
    folded := replace(folded, E'\U00010D41', E'1');
    folded := replace(folded, E'\U00011067', E'1');
    folded := replace(folded, E'\U000110F1', E'1');
    folded := replace(folded, E'\U00011137', E'1');
    folded := replace(folded, E'\U000111D1', E'1');
    folded := replace(folded, E'\U000112F1', E'1');
    folded := replace(folded, E'\U00011451', E'1');
    folded := replace(folded, E'\U000114D1', E'1');
    folded := replace(folded, E'\U00011651', E'1');
    folded := replace(folded, E'\U000116C1', E'1');
    folded := replace(folded, E'\U000116D1', E'1');
    folded := replace(folded, E'\U000116DB', E'1');
    folded := replace(folded, E'\U00011731', E'1');
    folded := replace(folded, E'\U000118E1', E'1');
    folded := replace(folded, E'\U00011951', E'1');
    folded := replace(folded, E'\U00011BF1', E'1');
    folded := replace(folded, E'\U00011C51', E'1');
    folded := replace(folded, E'\U00011D51', E'1');
    folded := replace(folded, E'\U00011DA1', E'1');
    folded := replace(folded, E'\U00011DE1', E'1');
    folded := replace(folded, E'\U00011F51', E'1');
    folded := replace(folded, E'\U00016131', E'1');
    folded := replace(folded, E'\U00016A61', E'1');
    folded := replace(folded, E'\U00016AC1', E'1');
    folded := replace(folded, E'\U00016B51', E'1');
    folded := replace(folded, E'\U00016D71', E'1');
    folded := replace(folded, E'\U0001E141', E'1');
    folded := replace(folded, E'\U0001E2F1', E'1');
    folded := replace(folded, E'\U0001E4F1', E'1');
    folded := replace(folded, E'\U0001E5F2', E'1');
    folded := replace(folded, E'\U0001E951', E'1');
    folded := replace(folded, E'\u07C2', E'2');
    folded := replace(folded, E'\u0DE8', E'2');
    folded := replace(folded, E'\u1092', E'2');
    folded := replace(folded, E'\u1948', E'2');
    folded := replace(folded, E'\u19D2', E'2');
    folded := replace(folded, E'\u1A82', E'2');
    folded := replace(folded, E'\u1A92', E'2');
    folded := replace(folded, E'\u1B52', E'2');
    folded := replace(folded, E'\u1BB2', E'2');
    folded := replace(folded, E'\u1C42', E'2');
    folded := replace(folded, E'\u1C52', E'2');
    folded := replace(folded, E'\uA622', E'2');
    folded := replace(folded, E'\uA8D2', E'2');
    folded := replace(folded, E'\uA902', E'2');
    folded := replace(folded, E'\uA9D2', E'2');
    folded := replace(folded, E'\uA9F2', E'2');
    folded := replace(folded, E'\uAA52', E'2');
    folded := replace(folded, E'\uABF2', E'2');
    folded := replace(folded, E'\U000104A2', E'2');
    folded := replace(folded, E'\U00010D32', E'2');
    folded := replace(folded, E'\U00010D42', E'2');
    folded := replace(folded, E'\U00011068', E'2');
    folded := replace(folded, E'\U000110F2', E'2');
    folded := replace(folded, E'\U00011138', E'2');
    folded := replace(folded, E'\U000111D2', E'2');
    folded := replace(folded, E'\U000112F2', E'2');
    folded := replace(folded, E'\U00011452', E'2');
    folded := replace(folded, E'\U000114D2', E'2');
    folded := replace(folded, E'\U00011652', E'2');
    folded := replace(folded, E'\U000116C2', E'2');
    folded := replace(folded, E'\U000116D2', E'2');
    folded := replace(folded, E'\U000116DC', E'2');
    folded := replace(folded, E'\U00011732', E'2');
    folded := replace(folded, E'\U000118E2', E'2');
    folded := replace(folded, E'\U00011952', E'2');
    folded := replace(folded, E'\U00011BF2', E'2');
    folded := replace(folded, E'\U00011C52', E'2');
    folded := replace(folded, E'\U00011D52', E'2');
    folded := replace(folded, E'\U00011DA2', E'2');
    folded := replace(folded, E'\U00011DE2', E'2');
    folded := replace(folded, E'\U00011F52', E'2');
    folded := replace(folded, E'\U00016132', E'2');
    folded := replace(folded, E'\U00016A62', E'2');
    folded := replace(folded, E'\U00016AC2', E'2');
    folded := replace(folded, E'\U00016B52', E'2');
    folded := replace(folded, E'\U00016D72', E'2');
    folded := replace(folded, E'\U0001E142', E'2');
    folded := replace(folded, E'\U0001E2F2', E'2');
    folded := replace(folded, E'\U0001E4F2', E'2');
    folded := replace(folded, E'\U0001E5F3', E'2');
    folded := replace(folded, E'\U0001E952', E'2');
    folded := replace(folded, E'\u07C3', E'3');
    folded := replace(folded, E'\u0DE9', E'3');
    folded := replace(folded, E'\u1093', E'3');
    folded := replace(folded, E'\u1949', E'3');
    folded := replace(folded, E'\u19D3', E'3');
    folded := replace(folded, E'\u1A83', E'3');
    folded := replace(folded, E'\u1A93', E'3');
    folded := replace(folded, E'\u1B53', E'3');
    folded := replace(folded, E'\u1BB3', E'3');
    folded := replace(folded, E'\u1C43', E'3');
    folded := replace(folded, E'\u1C53', E'3');
    folded := replace(folded, E'\uA623', E'3');
    folded := replace(folded, E'\uA8D3', E'3');
    folded := replace(folded, E'\uA903', E'3');
    folded := replace(folded, E'\uA9D3', E'3');
    folded := replace(folded, E'\uA9F3', E'3');
    folded := replace(folded, E'\uAA53', E'3');
    folded := replace(folded, E'\uABF3', E'3');
    folded := replace(folded, E'\U000104A3', E'3');
    folded := replace(folded, E'\U00010D33', E'3');
    folded := replace(folded, E'\U00010D43', E'3');
    folded := replace(folded, E'\U00011069', E'3');
    folded := replace(folded, E'\U000110F3', E'3');
    folded := replace(folded, E'\U00011139', E'3');
    folded := replace(folded, E'\U000111D3', E'3');
    folded := replace(folded, E'\U000112F3', E'3');
    folded := replace(folded, E'\U00011453', E'3');
    folded := replace(folded, E'\U000114D3', E'3');
    folded := replace(folded, E'\U00011653', E'3');
    folded := replace(folded, E'\U000116C3', E'3');
    folded := replace(folded, E'\U000116D3', E'3');
    folded := replace(folded, E'\U000116DD', E'3');
    folded := replace(folded, E'\U00011733', E'3');
    folded := replace(folded, E'\U000118E3', E'3');
    folded := replace(folded, E'\U00011953', E'3');
    folded := replace(folded, E'\U00011BF3', E'3');
    folded := replace(folded, E'\U00011C53', E'3');
    folded := replace(folded, E'\U00011D53', E'3');
    folded := replace(folded, E'\U00011DA3', E'3');
    folded := replace(folded, E'\U00011DE3', E'3');
    folded := replace(folded, E'\U00011F53', E'3');
    folded := replace(folded, E'\U00016133', E'3');
    folded := replace(folded, E'\U00016A63', E'3');
    folded := replace(folded, E'\U00016AC3', E'3');
    folded := replace(folded, E'\U00016B53', E'3');
    folded := replace(folded, E'\U00016D73', E'3');
    folded := replace(folded, E'\U0001E143', E'3');
    folded := replace(folded, E'\U0001E2F3', E'3');
    folded := replace(folded, E'\U0001E4F3', E'3');
    folded := replace(folded, E'\U0001E5F4', E'3');
    folded := replace(folded, E'\U0001E953', E'3');
    folded := replace(folded, E'\u07C4', E'4');
    folded := replace(folded, E'\u0DEA', E'4');
    folded := replace(folded, E'\u1094', E'4');
    folded := replace(folded, E'\u194A', E'4');
    folded := replace(folded, E'\u19D4', E'4');
    folded := replace(folded, E'\u1A84', E'4');
    folded := replace(folded, E'\u1A94', E'4');
    folded := replace(folded, E'\u1B54', E'4');
    folded := replace(folded, E'\u1BB4', E'4');
    folded := replace(folded, E'\u1C44', E'4');
    folded := replace(folded, E'\u1C54', E'4');
    folded := replace(folded, E'\uA624', E'4');
    folded := replace(folded, E'\uA8D4', E'4');
    folded := replace(folded, E'\uA904', E'4');
    folded := replace(folded, E'\uA9D4', E'4');
    folded := replace(folded, E'\uA9F4', E'4');
    folded := replace(folded, E'\uAA54', E'4');
    folded := replace(folded, E'\uABF4', E'4');
    folded := replace(folded, E'\U000104A4', E'4');
    folded := replace(folded, E'\U00010D34', E'4');
    folded := replace(folded, E'\U00010D44', E'4');
    folded := replace(folded, E'\U0001106A', E'4');
    folded := replace(folded, E'\U000110F4', E'4');
    folded := replace(folded, E'\U0001113A', E'4');
    folded := replace(folded, E'\U000111D4', E'4');
    folded := replace(folded, E'\U000112F4', E'4');
    folded := replace(folded, E'\U00011454', E'4');
    folded := replace(folded, E'\U000114D4', E'4');
    folded := replace(folded, E'\U00011654', E'4');
    folded := replace(folded, E'\U000116C4', E'4');
    folded := replace(folded, E'\U000116D4', E'4');
    folded := replace(folded, E'\U000116DE', E'4');
    folded := replace(folded, E'\U00011734', E'4');
    folded := replace(folded, E'\U000118E4', E'4');
    folded := replace(folded, E'\U00011954', E'4');
    folded := replace(folded, E'\U00011BF4', E'4');
    folded := replace(folded, E'\U00011C54', E'4');
    folded := replace(folded, E'\U00011D54', E'4');
    folded := replace(folded, E'\U00011DA4', E'4');
    folded := replace(folded, E'\U00011DE4', E'4');
    folded := replace(folded, E'\U00011F54', E'4');
    folded := replace(folded, E'\U00016134', E'4');
    folded := replace(folded, E'\U00016A64', E'4');
    folded := replace(folded, E'\U00016AC4', E'4');
    folded := replace(folded, E'\U00016B54', E'4');
    folded := replace(folded, E'\U00016D74', E'4');
    folded := replace(folded, E'\U0001E144', E'4');
    folded := replace(folded, E'\U0001E2F4', E'4');
    folded := replace(folded, E'\U0001E4F4', E'4');
    folded := replace(folded, E'\U0001E5F5', E'4');
    folded := replace(folded, E'\U0001E954', E'4');
    folded := replace(folded, E'\u07C5', E'5');
    folded := replace(folded, E'\u0DEB', E'5');
    folded := replace(folded, E'\u1095', E'5');
    folded := replace(folded, E'\u194B', E'5');
    folded := replace(folded, E'\u19D5', E'5');
    folded := replace(folded, E'\u1A85', E'5');
    folded := replace(folded, E'\u1A95', E'5');
    folded := replace(folded, E'\u1B55', E'5');
    folded := replace(folded, E'\u1BB5', E'5');
    folded := replace(folded, E'\u1C45', E'5');
    folded := replace(folded, E'\u1C55', E'5');
    folded := replace(folded, E'\uA625', E'5');
    folded := replace(folded, E'\uA8D5', E'5');
    folded := replace(folded, E'\uA905', E'5');
    folded := replace(folded, E'\uA9D5', E'5');
    folded := replace(folded, E'\uA9F5', E'5');
    folded := replace(folded, E'\uAA55', E'5');
    folded := replace(folded, E'\uABF5', E'5');
    folded := replace(folded, E'\U000104A5', E'5');
    folded := replace(folded, E'\U00010D35', E'5');
    folded := replace(folded, E'\U00010D45', E'5');
    folded := replace(folded, E'\U0001106B', E'5');
    folded := replace(folded, E'\U000110F5', E'5');
    folded := replace(folded, E'\U0001113B', E'5');
    folded := replace(folded, E'\U000111D5', E'5');
    folded := replace(folded, E'\U000112F5', E'5');
    folded := replace(folded, E'\U00011455', E'5');
    folded := replace(folded, E'\U000114D5', E'5');
    folded := replace(folded, E'\U00011655', E'5');
    folded := replace(folded, E'\U000116C5', E'5');
    folded := replace(folded, E'\U000116D5', E'5');
    folded := replace(folded, E'\U000116DF', E'5');
    folded := replace(folded, E'\U00011735', E'5');
    folded := replace(folded, E'\U000118E5', E'5');
    folded := replace(folded, E'\U00011955', E'5');
    folded := replace(folded, E'\U00011BF5', E'5');
    folded := replace(folded, E'\U00011C55', E'5');
    folded := replace(folded, E'\U00011D55', E'5');
    folded := replace(folded, E'\U00011DA5', E'5');
    folded := replace(folded, E'\U00011DE5', E'5');
    folded := replace(folded, E'\U00011F55', E'5');
    folded := replace(folded, E'\U00016135', E'5');
    folded := replace(folded, E'\U00016A65', E'5');
    folded := replace(folded, E'\U00016AC5', E'5');
    folded := replace(folded, E'\U00016B55', E'5');
    folded := replace(folded, E'\U00016D75', E'5');
    folded := replace(folded, E'\U0001E145', E'5');
    folded := replace(folded, E'\U0001E2F5', E'5');
    folded := replace(folded, E'\U0001E4F5', E'5');
    folded := replace(folded, E'\U0001E5F6', E'5');
    folded := replace(folded, E'\U0001E955', E'5');
    folded := replace(folded, E'\u07C6', E'6');
    folded := replace(folded, E'\u0DEC', E'6');
    folded := replace(folded, E'\u1096', E'6');
    folded := replace(folded, E'\u194C', E'6');
    folded := replace(folded, E'\u19D6', E'6');
    folded := replace(folded, E'\u1A86', E'6');
    folded := replace(folded, E'\u1A96', E'6');
    folded := replace(folded, E'\u1B56', E'6');
    folded := replace(folded, E'\u1BB6', E'6');
    folded := replace(folded, E'\u1C46', E'6');
    folded := replace(folded, E'\u1C56', E'6');
    folded := replace(folded, E'\uA626', E'6');
    folded := replace(folded, E'\uA8D6', E'6');
    folded := replace(folded, E'\uA906', E'6');
    folded := replace(folded, E'\uA9D6', E'6');
    folded := replace(folded, E'\uA9F6', E'6');
    folded := replace(folded, E'\uAA56', E'6');
    folded := replace(folded, E'\uABF6', E'6');
    folded := replace(folded, E'\U000104A6', E'6');
    folded := replace(folded, E'\U00010D36', E'6');
    folded := replace(folded, E'\U00010D46', E'6');
    folded := replace(folded, E'\U0001106C', E'6');
    folded := replace(folded, E'\U000110F6', E'6');
    folded := replace(folded, E'\U0001113C', E'6');
    folded := replace(folded, E'\U000111D6', E'6');
    folded := replace(folded, E'\U000112F6', E'6');
    folded := replace(folded, E'\U00011456', E'6');
    folded := replace(folded, E'\U000114D6', E'6');
    folded := replace(folded, E'\U00011656', E'6');
    folded := replace(folded, E'\U000116C6', E'6');
    folded := replace(folded, E'\U000116D6', E'6');
    folded := replace(folded, E'\U000116E0', E'6');
    folded := replace(folded, E'\U00011736', E'6');
    folded := replace(folded, E'\U000118E6', E'6');
    folded := replace(folded, E'\U00011956', E'6');
    folded := replace(folded, E'\U00011BF6', E'6');
    folded := replace(folded, E'\U00011C56', E'6');
    folded := replace(folded, E'\U00011D56', E'6');
    folded := replace(folded, E'\U00011DA6', E'6');
    folded := replace(folded, E'\U00011DE6', E'6');
    folded := replace(folded, E'\U00011F56', E'6');
    folded := replace(folded, E'\U00016136', E'6');
    folded := replace(folded, E'\U00016A66', E'6');
    folded := replace(folded, E'\U00016AC6', E'6');
    folded := replace(folded, E'\U00016B56', E'6');
    folded := replace(folded, E'\U00016D76', E'6');
    folded := replace(folded, E'\U0001E146', E'6');
    folded := replace(folded, E'\U0001E2F6', E'6');
    folded := replace(folded, E'\U0001E4F6', E'6');
    folded := replace(folded, E'\U0001E5F7', E'6');
    folded := replace(folded, E'\U0001E956', E'6');
    folded := replace(folded, E'\u07C7', E'7');
    folded := replace(folded, E'\u0DED', E'7');
    folded := replace(folded, E'\u1097', E'7');
    folded := replace(folded, E'\u194D', E'7');
    folded := replace(folded, E'\u19D7', E'7');
    folded := replace(folded, E'\u1A87', E'7');
    folded := replace(folded, E'\u1A97', E'7');
    folded := replace(folded, E'\u1B57', E'7');
    folded := replace(folded, E'\u1BB7', E'7');
    folded := replace(folded, E'\u1C47', E'7');
    folded := replace(folded, E'\u1C57', E'7');
    folded := replace(folded, E'\uA627', E'7');
    folded := replace(folded, E'\uA8D7', E'7');
    folded := replace(folded, E'\uA907', E'7');
    folded := replace(folded, E'\uA9D7', E'7');
    folded := replace(folded, E'\uA9F7', E'7');
    folded := replace(folded, E'\uAA57', E'7');
    folded := replace(folded, E'\uABF7', E'7');
    folded := replace(folded, E'\U000104A7', E'7');
    folded := replace(folded, E'\U00010D37', E'7');
    folded := replace(folded, E'\U00010D47', E'7');
    folded := replace(folded, E'\U0001106D', E'7');
    folded := replace(folded, E'\U000110F7', E'7');
    folded := replace(folded, E'\U0001113D', E'7');
    folded := replace(folded, E'\U000111D7', E'7');
    folded := replace(folded, E'\U000112F7', E'7');
    folded := replace(folded, E'\U00011457', E'7');
    folded := replace(folded, E'\U000114D7', E'7');
    folded := replace(folded, E'\U00011657', E'7');
    folded := replace(folded, E'\U000116C7', E'7');
    folded := replace(folded, E'\U000116D7', E'7');
    folded := replace(folded, E'\U000116E1', E'7');
    folded := replace(folded, E'\U00011737', E'7');
    folded := replace(folded, E'\U000118E7', E'7');
    folded := replace(folded, E'\U00011957', E'7');
    folded := replace(folded, E'\U00011BF7', E'7');
    folded := replace(folded, E'\U00011C57', E'7');
    folded := replace(folded, E'\U00011D57', E'7');
    folded := replace(folded, E'\U00011DA7', E'7');
    folded := replace(folded, E'\U00011DE7', E'7');
    folded := replace(folded, E'\U00011F57', E'7');
    folded := replace(folded, E'\U00016137', E'7');
    folded := replace(folded, E'\U00016A67', E'7');
    folded := replace(folded, E'\U00016AC7', E'7');
    folded := replace(folded, E'\U00016B57', E'7');
    folded := replace(folded, E'\U00016D77', E'7');
    folded := replace(folded, E'\U0001E147', E'7');
    folded := replace(folded, E'\U0001E2F7', E'7');
    folded := replace(folded, E'\U0001E4F7', E'7');
    folded := replace(folded, E'\U0001E5F8', E'7');
    folded := replace(folded, E'\U0001E957', E'7');
    folded := replace(folded, E'\u07C8', E'8');
    folded := replace(folded, E'\u0DEE', E'8');
    folded := replace(folded, E'\u1098', E'8');
    folded := replace(folded, E'\u194E', E'8');
    folded := replace(folded, E'\u19D8', E'8');
    folded := replace(folded, E'\u1A88', E'8');
    folded := replace(folded, E'\u1A98', E'8');
    folded := replace(folded, E'\u1B58', E'8');
    folded := replace(folded, E'\u1BB8', E'8');
    folded := replace(folded, E'\u1C48', E'8');
    folded := replace(folded, E'\u1C58', E'8');
    folded := replace(folded, E'\uA628', E'8');
    folded := replace(folded, E'\uA8D8', E'8');
    folded := replace(folded, E'\uA908', E'8');
    folded := replace(folded, E'\uA9D8', E'8');
    folded := replace(folded, E'\uA9F8', E'8');
    folded := replace(folded, E'\uAA58', E'8');
    folded := replace(folded, E'\uABF8', E'8');
    folded := replace(folded, E'\U000104A8', E'8');
    folded := replace(folded, E'\U00010D38', E'8');
    folded := replace(folded, E'\U00010D48', E'8');
    folded := replace(folded, E'\U0001106E', E'8');
    folded := replace(folded, E'\U000110F8', E'8');
    folded := replace(folded, E'\U0001113E', E'8');
    folded := replace(folded, E'\U000111D8', E'8');
    folded := replace(folded, E'\U000112F8', E'8');
    folded := replace(folded, E'\U00011458', E'8');
    folded := replace(folded, E'\U000114D8', E'8');
    folded := replace(folded, E'\U00011658', E'8');
    folded := replace(folded, E'\U000116C8', E'8');
    folded := replace(folded, E'\U000116D8', E'8');
    folded := replace(folded, E'\U000116E2', E'8');
    folded := replace(folded, E'\U00011738', E'8');
    folded := replace(folded, E'\U000118E8', E'8');
    folded := replace(folded, E'\U00011958', E'8');
    folded := replace(folded, E'\U00011BF8', E'8');
    folded := replace(folded, E'\U00011C58', E'8');
    folded := replace(folded, E'\U00011D58', E'8');
    folded := replace(folded, E'\U00011DA8', E'8');
    folded := replace(folded, E'\U00011DE8', E'8');
    folded := replace(folded, E'\U00011F58', E'8');
    folded := replace(folded, E'\U00016138', E'8');
    folded := replace(folded, E'\U00016A68', E'8');
    folded := replace(folded, E'\U00016AC8', E'8');
    folded := replace(folded, E'\U00016B58', E'8');
    folded := replace(folded, E'\U00016D78', E'8');
    folded := replace(folded, E'\U0001E148', E'8');
    folded := replace(folded, E'\U0001E2F8', E'8');
    folded := replace(folded, E'\U0001E4F8', E'8');
    folded := replace(folded, E'\U0001E5F9', E'8');
    folded := replace(folded, E'\U0001E958', E'8');
    folded := replace(folded, E'\u07C9', E'9');
    folded := replace(folded, E'\u0DEF', E'9');
    folded := replace(folded, E'\u1099', E'9');
    folded := replace(folded, E'\u194F', E'9');
    folded := replace(folded, E'\u19D9', E'9');
    folded := replace(folded, E'\u1A89', E'9');
    folded := replace(folded, E'\u1A99', E'9');
    folded := replace(folded, E'\u1B59', E'9');
    folded := replace(folded, E'\u1BB9', E'9');
    folded := replace(folded, E'\u1C49', E'9');
    folded := replace(folded, E'\u1C59', E'9');
    folded := replace(folded, E'\uA629', E'9');
    folded := replace(folded, E'\uA8D9', E'9');
    folded := replace(folded, E'\uA909', E'9');
    folded := replace(folded, E'\uA9D9', E'9');
    folded := replace(folded, E'\uA9F9', E'9');
    folded := replace(folded, E'\uAA59', E'9');
    folded := replace(folded, E'\uABF9', E'9');
    folded := replace(folded, E'\U000104A9', E'9');
    folded := replace(folded, E'\U00010D39', E'9');
    folded := replace(folded, E'\U00010D49', E'9');
    folded := replace(folded, E'\U0001106F', E'9');
    folded := replace(folded, E'\U000110F9', E'9');
    folded := replace(folded, E'\U0001113F', E'9');
    folded := replace(folded, E'\U000111D9', E'9');
    folded := replace(folded, E'\U000112F9', E'9');
    folded := replace(folded, E'\U00011459', E'9');
    folded := replace(folded, E'\U000114D9', E'9');
    folded := replace(folded, E'\U00011659', E'9');
    folded := replace(folded, E'\U000116C9', E'9');
    folded := replace(folded, E'\U000116D9', E'9');
    folded := replace(folded, E'\U000116E3', E'9');
    folded := replace(folded, E'\U00011739', E'9');
    folded := replace(folded, E'\U000118E9', E'9');
    folded := replace(folded, E'\U00011959', E'9');
    folded := replace(folded, E'\U00011BF9', E'9');
    folded := replace(folded, E'\U00011C59', E'9');
    folded := replace(folded, E'\U00011D59', E'9');
    folded := replace(folded, E'\U00011DA9', E'9');
    folded := replace(folded, E'\U00011DE9', E'9');
    folded := replace(folded, E'\U00011F59', E'9');
    folded := replace(folded, E'\U00016139', E'9');
    folded := replace(folded, E'\U00016A69', E'9');
    folded := replace(folded, E'\U00016AC9', E'9');
    folded := replace(folded, E'\U00016B59', E'9');
    folded := replace(folded, E'\U00016D79', E'9');
    folded := replace(folded, E'\U0001E149', E'9');
    folded := replace(folded, E'\U0001E2F9', E'9');
    folded := replace(folded, E'\U0001E4F9', E'9');
    folded := replace(folded, E'\U0001E5FA', E'9');
    folded := replace(folded, E'\U0001E959', E'9');
  end if;
  return private.compose(folded);
end $$;
-- End of what scripts/search-fold.ts writes.

-- Text as it is searched, for words in any script. The configuration is always `simple`: teams write in every language,
-- and the stemming of one damages the words of the others. Folded letters are the same for all of them; punctuation
-- separates, so that addresses, paths and error codes are found by their parts; and scripts that are written without
-- spaces (Han, kana, Hangul, Thai, Lao, Khmer, Myanmar) are split into characters with their marks, so that a word of any
-- length is found inside a sentence, as a phrase.
create function private.search_text(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  folded text := private.fold_text(value);
begin
  if octet_length(folded) <> length(folded) then
    folded := regexp_replace(folded,
      '[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u103f\u1780-\u17b3\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]'
        '[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3\u3099\u309a]*',
      ' \& ', 'g');
  end if;
  return translate(folded, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32));
end $$;

-- Other spellings of the words of a text, which it is found by as well: "Müller" also as "Mueller", Persian words with a
-- half-space or a space before what belongs to them both joined and apart.
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
  -- Words are compared without regular expressions: to begin one costs more than a word.
  if value ~ '[\u00C4\u00C5\u00D6\u00D8\u00DC\u00E4\u00E5\u00F6\u00F8\u00FC]' then
    select coalesce(string_agg(word, ' '), '') into spelled
    from unnest(string_to_array(value, ' ')) as word where octet_length(word) <> length(word) and word <> translate(word, umlauts, '');
    for i in 1 .. length(umlauts) loop
      spelled := replace(spelled, substr(umlauts, i, 1), (array['ae', 'aa', 'oe', 'oe', 'ue'])[(i - 1) % 5 + 1]);
    end loop;
  end if;
  if position(E'\u200C' in value) > 0 then
    spelled := spelled || ' ' || (
      select coalesce(string_agg(replace(word, E'\u200C', ' '), ' '), '') from unnest(string_to_array(value, ' ')) as word where position(E'\u200C' in word) > 0
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
        or (pair.word <> '' and rtrim(pair.next, E'.,:;!?\u060C\u061B\u061F') in (E'\u0647\u0627', E'\u0647\u0627\u064A', E'\u0647\u0627\u064A\u064A', E'\u062A\u0631', E'\u062A\u0631\u064A\u0646'))
    );
  end if;
  return spelled;
end $$;

-- The words of a text, to be looked up.
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

-- One term of a search as a query: what `value` holds in this order, one right after the other. `flags` are those of a
-- tsquery: ':*' for words that begin so, ':C' for the requester alone. Empty where `value` holds no word.
create function private.search_term(value text, flags text default '') returns tsquery
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return to_tsquery('simple', '''' || private.search_text(value) || ' ''' || flags);
end $$;
grant execute on function private.has_long_word(text), private.decompose(text), private.compose(text), private.fold_text(text), private.search_text(text), private.other_spellings(text), private.search_vector(text), private.search_term(text, text) to authenticated, service_role;

-- What is searched of a ticket.
create function private.ticket_search(subject text, description text, requester_name text, requester_email text) returns tsvector
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return setweight(private.search_vector(subject), 'A')
    || setweight(private.search_vector(description), 'B')
    || setweight(private.search_vector(coalesce(requester_name, '') || ' ' || coalesce(requester_email, '')), 'C');
end $$;

-- Routing -----------------------------------------------------------------------------------------------------------
-- position is what siblings are sorted by, and nothing else: what reads them numbers them.

create table public.ticket_categories (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,49}$'),
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  portal_name text check (length(portal_name) between 1 and 100 and private.is_line(portal_name)),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, key)
);
alter table public.ticket_categories enable row level security;
create unique index ticket_categories_name_key on public.ticket_categories (team_id, lower(name));
comment on table public.ticket_categories is 'The first level of routing; tickets refer to the key, which never changes';
comment on column public.ticket_categories.portal_name is 'What clients read; null: they are not offered it';

create policy ticket_categories_select_members on public.ticket_categories for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_categories_insert_managers on public.ticket_categories for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_categories_update_managers on public.ticket_categories for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_categories_delete_managers on public.ticket_categories for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
grant select, delete on public.ticket_categories to authenticated;
grant insert (team_id, key, name, portal_name, position) on public.ticket_categories to authenticated;
grant update (name, portal_name, position) on public.ticket_categories to authenticated;
grant select, insert, update, delete on public.ticket_categories to service_role;

create table public.ticket_types (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  category text not null,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, category, id), -- what tickets refer to: a type of another category is no value
  foreign key (team_id, category) references public.ticket_categories (team_id, key) on delete cascade
);
alter table public.ticket_types enable row level security;
create unique index ticket_types_name_key on public.ticket_types (team_id, category, lower(name));
comment on table public.ticket_types is 'The second level of routing';

create policy ticket_types_select_members on public.ticket_types for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_types_insert_managers on public.ticket_types for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_types_update_managers on public.ticket_types for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_types_delete_managers on public.ticket_types for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
-- Not granted: moving a type to another category, which its tickets would have to follow.
grant select, delete on public.ticket_types to authenticated;
grant insert (team_id, category, name, position) on public.ticket_types to authenticated;
grant update (name, position) on public.ticket_types to authenticated;
grant select, insert, update, delete on public.ticket_types to service_role;

create table public.ticket_items (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  type_id uuid not null,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, type_id, id), -- what tickets refer to: an item of another type is no value
  foreign key (team_id, type_id) references public.ticket_types (team_id, id) on delete cascade
);
alter table public.ticket_items enable row level security;
create unique index ticket_items_name_key on public.ticket_items (team_id, type_id, lower(name));
comment on table public.ticket_items is 'The third level of routing';

create policy ticket_items_select_members on public.ticket_items for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_items_insert_managers on public.ticket_items for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_items_update_managers on public.ticket_items for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_items_delete_managers on public.ticket_items for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
-- Not granted: moving an item to another type.
grant select, delete on public.ticket_items to authenticated;
grant insert (team_id, type_id, name, position) on public.ticket_items to authenticated;
grant update (name, position) on public.ticket_items to authenticated;
grant select, insert, update, delete on public.ticket_items to service_role;

-- Tickets -----------------------------------------------------------------------------------------------------------

create table private.ticket_counters (
  team_id uuid primary key references public.teams (id) on delete cascade,
  last_number integer not null default 0
);
comment on table private.ticket_counters is 'The last ticket number of each team: its row lock makes numbers gap-free';

create table public.tickets (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  ticket_number integer not null default 0, -- from the counter, by trigger
  subject text not null check (length(subject) between 1 and 255 and private.is_line(subject)),
  description text not null check (length(description) between 1 and 50000 and private.is_visible(description)),
  format text not null default 'text' check (format in ('text', 'markdown')), -- of the description: read as written, or rendered
  status text not null default 'open' check (status in ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  severity smallint not null default 3 check (severity between 1 and 5),
  category text not null default 'other',
  type_id uuid,
  item_id uuid,
  channel text not null default 'agent' check (channel in ('agent', 'portal', 'api', 'email', 'import')),
  assigned_to uuid,
  -- Put away for the whole team until this time, or until something new happens in it; null: it is not.
  snoozed_until timestamptz,
  snoozed_by uuid, -- whose replies are nothing new
  requester_email text check (private.is_email(requester_email)),
  requester_name text check (length(requester_name) between 1 and 200 and private.is_line(requester_name)),
  resolved_at timestamptz,
  closed_at timestamptz,
  first_response_at timestamptz,
  last_activity_at timestamptz not null default now(),
  reply_count integer not null default 0,
  version integer not null default 1,
  created_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- For private.found_tickets() alone: no list, broadcast or subscriber carries it. Kept by the triggers that fill in the
  -- other fields: a generated column would read the whole text again with every reply and every change of status.
  search tsvector not null default '',
  unique (team_id, ticket_number),
  unique (team_id, id), -- what children refer to, and the replica identity
  -- Each level of the route belongs to the one above it. Without a type the last key is not checked: no item either.
  foreign key (team_id, category) references public.ticket_categories (team_id, key),
  foreign key (team_id, category, type_id) references public.ticket_types (team_id, category, id),
  foreign key (team_id, type_id, item_id) references public.ticket_items (team_id, type_id, id) on delete set null (item_id),
  constraint tickets_item_has_type check (item_id is null or type_id is not null),
  constraint tickets_snoozed_is_open check (snoozed_until is null or status not in ('resolved', 'closed')),
  -- A ticket is answered, resolved and closed in this order, and not before it is there.
  constraint tickets_resolved_at_by_status check ((resolved_at is not null) = (status in ('resolved', 'closed'))),
  constraint tickets_closed_at_by_status check ((closed_at is not null) = (status = 'closed')),
  constraint tickets_times_in_order check (created_at <= least(first_response_at, resolved_at) and resolved_at <= coalesce(closed_at, resolved_at)),
  -- Composite, because a foreign key does not know row-level security. Somebody of the same team, who may have left: a
  -- trigger asks for a member, and their tickets follow after they have gone (private.release_tickets()).
  foreign key (team_id, assigned_to) references private.team_people (team_id, user_id) on delete set null (assigned_to),
  foreign key (team_id, snoozed_by) references private.team_people (team_id, user_id) on delete set null (snoozed_by)
);
alter table public.tickets enable row level security;
alter table public.tickets replica identity using index tickets_team_id_id_key;
comment on table public.tickets is 'A request of a client, numbered within its team';

-- Lists: each begins with the team and ends with the order it is shown in.
create index tickets_newest on public.tickets (team_id, created_at desc, id desc);
create index tickets_by_severity on public.tickets (team_id, severity, created_at desc, id desc); -- the order agents work in
create index tickets_by_status on public.tickets (team_id, status, created_at desc, id desc); -- the status filter and its counts
create index tickets_by_assignee on public.tickets (team_id, assigned_to, status); -- queues, and the foreign key
create index tickets_resolved on public.tickets (team_id, resolved_at) where status = 'resolved'; -- what is due to be closed
create index tickets_resolved_at on public.tickets (team_id, resolved_at) where resolved_at is not null; -- what was resolved in a month
create index tickets_by_category on public.tickets (team_id, category, type_id); -- the foreign keys
create index tickets_by_type on public.tickets (team_id, type_id, item_id); -- the type filter and the foreign key
create index tickets_by_item on public.tickets (team_id, item_id) where item_id is not null; -- the item filter
create index tickets_created_by on public.tickets (created_by); -- the foreign key
create index tickets_snoozed on public.tickets (team_id, snoozed_until) where snoozed_until is not null; -- the filter
create index tickets_snoozed_until on public.tickets (snoozed_until) where snoozed_until is not null; -- what is due to wake up, of all teams
create index tickets_snoozed_by on public.tickets (team_id, snoozed_by) where snoozed_by is not null; -- the foreign key
-- Search: the team first, so that a word which every team uses is looked up in one team alone.
create index tickets_search on public.tickets using gin (team_id, search);
create index tickets_names on public.tickets -- parts of words in names, addresses and subjects: ilike '%…%'
  using gin (team_id, (subject || ' ' || coalesce(requester_name, '') || ' ' || coalesce(requester_email, '')) extensions.gin_trgm_ops);

create policy tickets_select_members on public.tickets for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Whoever may create writes as themselves; who is assigned and what is closed at birth need their own permissions.
create policy tickets_insert_agents on public.tickets for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and team_id = any ((select private.permitted_team_ids('tickets.create'))::uuid[])
    and (assigned_to is null or team_id = any ((select private.permitted_team_ids('tickets.assign'))::uuid[]))
    and (status <> 'closed' or team_id = any ((select private.permitted_team_ids('tickets.close'))::uuid[]))
  );
create policy tickets_update_agents on public.tickets for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy tickets_delete_admins on public.tickets for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.delete'))::uuid[]));
-- Not granted to anybody: the id, which would tell whether another team has it, and open the events of a deleted ticket; number, channel, times, counters, version, author and team of a ticket, and who put it away.
grant select, delete on public.tickets to authenticated;
grant insert (team_id, subject, description, format, status, priority, severity, category, type_id, item_id, assigned_to, requester_email, requester_name, created_by)
  on public.tickets to authenticated;
grant update (subject, description, format, status, priority, severity, category, type_id, item_id, assigned_to, snoozed_until, requester_email, requester_name)
  on public.tickets to authenticated;
grant select, insert, update, delete on public.tickets to service_role;

-- Replies -------------------------------------------------------------------------------------------------------------

create table public.ticket_replies (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid() references public.profiles (id),
  content text not null check (length(content) between 1 and 50000 and private.is_visible(content)),
  format text not null default 'text' check (format in ('text', 'markdown')), -- text reads as written; the app's composer writes markdown
  is_internal boolean not null default false,
  -- Whose words they are. A requester has no account: then user_id is the profile under which they came in.
  author_kind text not null default 'agent' check (author_kind in ('agent', 'requester')),
  -- The author's name where they have no account here: a requester, or an agent of the helpdesk that a ticket comes from.
  external_author text check (length(external_author) between 1 and 320 and private.is_line(external_author)),
  created_at timestamptz not null default now(),
  -- For private.found_replies() alone, and without the ids of those whom the text mentions: they are nobody's words.
  search tsvector generated always as (private.search_vector(regexp_replace(content, '<@[0-9a-f-]{36}>', ' ', 'g'))) stored,
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  constraint ticket_replies_requester check (author_kind = 'agent' or (external_author is not null and not is_internal))
);
alter table public.ticket_replies enable row level security;
alter table public.ticket_replies replica identity using index ticket_replies_team_id_id_key;
create index ticket_replies_conversation on public.ticket_replies (team_id, ticket_id, created_at, id);
create index ticket_replies_user_id on public.ticket_replies (user_id); -- the foreign key
create index ticket_replies_search on public.ticket_replies using gin (team_id, search);
create index ticket_replies_public on public.ticket_replies (team_id, created_at, user_id) where not is_internal; -- replies by agent in a report
comment on table public.ticket_replies is 'The conversation of a ticket: public replies and internal notes';

create policy ticket_replies_select_members on public.ticket_replies for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Everybody who sees a ticket may write in it, as themselves; in a closed one only who may close.
create policy ticket_replies_insert_members on public.ticket_replies for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and (
      team_id = any ((select private.permitted_team_ids('tickets.close'))::uuid[])
      or exists (select from public.tickets as ticket where ticket.team_id = ticket_replies.team_id and ticket.id = ticket_replies.ticket_id and ticket.status <> 'closed')
    )
  );
create policy ticket_replies_delete_author_or_admins on public.ticket_replies for delete to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and (user_id = (select auth.uid()) or team_id = any ((select private.permitted_team_ids('replies.delete_any'))::uuid[]))
  );
-- Update is not granted: what was said stays said, and a note never turns public. Nor is who else has said it.
grant select, delete on public.ticket_replies to authenticated;
grant insert (team_id, ticket_id, user_id, content, format, is_internal) on public.ticket_replies to authenticated;
grant select, insert, update, delete on public.ticket_replies to service_role;

-- Who has written a reply, as others see them: an account, or a name without one.
create function private.reply_author(user_id uuid, external_author text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if external_author is not null then
    return jsonb_build_object('id', null, 'full_name', external_author, 'avatar_url', null);
  end if;
  return (
    select jsonb_build_object('id', person.id, 'full_name', person.full_name, 'avatar_url', person.avatar_url)
    from public.profiles as person where person.id = reply_author.user_id
  );
end $$;

-- Reply drafts ----------------------------------------------------------------------------------------------------------

create table public.reply_drafts (
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid(),
  content text not null check (length(content) between 1 and 50000), -- as long as a reply; an empty draft is none
  is_internal boolean not null default false,
  -- New with every change and never used twice, so that a device knows the draft it began with from one that came after.
  version uuid not null default gen_random_uuid(),
  updated_at timestamptz not null default now(),
  primary key (team_id, ticket_id, user_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  -- Who is out of the team leaves no drafts behind that nobody could read.
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.reply_drafts enable row level security;
create index reply_drafts_by_author on public.reply_drafts (team_id, user_id, updated_at desc); -- "my drafts", and the foreign key
comment on table public.reply_drafts is 'What somebody is writing in a ticket and has not sent: theirs alone';

-- The author's own and nobody else's, owners included. It is not broadcast and not published.
create policy reply_drafts_select_author on public.reply_drafts for select to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy reply_drafts_insert_author on public.reply_drafts for insert to authenticated
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy reply_drafts_update_author on public.reply_drafts for update to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy reply_drafts_delete_author on public.reply_drafts for delete to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
-- Not granted: version and time, and moving a draft to another ticket or person.
grant select, delete on public.reply_drafts to authenticated;
grant insert (team_id, ticket_id, user_id, content, is_internal) on public.reply_drafts to authenticated;
grant update (content, is_internal) on public.reply_drafts to authenticated;
grant select, insert, update, delete on public.reply_drafts to service_role;

create function private.tg_reply_drafts__renew_version() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.version := gen_random_uuid();
  return new;
end $$;
create trigger reply_drafts__renew_version before update on public.reply_drafts
  for each row execute function private.tg_reply_drafts__renew_version();
create trigger reply_drafts__set_updated_at before update on public.reply_drafts
  for each row execute function private.tg__set_updated_at();

-- Tags ------------------------------------------------------------------------------------------------------------------

create table public.ticket_tags (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  tag text not null check (length(tag) between 1 and 50 and private.is_tag(tag)),
  created_at timestamptz not null default now(),
  unique (team_id, ticket_id, tag), -- with the team in front: of another team's ticket it would tell the tags; and the foreign key
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade
);
alter table public.ticket_tags enable row level security;
alter table public.ticket_tags replica identity using index ticket_tags_team_id_id_key;
create index ticket_tags_by_tag on public.ticket_tags (team_id, tag, ticket_id);
comment on table public.ticket_tags is 'Labels of a ticket';

create policy ticket_tags_select_members on public.ticket_tags for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy ticket_tags_insert_agents on public.ticket_tags for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy ticket_tags_delete_agents on public.ticket_tags for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
-- Update is not granted: a tag is added or removed.
grant select, delete on public.ticket_tags to authenticated;
grant insert (team_id, ticket_id, tag) on public.ticket_tags to authenticated;
grant select, insert, update, delete on public.ticket_tags to service_role;

-- Canned responses --------------------------------------------------------------------------------------------------------

create table public.canned_responses (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  title text not null check (length(title) between 1 and 100 and private.is_line(title)),
  content text not null check (length(content) between 1 and 20000 and private.is_visible(content)),
  category text check (length(category) between 1 and 50 and private.is_line(category)),
  created_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id)
);
alter table public.canned_responses enable row level security;
create index canned_responses_by_title on public.canned_responses (team_id, title collate "und-x-icu", id);
create index canned_responses_created_by on public.canned_responses (created_by); -- the foreign key
comment on table public.canned_responses is 'Reply templates';

create policy canned_responses_select_agents on public.canned_responses for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.view'))::uuid[]));
create policy canned_responses_insert_managers on public.canned_responses for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
create policy canned_responses_update_managers on public.canned_responses for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
create policy canned_responses_delete_managers on public.canned_responses for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
grant select, delete on public.canned_responses to authenticated;
grant insert (team_id, title, content, category, created_by) on public.canned_responses to authenticated;
grant update (title, content, category) on public.canned_responses to authenticated;
grant select, insert, update, delete on public.canned_responses to service_role;

create trigger canned_responses__set_updated_at before update on public.canned_responses
  for each row execute function private.tg__set_updated_at();

-- The life of a ticket -------------------------------------------------------------------------------------------------------

-- Every status that may follow another, and what a person needs for it beyond changing the ticket at all. Jobs do
-- whatever is listed; what is not listed never happens: a closed ticket is opened again before it becomes anything else.
create table private.status_transitions (
  from_status text not null,
  to_status text not null,
  permission text, -- null: none
  primary key (from_status, to_status)
);
comment on table private.status_transitions is 'Which status may follow which, and the permission it takes';

insert into private.status_transitions (from_status, to_status, permission)
select before, after, case when 'closed' in (before, after) then 'tickets.close' end
from unnest(array['open', 'in_progress', 'waiting', 'resolved', 'closed']) as before
cross join unnest(array['open', 'in_progress', 'waiting', 'resolved', 'closed']) as after
where before <> after and (before <> 'closed' or after = 'open');

-- Automatic fields ----------------------------------------------------------------------------------------------------------

-- Every new team gets its counter and the default categories.
create function private.tg_teams__prepare_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.ticket_counters (team_id) values (new.id);
  insert into public.ticket_categories (team_id, key, name, portal_name, position)
  values
    (new.id, 'bug', 'Bug', 'Technical issue', 1),
    (new.id, 'feature_request', 'Feature request', 'Feature request', 2),
    (new.id, 'question', 'Question', 'General inquiry', 3),
    (new.id, 'billing', 'Billing', 'Billing question', 4),
    (new.id, 'content_update', 'Content update', 'Content update', 5),
    (new.id, 'other', 'Other', 'Other', 6);
  return new;
end $$;
create trigger teams__prepare_tickets after insert on public.teams
  for each row execute function private.tg_teams__prepare_tickets();

-- At most 100 at each level of a team's routing. The parent is locked, so that two at once cannot pass the limit together.
-- After the insert, when its policy has had its say: nobody counts the entries of a team that is not theirs.
create function private.tg_ticket_categories__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.teams as team where team.id = new.team_id for no key update;
  if (select count(*) from public.ticket_categories as sibling where sibling.team_id = new.team_id) > 100 then
    raise exception 'A team has at most 100 categories' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return null;
end $$;
create trigger ticket_categories__limit after insert on public.ticket_categories
  for each row execute function private.tg_ticket_categories__limit();

create function private.tg_ticket_types__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.ticket_categories as category where category.team_id = new.team_id and category.key = new.category for no key update;
  if (select count(*) from public.ticket_types as sibling where sibling.team_id = new.team_id and sibling.category = new.category) > 100 then
    raise exception 'A category has at most 100 types' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return null;
end $$;
create trigger ticket_types__limit after insert on public.ticket_types
  for each row execute function private.tg_ticket_types__limit();

create function private.tg_ticket_items__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.ticket_types as type where type.team_id = new.team_id and type.id = new.type_id for no key update;
  if (select count(*) from public.ticket_items as sibling where sibling.team_id = new.team_id and sibling.type_id = new.type_id) > 100 then
    raise exception 'A type has at most 100 items' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return null;
end $$;
create trigger ticket_items__limit after insert on public.ticket_items
  for each row execute function private.tg_ticket_items__limit();

-- The tickets of a deleted category go to "other", those of a deleted type keep their category: one change for a ticket,
-- written before the row goes, so that its name can still be told. The row is locked by now: nothing is added to it.
create function private.tg_ticket_categories__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.teams as team where team.id = old.team_id) then
    return old; -- the team is being deleted, with its tickets
  end if;
  if old.key = 'other' then
    raise exception 'This category takes the tickets of deleted ones, so it cannot be deleted itself' using errcode = 'PT409', detail = 'category_required';
  end if;
  update public.tickets as ticket set category = 'other', type_id = null, item_id = null where ticket.team_id = old.team_id and ticket.category = old.key;
  return old;
end $$;
create trigger ticket_categories__reroute_tickets before delete on public.ticket_categories
  for each row execute function private.tg_ticket_categories__reroute_tickets();

create function private.tg_ticket_types__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id) then
    update public.tickets as ticket set type_id = null, item_id = null where ticket.team_id = old.team_id and ticket.type_id = old.id;
  end if;
  return old;
end $$;
create trigger ticket_types__reroute_tickets before delete on public.ticket_types
  for each row execute function private.tg_ticket_types__reroute_tickets();

create function private.tg_ticket_items__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id) then
    update public.tickets as ticket set item_id = null where ticket.team_id = old.team_id and ticket.type_id = old.type_id and ticket.item_id = old.id;
  end if;
  return old;
end $$;
create trigger ticket_items__reroute_tickets before delete on public.ticket_items
  for each row execute function private.tg_ticket_items__reroute_tickets();

-- An assignee works tickets: owner, admin or member.
create function private.is_assignable(team_id uuid, user_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.team_members as member
    where member.team_id = is_assignable.team_id and member.user_id = is_assignable.user_id
      and member.role in ('owner', 'admin', 'member')
  );
end $$;

-- Null wakes a ticket; otherwise it is put away until a time to come, and for a year at most.
create function private.require_snooze(until timestamptz) returns void
language plpgsql stable set search_path = '' as $$
begin
  if until <= now() then
    raise exception 'A ticket is snoozed until a time in the future' using errcode = 'PT422', detail = 'snooze_past';
  end if;
  if until > now() + interval '1 year' then
    raise exception 'A ticket is snoozed for a year at most' using errcode = 'PT422', detail = 'snooze_too_long';
  end if;
end $$;

-- One message for viewers, strangers and ids that do not exist. The lock makes who is being removed, or becomes a viewer,
-- and who assigns to them take turns: what was assigned before is released, and nothing is assigned after.
create function private.require_assignable(team_id uuid, user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.team_members as member where member.team_id = require_assignable.team_id and member.user_id = require_assignable.user_id for share;
  if not private.is_assignable(require_assignable.team_id, require_assignable.user_id) then
    raise exception 'Not an agent of this team' using errcode = 'PT400', detail = 'assigned_to';
  end if;
end $$;

create function private.tg_tickets__before_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.search := private.ticket_search(new.subject, new.description, new.requester_name, new.requester_email);
  -- To those alone who may create: to anybody else the answer would tell who works for the team.
  if new.assigned_to is not null and ((select auth.uid()) is null or private.has_permission(new.team_id, 'tickets.create')) then
    perform private.require_assignable(new.team_id, new.assigned_to);
  end if;
  if new.channel = 'agent' and current_setting('switchboard.channel', true) = 'api' then
    new.channel := 'api'; -- not granted: the server knows by which way its caller came
  end if;
  new.closed_at := case when new.status = 'closed' then coalesce(new.closed_at, now()) end;
  new.resolved_at := case when new.status in ('resolved', 'closed') then coalesce(new.resolved_at, new.closed_at, now()) end;
  return new;
end $$;
create trigger tickets__afford before insert on public.tickets
  for each row when (coalesce(current_setting('switchboard.channel', true), '') = '') execute function private.tg_spend_budget();
create trigger tickets__before_insert before insert on public.tickets
  for each row execute function private.tg_tickets__before_insert();

-- Behind what refuses rows by its name, so that a refused row does not hold the counter's lock.
create function private.tg_tickets__number() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update private.ticket_counters as counter set last_number = counter.last_number + 1
  where counter.team_id = new.team_id
  returning counter.last_number into new.ticket_number;
  return new;
end $$;
create trigger tickets__number before insert on public.tickets
  for each row execute function private.tg_tickets__number();

-- Who may assign and close, which status follows which, and what the server fills in. Rules about persons are for
-- persons: jobs have no auth.uid().
create function private.tg_tickets__before_update() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := (select auth.uid());
  needed text;
  restored jsonb;
begin
  new.search := old.search; -- nobody's to write
  if new is not distinct from old then
    return null; -- nothing changed: no new version, no event
  end if;

  if new.assigned_to is distinct from old.assigned_to then
    if new.assigned_to is not null then
      perform private.require_assignable(new.team_id, new.assigned_to);
    end if;
    if caller is not null
      and not private.has_permission(old.team_id, 'tickets.assign')
      and not (
        -- claiming an unassigned ticket, or releasing one's own
        (coalesce(old.assigned_to, caller) = caller and coalesce(new.assigned_to, caller) = caller)
        and private.has_permission(old.team_id, 'tickets.claim')
      )
      -- the foreign key clears the tickets of a member who leaves, the demotion to viewer those of one who stays
      and (new.assigned_to is not null or exists (select from public.team_members as member where member.team_id = old.team_id and member.user_id = old.assigned_to and member.role <> 'viewer'))
    then
      raise exception 'Your role does not allow assigning tickets' using errcode = 'PT403', detail = 'forbidden';
    end if;
  end if;

  if new.status <> old.status then
    -- A bulk operation that is being undone gives back what it took, times included: its own row in this transaction says
    -- so, which nobody else can write.
    select row.before into restored from private.bulk_operation_tickets as row where row.ticket_id = old.id and row.state = 'restoring' and row.before ->> 'status' = new.status;
    select rule.permission into needed from private.status_transitions as rule where rule.from_status = old.status and rule.to_status = new.status;
    if restored is not null then
      needed := case when 'closed' in (old.status, new.status) then 'tickets.close' end;
    elsif not found then
      raise exception '%', case old.status when 'closed' then 'A closed ticket can only be opened again' else format('A ticket that is %s cannot become %s', old.status, new.status) end
        using errcode = 'PT422', detail = 'status_transition';
    end if;
    if caller is not null and needed is not null and not private.has_permission(old.team_id, needed) then
      raise exception 'Only owners and admins close tickets or open closed ones' using errcode = 'PT403', detail = 'forbidden';
    end if;
    new.resolved_at := case when new.status in ('resolved', 'closed') then coalesce(old.resolved_at, now()) end;
    new.closed_at := case when new.status = 'closed' then now() end;
    if restored is not null then
      new.resolved_at := (restored ->> 'resolved_at')::timestamptz;
      new.closed_at := (restored ->> 'closed_at')::timestamptz;
    end if;
  end if;

  -- Another assignee is something new in a ticket, and what is done needs no attention later.
  if new.snoozed_until = old.snoozed_until and (new.assigned_to is distinct from old.assigned_to or new.status in ('resolved', 'closed')) then
    new.snoozed_until := null;
  end if;
  if new.snoozed_until is distinct from old.snoozed_until then
    perform private.require_snooze(new.snoozed_until);
    if new.snoozed_until is not null and new.status in ('resolved', 'closed') then
      raise exception 'A resolved or closed ticket cannot be snoozed' using errcode = 'PT422', detail = 'snooze_status';
    end if;
    new.snoozed_by := case when new.snoozed_until is not null then caller end;
  end if;

  -- A level above changed and this one was not given anew: it belongs to what was left.
  if new.category <> old.category and new.type_id = old.type_id then
    new.type_id := null;
  end if;
  if new.type_id is distinct from old.type_id and new.item_id = old.item_id then
    new.item_id := null;
  end if;

  if (new.subject, new.description, new.requester_name, new.requester_email) is distinct from (old.subject, old.description, old.requester_name, old.requester_email) then
    new.search := private.ticket_search(new.subject, new.description, new.requester_name, new.requester_email);
  end if;
  new.version := old.version + 1;
  -- Nobody is granted these two: only what loads a history (import, the demo world) sets them.
  if new.updated_at = old.updated_at then
    new.updated_at := now();
  end if;
  if new.last_activity_at = old.last_activity_at
    and (
      case when new.status <> old.status then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.status_changed', to_jsonb(old.status))
      when new.snoozed_until is distinct from old.snoozed_until then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.snoozed', to_jsonb(old.snoozed_until))
      when new.assigned_to is distinct from old.assigned_to then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.assigned', null)
      when (new.category, new.type_id, new.item_id) is distinct from (old.category, old.type_id, old.item_id) then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.rerouted', null)
      else private.current_channel() <> 'import' end
    )
  then
    new.last_activity_at := now();
  end if;
  return new;
end $$;
create trigger tickets__before_update before update on public.tickets
  for each row execute function private.tg_tickets__before_update();

-- Nobody is granted these times: what loads a history or moves one may give them in any order. A ticket is as old as what
-- happened in it, and is closed when it is resolved, or later. By its name it fires after what fills in the times.
create function private.tg_tickets__order_times() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.closed_at := greatest(new.closed_at, case when new.closed_at is not null then new.resolved_at end);
  new.created_at := least(new.created_at, new.first_response_at, new.resolved_at);
  new.last_activity_at := greatest(new.last_activity_at, new.created_at);
  return new;
end $$;
create trigger tickets__order_times_insert before insert on public.tickets
  for each row execute function private.tg_tickets__order_times();
create trigger tickets__order_times_update before update on public.tickets
  for each row when (
    (new.created_at, new.first_response_at, new.resolved_at, new.closed_at, new.last_activity_at)
    is distinct from (old.created_at, old.first_response_at, old.resolved_at, old.closed_at, old.last_activity_at)
  )
  execute function private.tg_tickets__order_times();

-- When the first public reply of an agent was written, not before its ticket; null while there is none. Notes and
-- requesters answer nothing.
create function private.first_response(team_id uuid, ticket_id uuid) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select greatest(min(reply.created_at), min(ticket.created_at)) from public.ticket_replies as reply
    join public.tickets as ticket on ticket.team_id = reply.team_id and ticket.id = reply.ticket_id
    where reply.team_id = first_response.team_id and reply.ticket_id = first_response.ticket_id and not reply.is_internal and reply.author_kind = 'agent'
  );
end $$;

-- Replies keep the ticket's counter and its time of first response; one of anybody but who put the ticket away wakes it
-- up. A reply that is deleted answers nothing any more.
create function private.tg_ticket_replies__update_ticket() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    update public.tickets as ticket set
      reply_count = ticket.reply_count + 1,
      first_response_at = case when new.is_internal or new.author_kind = 'requester' then ticket.first_response_at else coalesce(ticket.first_response_at, greatest(new.created_at, ticket.created_at)) end,
      snoozed_until = case when ticket.snoozed_by = new.user_id or private.current_channel() = 'import' then ticket.snoozed_until end
    where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  else
    update public.tickets as ticket set
      reply_count = ticket.reply_count - 1,
      first_response_at = case
        when old.is_internal or old.author_kind = 'requester' or old.created_at > ticket.first_response_at then ticket.first_response_at
        else private.first_response(old.team_id, old.ticket_id)
      end
    where ticket.team_id = old.team_id and ticket.id = old.ticket_id;
  end if;
  return null;
end $$;
create trigger ticket_replies__afford before insert on public.ticket_replies
  for each row when (coalesce(current_setting('switchboard.channel', true), '') = '') execute function private.tg_spend_budget();
create trigger ticket_replies__update_ticket after insert or delete on public.ticket_replies
  for each row execute function private.tg_ticket_replies__update_ticket();

-- A change of tags is a change of the ticket: one new version for a statement, however many tags it wrote.
create function private.tg_ticket_tags__update_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.tickets as ticket set version = ticket.version + 1
  where (ticket.team_id, ticket.id) in (select distinct changed.team_id, changed.ticket_id from changed);
  return null;
end $$;
create trigger ticket_tags__update_tickets_insert after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__update_tickets();
create trigger ticket_tags__update_tickets_delete after delete on public.ticket_tags
  referencing old table as changed for each statement execute function private.tg_ticket_tags__update_tickets();

-- By its name it fires after ticket_tags__update_tickets_insert, which holds the ticket: two at once cannot pass the limit.
create function private.tg_ticket_tags__within_limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (
    select from (select distinct changed.team_id, changed.ticket_id from changed) as ticket
    where (select count(*) from public.ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.ticket_id) > 20
  ) then
    raise exception 'A ticket has at most 20 tags' using errcode = 'PT422', detail = 'tag_limit';
  end if;
  return null;
end $$;
create trigger ticket_tags__within_limit after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__within_limit();

-- Search --------------------------------------------------------------------------------------------------------------------

-- Neither `@@` nor `ilike` is leakproof, so that under row-level security Postgres would read every row of the team
-- before it looks for words, and never use their indexes. These two look past the policies, in one team of the caller's,
-- and answer ids, the newest `most` of them; what the caller then reads of these rows is for the policies to say.

-- Whether `value` holds what words alone cannot tell: C++, .NET, a/b. `checks` is a list, of which all must hold, of lists of
-- alternatives: { query, literal, begins, not }. A literal begins where a word does; without `begins` it ends there too.
create function private.passes_checks(search tsvector, value text, checks jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  folded text; -- when an index says that it may matter: folding reads the whole text
  alternatives jsonb;
  alternative jsonb;
  passes boolean;
begin
  for alternatives in select jsonb_array_elements(checks) loop
    passes := false;
    for alternative in select jsonb_array_elements(alternatives) loop
      if passes then
        continue;
      end if;
      if not search @@ (alternative ->> 'query')::tsquery then
        passes := (alternative ->> 'not')::boolean;
        continue;
      end if;
      folded := coalesce(folded, private.fold_text(value));
      passes := (alternative ->> 'not')::boolean <> (
        not exists (
          select from jsonb_array_elements_text(alternative -> 'literals') as wanted (literal)
          where position(private.fold_text(wanted.literal) in folded) = 0
            or folded !~ (case when wanted.literal ~ '^\w' then '(?<!\w)' else '' end || regexp_replace(private.fold_text(wanted.literal), '([^[:alnum:]])', '\\\1', 'g')
              || case when (alternative ->> 'begins')::boolean or wanted.literal !~ '\w$' then '' else '(?!\w)' end)
        )
      );
    end loop;
    if not passes then
      return false;
    end if;
  end loop;
  return true;
end $$;

-- Tickets whose words match `query` and pass the `checks`, or whose names and subject hold the `pattern` (of
-- ilike), or with this number.
create function private.found_tickets(team_id uuid, query tsquery, pattern text default null, number integer default null, most integer default null, checks jsonb default null) returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select ticket.id
  from public.tickets as ticket
  where ticket.team_id = found_tickets.team_id
    and private.has_permission(found_tickets.team_id, 'tickets.view')
    and (
      (
        ticket.search @@ found_tickets.query
        and (found_tickets.checks is null or private.passes_checks(ticket.search, concat_ws(E'\n', ticket.subject, ticket.description, ticket.requester_name, ticket.requester_email), found_tickets.checks))
      )
      or (ticket.subject || ' ' || coalesce(ticket.requester_name, '') || ' ' || coalesce(ticket.requester_email, '')) ilike found_tickets.pattern
      or ticket.ticket_number = found_tickets.number
    )
  order by ticket.created_at desc
  limit found_tickets.most
$$;
grant execute on function private.found_tickets(uuid, tsquery, text, integer, integer, jsonb) to authenticated;

-- Replies whose words match. Internal notes are among them for those who see the team's tickets, and for nobody else.
create function private.found_replies(team_id uuid, query tsquery, most integer default null, checks jsonb default null) returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select reply.id
  from public.ticket_replies as reply
  where reply.team_id = found_replies.team_id
    and private.has_permission(found_replies.team_id, 'tickets.view')
    and reply.search @@ found_replies.query
    and (found_replies.checks is null or private.passes_checks(reply.search, reply.content, found_replies.checks))
  order by reply.created_at desc
  limit found_replies.most
$$;
grant execute on function private.found_replies(uuid, tsquery, integer, jsonb) to authenticated;
