-- One form for all spellings of what is searched, on both sides: in lower case, whichever of Unicode's forms it came in,
-- without accents and whatever else stands in U+0300 to U+036F (marks of other scripts are letters there, and stay), with
-- the Latin letters that are no letter with a mark as they are typed without them. Signs that no ASCII names are space: the
-- parser of words takes them for letters under the locale "C". A character of Han, kana or Hangul stands between commas, as
-- does a symbol: words are not written apart there, so that each is found wherever it stands, and several in their order.
-- Nothing in it can change but by a migration that builds the indexes anew.
CREATE FUNCTION search_form(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(given) = char_length(given) THEN
    RETURN lower(given COLLATE "C");
  END IF;
  RETURN regexp_replace(regexp_replace(normalize(
    replace(replace(replace(replace(translate(
      lower(regexp_replace(normalize(given, NFKD), '[\u00ad\u0300-\u036f]+', '', 'g') COLLATE "und-x-icu"),
      'đðħıłøŧς’', 'ddhilotσ'''), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC),
    '[\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u3000-\u3004\u3008-\u3030\u30fb\ufe10-\ufe6f]', ' ', 'g'),
    '([\u2190-\u2bff\u2e80-\u2fdf\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U0001f000-\U0003ffff])', ',\1,', 'g');
END
$$;

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

-- A search says the same expression @@ websearch_to_tsquery('simple', search_form($2)).
DROP INDEX "task_words";
CREATE INDEX task_words ON task USING gin (
  organization_id,
  to_tsvector('simple', search_form(title || ' ' || coalesce(description, '')))
);
DROP INDEX "activity_words";
CREATE INDEX activity_words ON activity USING gin (
  organization_id,
  to_tsvector('simple', search_form(coalesce(title, '') || ' ' || coalesce(description, '')))
);
