-- What one person could still record, within their rights, to stop others, to take what is theirs, or to
-- end what is kept. Run once, as the owner, in the transaction of the migration.
--
-- What is there stays as it is, whatever it is: the constraints are "not valid", which holds for new
-- rows only.

-- A moment as the program writes it: microseconds, an offset, a day that there is, a year that every
-- calendar reaches. The text names its offset, so that no setting of a session changes what it means. A
-- regular expression would cost a plan half as much as its hash.
-- Without a path of its own, which would cost as much as the rest: only functions that have one call it.
create function is_moment(at text) returns boolean
    language plpgsql stable
    as $$ begin
        return case
            when at like '2___-__-__T__:__:__._________:__'
                and translate(at, '0123456789', '') in ('--T::.+:', '--T::.-:')
            then at::timestamptz is not null else false end;
    end $$;
revoke execute on function is_moment(text) from public;
create function states_a_moment() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$ begin
        if not is_moment(new.at) then
            perform refuse(tg_table_name || '_stated_moment');
        end if;
        return null;
    end $$;
revoke execute on function states_a_moment() from public;
-- After the row policies, which say first whose rows somebody may write. Facts are looked at in
-- event_enters: the server reads a CHECK anew in every statement.
create trigger approval_key_stated_moment after insert on approval_key
    for each row execute function states_a_moment();
create trigger password_stated_moment after insert on password
    for each row execute function states_a_moment();
create trigger sign_in_stated_moment after insert on sign_in
    for each row execute function states_a_moment();

alter table approval_key add constraint approval_key_digits check (public_key ~ '^[0-9a-f]{64}$'
    and endorsed_with ~ '^[0-9a-f]{64}$' and endorsement ~ '^[0-9a-f]{128}$') not valid;

-- Rows are counted one by one: behind the greatest number there is, nobody would get a new password.
-- Looked at after the row policies, which say first whose rows somebody may write.
create policy owner_counts on sign_in for select to plan_assistant_owner using (true);
create function number_follows() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    before integer;
begin
    execute format('select coalesce(max(number), 0) from %I where account = $1 and number <> $2',
                   tg_table_name) into before using new.account, new.number;
    if new.number <> before + 1 then
        perform refuse(tg_table_name || '_number_follows');
    end if;
    return null;
end $$;
revoke execute on function number_follows() from public;
create trigger approval_key_follows after insert on approval_key
    for each row execute function number_follows();
create trigger password_follows after insert on password
    for each row execute function number_follows();
create trigger sign_in_follows after insert on sign_in
    for each row execute function number_follows();

-- People have roles that there are, login names that nobody mistakes, and no sign in a name that shows
-- as nothing or turns a line around.
alter table account add constraint account_role_known check (role in ('collector', 'team_lead',
    'legal_reviewer', 'auditor', 'administrator', 'agency_collector')) not valid;
alter table account add constraint account_name_plain
    check (name ~ '^[a-z0-9][a-z0-9._-]{0,39}$') not valid;
alter table account add constraint account_shown_whole
    check (concat(display_name, team)
        !~ '[\x01-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]') not valid;

-- What the head of a case knows besides: the fact that came last, up to which version requests name
-- facts, and when something was last done about the case, by the clock here.
alter table case_head
    add column last_event text not null default '',
    add column claimed integer not null default 0,
    add column acted timestamptz not null default clock_timestamp();
update case_head set claimed = version, acted = to_timestamp(reached / 1000000.0);

-- A request names the facts that came with it, and no facts have two: it is asked of the head of the
-- case, once everything of the statement is there. By inserting, as in case_key_belongs: reading an
-- index would make those who record about neighbouring cases meet.
create function request_belongs() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    facts constant integer := cardinality(string_to_array(new.event_ids, '", "'));
    found_version integer;
begin
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
revoke execute on function request_belongs() from public;
create trigger request_belongs after insert on request
    for each row execute function request_belongs();

-- A case is kept for as long as its fact says, from its end and from when something was last done about
-- it. Days are those of the easternmost office.
create function has_expired(content jsonb, acted timestamptz) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp
    return case
        when content ->> 'ended' ~ '^\d{4}-\d\d-\d\d$'
            and content ->> 'retention_years' ~ '^\d{1,3}$'
        then (content ->> 'ended')::date + make_interval(years => (content ->> 'retention_years')::int)
                < (clock_timestamp() at time zone 'Etc/GMT-14')::date
            and acted + make_interval(years => (content ->> 'retention_years')::int, days => 1)
                <= clock_timestamp()
        else false end;
revoke execute on function has_expired(jsonb, timestamptz) from public;

-- As in revision 0007, but that the number of a plan is that of its case, that an agency needs no team,
-- and that no case is purged before its time.
create or replace function event_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    person account%rowtype;
    head case_head%rowtype;
    decides constant boolean := new.type in ('approved', 'returned', 'declined', 'cancelled');
    place constant bigint := current_position();
    said record;
    prefix constant text := new.case_id || '-';
begin
    select * into person from account where name = session_user;
    if not found or new.actor is distinct from person.name or new.role is distinct from person.role then
        perform refuse('actor_is_session_user');
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
        if not has_expired(new.body::jsonb, head.acted) then
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
    return new;
end $$;
