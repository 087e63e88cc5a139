-- What is asked of a row alone, asked where it costs least. Run once, as the owner, in the transaction of
-- the migration.
--
-- The server reads the text of a CHECK anew in every statement: those of a fact took a sixth of what
-- recording a plan cost it. A trigger keeps its expressions for as long as somebody is signed in. So
-- each CHECK becomes a line of one expression, under its name and in its turn: whatever was refused is
-- refused, and the same rule is named first.

-- As in revision 0009. A function that is one SQL expression without a path of its own becomes part of
-- whatever expression calls it, so that it costs no call; only functions that have a path call it. All
-- bodies are texts, which the server keeps as they stand here: `doctor` compares them.
create or replace function is_moment(at text) returns boolean
    language sql stable
    as $$ select case
        when at like '2___-__-__T__:__:__._________:__'
            and translate(at, '0123456789', '') in ('--T::.+:', '--T::.-:')
        then at::timestamptz is not null else false end $$;

-- Which rule a fact breaks: the first by name, as PostgreSQL asks constraints. Nothing that is null breaks
-- one; columns say themselves that they hold something.
create function rule_broken_by(sequence bigint, event_id text, case_id text, version integer, at text,
                               actor text, role text, type text, body text, sha256 text) returns text
    language sql stable
    as $$ select case
        when (version = 1) <> (type = 'case_opened') then 'event_first_opens'
        when length(sha256) <> 64 then 'event_hash_is_whole'
        when type in ('budget_changed', 'offers_shown', 'offer_spoken', 'offer_refused',
                'disclosure_read', 'plan_recorded', 'call_closed', 'borrower_waits', 'cancelled',
                'revealed') and role not in ('collector', 'team_lead', 'agency_collector')
            then 'event_role_calls'
        when type in ('broken', 'reopened') and role <> 'team_lead' then 'event_role_ends'
        when type = 'exported' and role = 'administrator' then 'event_role_exports'
        when type in ('approved', 'returned', 'declined', 'case_assigned') and role <> 'team_lead'
            then 'event_role_leads'
        when role not in ('collector', 'team_lead', 'legal_reviewer', 'administrator',
                'agency_collector') then 'event_role_may_write'
        when type = 'case_opened' and role not in ('collector', 'team_lead', 'administrator')
            then 'event_role_opens'
        when type in ('payment_posted', 'kept') and role not in ('collector', 'team_lead')
            then 'event_role_posts'
        when type = 'purged' and role <> 'administrator' then 'event_role_purges'
        when type = 'signed' and role not in ('collector', 'team_lead', 'agency_collector')
            then 'event_role_signs'
        when sequence <= 0 then 'event_sequence_is_positive'
        -- The canonical JSON of the envelope around the body as it is stored (domain/event_form.py).
        when sha256 <> encode(sha256(convert_to(concat(
                '{"actor":', to_json(actor), ',"at":', to_json(at), ',"body":', body,
                ',"case_id":', to_json(case_id), ',"event_id":', to_json(event_id),
                ',"role":', to_json(role), ',"type":', to_json(type), ',"version":', version, '}'),
                'UTF8')), 'hex') then 'event_sha256_holds'
        when type not in ('case_opened', 'budget_changed', 'offers_shown', 'offer_spoken',
                'offer_refused', 'disclosure_read', 'plan_recorded', 'approved', 'returned', 'declined',
                'cancelled', 'case_assigned', 'exported', 'signed', 'payment_posted', 'kept', 'broken',
                'reopened', 'call_closed', 'borrower_waits', 'revealed', 'purged')
            then 'event_type_is_known'
        when version <= 0 then 'event_version_is_positive'
        -- What every reader of a fact takes from it. A plan is read in event_enters, once for all.
        when type <> 'plan_recorded' and not (body like '{%' and body::jsonb ?& case
                when type in ('case_opened', 'budget_changed') then array['borrower', 'debts', 'budget']
                when type in ('approved', 'returned', 'declined', 'cancelled')
                    then array['fingerprint', 'display_name', 'reason', 'sentence']
                when type = 'case_assigned' then array['agent']
                when type = 'disclosure_read' then array['disclosure']
                when type = 'exported' then array['number', 'fingerprint', 'files']
                when type = 'signed' then array['number', 'fingerprint', 'day', 'parties',
                    'file_sha256']
                when type = 'payment_posted' then array['number', 'fingerprint', 'day', 'amount',
                    'currency', 'reference', 'split']
                when type = 'kept' then array['number', 'fingerprint', 'day']
                when type = 'broken' then array['number', 'fingerprint', 'reason', 'sentence']
                when type = 'reopened' then array['reason', 'sentence', 'plans']
                when type = 'call_closed' then array['outcome']
                when type = 'borrower_waits' then array['fingerprint', 'waits']
                when type = 'revealed' then array['reason', 'sentence', 'fields']
                when type = 'purged' then array['ended', 'retention_years']
                else array[]::text[] end) then 'event_whole_body'
        end $$;
