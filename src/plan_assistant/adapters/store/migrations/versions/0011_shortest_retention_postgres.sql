-- How long a case is kept at least. Run once, as the owner, in the transaction of the migration.
--
-- The server does not know the policy packs, but what any of them may name: a whole number of years from
-- 1 to 100 (domain/retention.py). The program erases for no other, whatever pack there is or none, so
-- whoever writes another one wants a case gone that is kept still.

-- As in revision 0010, but that the years are a number that a policy pack can name.
create or replace function has_expired(content jsonb, acted timestamptz) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ select case
        when content ->> 'ended' ~ '^\d{4}-\d\d-\d\d$'
            and jsonb_typeof(content -> 'retention_years') = 'number'
            and content ->> 'retention_years' ~ '^([1-9]\d?|100)$'
        then (content ->> 'ended')::date + make_interval(years => (content ->> 'retention_years')::int)
                < (clock_timestamp() at time zone 'Etc/GMT-14')::date
            and acted + make_interval(years => (content ->> 'retention_years')::int, days => 1)
                <= clock_timestamp()
        else false end $$;
