-- One form for all spellings of what is searched, on both sides: in lower case, whichever of Unicode's forms it came in,
-- without accents and whatever else stands in U+0300 to U+036F (marks of other scripts are letters there, and stay), without
-- the vowel signs of Hebrew and Arabic, which ordinary writing leaves out, and without what nobody sees inside a word, with
-- the Latin letters that are no letter with a mark as they are typed without them. All hyphens are one.
-- Signs that no ASCII names are space: the parser of words takes them for letters under the locale "C". A character of Han,
-- kana or Hangul stands between commas, as does a symbol: words are not written apart there, so that each is found wherever
-- it stands, and several in their order. Nothing in it can change but by a migration that builds the indexes anew.
CREATE FUNCTION search_form(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(given) = char_length(given) THEN
    RETURN lower(given COLLATE "C");
  END IF;
  RETURN regexp_replace(regexp_replace(normalize(
    replace(replace(replace(replace(translate(
      lower(regexp_replace(normalize(given, NFKD),
        '[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u061c\u064b-\u0652\u0670\u200c-\u200f\u2060\ufe00-\ufe0f\ufeff]+',
        '', 'g') COLLATE "und-x-icu"),
      'đðħıłøŧς’־‐‑‒', 'ddhilotσ''----'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC),
    '[\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb\u00bf\u00d7\u00f7\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u3000-\u3004\u3008-\u3030\u30fb\ufe10-\ufe6f]', ' ', 'g'),
    '([\u2190-\u2bff\u2e80-\u2fdf\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U0001f000-\U0003ffff])', ',\1,', 'g');
END
$$;

-- The words of a text, in their order. A comma stands for each sign by which the parser would take several for one (a file,
-- a host, a URL, an e-mail address, a number with a sign, a tag). The "v" of a version is a word of its own.
CREATE FUNCTION search_words(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_tsvector('simple', translate(
  regexp_replace(search_form(given), '(?<![a-z0-9\u0080-\U0010ffff])v(?=[0-9]+[.][0-9])', 'v,', 'g'),
  '-/.@:+<&~', ',,,,,,,,,'
));

-- What is asked for, in the language of websearch_to_tsquery: what is written as one is asked for in a row, and a minus
-- excludes only where a word begins with it.
CREATE FUNCTION search_query(asked text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN websearch_to_tsquery('simple', regexp_replace(
  translate(
    regexp_replace(search_form(asked), '(?<![a-z0-9\u0080-\U0010ffff])v(?=[0-9]+[.][0-9])', 'v,', 'g'),
    '/.@:+<&~\!|()*', ',,,,,,,,,,,,,,'
  ),
  '(?<=[^[:space:]])-|-(?![^[:space:]-])', ',', 'g'
));

-- src/record/searched.ts says the same of records.
DROP INDEX "account_contains";
CREATE INDEX account_contains ON account USING gin (
  organization_id,
  search_form(' ' || name || E'\n' || ' ' || coalesce(domain, '') || E'\n') gin_trgm_ops
);
DROP INDEX "contact_contains";
CREATE INDEX contact_contains ON contact USING gin (
  organization_id,
  search_form(' ' || name || E'\n' || ' ' || coalesce(email, '') || E'\n' || ' ' || coalesce(phone, '') || E'\n' || ' ' || coalesce(phone_key, '') || E'\n') gin_trgm_ops
);
DROP INDEX "lead_contains";
CREATE INDEX lead_contains ON lead USING gin (
  organization_id,
  search_form(' ' || name || E'\n' || ' ' || coalesce(company, '') || E'\n' || ' ' || coalesce(email, '') || E'\n' || ' ' || coalesce(phone, '') || E'\n' || ' ' || coalesce(phone_key, '') || E'\n') gin_trgm_ops
);
DROP INDEX "opportunity_contains";
CREATE INDEX opportunity_contains ON opportunity USING gin (
  organization_id,
  search_form(' ' || name || E'\n') gin_trgm_ops
);

-- A search says the same expression @@ search_query($2).
DROP INDEX "task_words";
CREATE INDEX task_words ON task USING gin (
  organization_id,
  search_words(title || ' ' || coalesce(description, ''))
);
DROP INDEX "activity_words";
CREATE INDEX activity_words ON activity USING gin (
  organization_id,
  search_words(coalesce(title, '') || ' ' || coalesce(description, ''))
);