revoke execute on function rule_broken_by(bigint, text, text, integer, text, text, text, text, text,
    text) from public;

-- As in revisions 0001, 0004 and 0009.
create or replace function refuse_change() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
        raise exception using errcode = '23514', constraint = 'append_only',
            message = 'append_only: ' || tg_table_name;
    end $$;
create or replace function keep_key() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
        raise exception using errcode = '23514', constraint = 'kept',
            message = 'kept: ' || tg_table_name;
    end $$;
create or replace function has_expired(content jsonb, acted timestamptz) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ select case
        when content ->> 'ended' ~ '^\d{4}-\d\d-\d\d$'
            and content ->> 'retention_years' ~ '^\d{1,3}$'
        then (content ->> 'ended')::date + make_interval(years => (content ->> 'retention_years')::int)
                < (clock_timestamp() at time zone 'Etc/GMT-14')::date
            and acted + make_interval(years => (content ->> 'retention_years')::int, days => 1)
                <= clock_timestamp()
        else false end $$;

-- The longest time, in years, that an approval says its case is kept: a number that a policy pack can
-- name (domain/retention.py), and 0 where none says one.
create function years_approved(of_case text) returns integer
    language sql stable set search_path = plan_assistant, pg_temp
    as $$
        select coalesce(max(case
            when said ~ '^\d{1,3}$' and said::integer <= 100 then said::integer else 0 end), 0)
        from (select body::jsonb -> 'retention_years' #>> '{}' as said,
                     jsonb_typeof(body::jsonb -> 'retention_years') as form
                from event
                where case_id = of_case and type = 'approved' and body like '{%') as approvals
        where form = 'number'
    $$;
revoke execute on function years_approved(text) from public;

-- As in revision 0009, but that it asks for these rules, that no case is purged before the years that
-- its approvals name, and that the end of the last checkpoint is read with the person and not in a
-- function of its own.
create or replace function event_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    person record;
    head case_head%rowtype;
    decides constant boolean := new.type in ('approved', 'returned', 'declined', 'cancelled');
    place bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
    said record;
    prefix constant text := new.case_id || '-';
    broken text;
begin
    select name, role, team, (select last_value from sealed_up_to) as sealed into person
        from account where name = session_user;
    if not found or new.actor is distinct from person.name or new.role is distinct from person.role then
        perform refuse('actor_is_session_user');
    end if;
    if place <= person.sealed then
        place := nextval('sealed_up_to');
    end if;
    if not is_moment(new.at) then
        perform refuse('event_stated_moment');
    end if;
    if octet_length(new.body) > 4194304 then
        perform refuse('event_short_body');
    end if;
    -- Brackets without end break every reader of JSON there is. How deep a plan is nobody asks here:
    -- that would cost as much as reading its number, and readers stop at the same depth.
    if new.type <> 'plan_recorded' and new.body like '{%'
            and jsonb_path_exists(new.body::jsonb, '$.**{64}') then
        perform refuse('event_shallow_body');
    end if;

    if new.version = 1 then
        insert into case_head (case_id, team, version, reached, last_event)
            values (new.case_id, person.team, 1, place, new.event_id)
            on conflict do nothing returning * into head;
    elsif new.type = 'plan_recorded' then
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                last_event = new.event_id, acted = clock_timestamp(),
                round = round + 1, is_waiting = true
            where case_id = new.case_id and version = new.version - 1 and not is_waiting
            returning * into head;
    elsif decides then
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                last_event = new.event_id, acted = clock_timestamp(), is_waiting = false
            where case_id = new.case_id and version = new.version - 1 and is_waiting
            returning * into head;
    elsif new.type = 'case_assigned' then
        if person.role <> 'team_lead' then
            perform refuse('event_role_leads');
        end if;
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                last_event = new.event_id, acted = clock_timestamp(),
                assigned_to = new.body::json ->> 'agent'
            where case_id = new.case_id and version = new.version - 1
            returning * into head;
    elsif new.type = 'purged' then
        if person.role <> 'administrator' then
            perform refuse('event_role_purges');
        end if;
        -- By the clock here: a case ends with what was last done about it, whatever the fact says.
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                last_event = new.event_id, is_erased = true
            where case_id = new.case_id and version = new.version - 1 and not is_waiting
                and not is_erased
            returning * into head;
    else
        -- That somebody looked at a case does not keep it.
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                last_event = new.event_id,
                acted = case when new.type = 'revealed' then acted else clock_timestamp() end
            where case_id = new.case_id and version = new.version - 1
            returning * into head;
    end if;

    if head.case_id is null then
        select * into head from case_head where case_id = new.case_id;
        perform refuse(case
            when head.case_id is null or head.version <> new.version - 1 then 'stale_version'
            when head.is_erased then 'case_erased'
            when head.is_waiting then 'one_pending'
            when head.round = 0 then 'nothing_pending'
            else 'already_decided' end);
    end if;
    if decides and new.version = 1 then
        perform refuse('nothing_pending');
    end if;
    if head.is_erased and new.type <> 'purged' then
        perform refuse('case_erased');
    end if;
    -- An agency works for several teams: what it may do hangs on the case that it was given.
    if head.team <> person.team and person.role not in ('legal_reviewer', 'agency_collector') then
        perform refuse('case_of_another_team');
    end if;
    if person.role = 'agency_collector' and head.assigned_to is distinct from person.name then
        perform refuse('case_not_assigned');
    end if;
    new.team := head.team;
    -- By the clock, after every earlier fact of the case, and after every checkpoint.
    new.sequence := head.reached;

    if new.type = 'purged' then
        if not has_expired(new.body::jsonb, head.acted)
                or (new.body::json ->> 'retention_years')::integer < years_approved(new.case_id) then
            perform refuse('purged_too_early');
        end if;
        -- With the fact, and only with it.
        update case_key set master_key_id = null, wrapped = null where case_id = new.case_id;
        delete from person_index where case_id = new.case_id;
    end if;
    if new.type = 'plan_recorded' then
        select * into said from json_to_record(new.body::json)
            as said (number text, fingerprint text, maker text, debt json);
        if said.number is null or said.maker is null or said.debt is null then
            perform refuse('event_whole_body');
        end if;
        -- AG, the day, the case, a number: nobody takes the number that another case will have.
        if said.number like 'AG-________-%' and not (substr(said.number, 13, length(prefix)) = prefix
                and translate(substr(said.number, 13 + length(prefix)), '0123456789', '') = '') then
            perform refuse('number_names_its_case');
        end if;
        insert into submission (case_id, round, previous_round, event_id, number, fingerprint, maker)
            values (new.case_id, head.round, nullif(head.round - 1, 0), new.event_id,
                    said.number,
                    -- Of a body with sealed fields, over what they hold: only its maker could
                    -- compute it, and whoever opens the fields can check it.
                    coalesce(said.fingerprint,
                             encode(sha256(convert_to(new.body, 'UTF8')), 'hex')), new.actor);
    elsif decides then
        insert into decision (case_id, round, event_id, outcome, maker, fingerprint, decider,
                              decider_role)
            select new.case_id, head.round, new.event_id, new.type, sent.maker,
                    new.body::json ->> 'fingerprint', new.actor, new.role
                from submission sent where sent.case_id = new.case_id and sent.round = head.round;
    end if;
    -- What is asked of a fact alone comes last, as constraints did.
    broken := rule_broken_by(new.sequence, new.event_id, new.case_id, new.version, new.at, new.actor,
                             new.role, new.type, new.body, new.sha256);
    if broken is not null then
        perform refuse(broken);
    end if;
    return new;
end $$;
drop function current_position();


alter table event
    drop constraint event_first_opens,
    drop constraint event_hash_is_whole,
    drop constraint event_role_calls,
    drop constraint event_role_ends,
    drop constraint event_role_exports,
    drop constraint event_role_leads,
    drop constraint event_role_may_write,
    drop constraint event_role_opens,
    drop constraint event_role_posts,
    drop constraint event_role_purges,
    drop constraint event_role_signs,
    drop constraint event_sequence_is_positive,
    drop constraint event_sha256_holds,
    drop constraint event_type_is_known,
    drop constraint event_version_is_positive,
    drop constraint event_whole_body;

-- As in revision 0009, but for the length of a key.
create or replace function request_belongs() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    facts constant integer := cardinality(string_to_array(new.event_ids, '", "'));
    found_version integer;
begin
    if length(new.key) not between 1 and 255 then
        perform refuse('request_key_length');
    end if;
    if new.event_ids not like '["%"]' then
        perform refuse('request_names_facts');
    end if;
    insert into case_head as head (case_id, team, version, reached) values (new.case_id, '', 0, 0)
        on conflict (case_id) do update set claimed = new.version
            where head.xmin = pg_current_xact_id()::xid and head.version = new.version
                and head.claimed <= new.version - facts
                and right(new.event_ids, length(head.last_event) + 4)
                    in ('["' || head.last_event || '"]', ' "' || head.last_event || '"]')
        returning version into found_version;
    if found_version is null or found_version = 0 then
        perform refuse('request_without_fact');
    end if;
    return null;
end $$;
alter table request drop constraint request_key_length;
