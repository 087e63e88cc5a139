-- What enters the record is a fact of a known kind that carries its own hash, a checkpoint ends where
-- facts are, and a key comes with a fact of its case: nobody can stop the others with one row. Run
-- once, as the owner, in the transaction of the migration.
--
-- Facts that are there stay as they are, whatever they are: the constraints are "not valid", which
-- holds for new rows only. Their names sort after event_role_*: PostgreSQL checks by name, and whoever
-- may not record a fact is told that first.

alter table event add constraint event_type_is_known check (type in (
    'case_opened', 'budget_changed', 'offers_shown', 'offer_spoken', 'offer_refused',
    'disclosure_read', 'plan_recorded', 'approved', 'returned', 'declined', 'cancelled',
    'case_assigned', 'exported', 'signed', 'payment_posted', 'kept', 'broken', 'reopened',
    'call_closed', 'borrower_waits', 'revealed', 'purged')) not valid;

-- The canonical JSON of the envelope around the body as it is stored (domain/event_form.py). to_json
-- escapes a text as RFC 8785 does.
alter table event add constraint event_sha256_holds check (sha256 = encode(sha256(convert_to(concat(
    '{"actor":', to_json(actor), ',"at":', to_json(at), ',"body":', body,
    ',"case_id":', to_json(case_id), ',"event_id":', to_json(event_id), ',"role":', to_json(role),
    ',"type":', to_json(type), ',"version":', version, '}'), 'UTF8')), 'hex')) not valid;

-- What every reader of a fact takes from it. A plan is read in event_enters, once for all.
alter table event add constraint event_whole_body check (type = 'plan_recorded' or (
    body like '{%' and body::jsonb ?& case
        when type in ('case_opened', 'budget_changed') then array['borrower', 'debts', 'budget']
        when type in ('approved', 'returned', 'declined', 'cancelled')
            then array['fingerprint', 'display_name', 'reason', 'sentence']
        when type = 'case_assigned' then array['agent']
        when type = 'disclosure_read' then array['disclosure']
        when type = 'exported' then array['number', 'fingerprint', 'files']
        when type = 'signed' then array['number', 'fingerprint', 'day', 'parties', 'file_sha256']
        when type = 'payment_posted' then array['number', 'fingerprint', 'day', 'amount',
            'currency', 'reference', 'split']
        when type = 'kept' then array['number', 'fingerprint', 'day']
        when type = 'broken' then array['number', 'fingerprint', 'reason', 'sentence']
        when type = 'reopened' then array['reason', 'sentence', 'plans']
        when type = 'call_closed' then array['outcome']
        when type = 'borrower_waits' then array['fingerprint', 'waits']
        when type = 'revealed' then array['reason', 'sentence', 'fields']
        when type = 'purged' then array['ended', 'retention_years']
        else array[]::text[] end)) not valid;

-- The key of a case belongs to a fact of that case in the same statement: it is looked for once
-- everything of the statement is there. Asked by inserting, because reading the index would make those
-- who open neighbouring cases meet; the row that was inserted goes with the refusal.
create function case_key_belongs() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    found_version integer;
begin
    insert into case_head as head (case_id, team, version, reached)
        values (new.case_id, new.team, 0, 0)
        on conflict (case_id) do update set version = head.version
            where head.team = new.team and head.xmin = pg_current_xact_id()::xid
        returning version into found_version;
    if found_version is null or found_version = 0 then
        perform refuse('key_without_fact');
    end if;
    return null;
end $$;
revoke execute on function case_key_belongs() from public;
create trigger case_key_belongs after insert on case_key
    for each row execute function case_key_belongs();

-- The end of a checkpoint is remembered where no rollback reaches, before any constraint is asked:
-- only a fact that is there may be one.
create policy owner_reads on event for select to plan_assistant_owner using (true);
create or replace function seal_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
begin
    if not exists (select 1 from pg_locks where pid = pg_backend_pid() and granted
            and mode = 'ShareLock' and relation = 'plan_assistant.event'::regclass) then
        perform refuse('writers_not_held');
    end if;
    if not exists (select 1 from event where sequence = new.last_sequence) then
        perform refuse('seal_ends_at_a_fact');
    end if;
    -- Later facts get greater numbers.
    if new.last_sequence > (select last_value from sealed_up_to) then
        perform setval('sealed_up_to', new.last_sequence);
    end if;
    return new;
end $$;
-- A store in which it was moved beyond every fact records again.
select setval('sealed_up_to', last) from (
    select greatest((select max(sequence) from event), (select max(last_sequence) from seal)) as last
) as facts where last < (select last_value from sealed_up_to);

-- As in revision 0005, but that a plan which lacks what every reader takes from it is refused, and that
-- its body is read once, not once for its number and once for its fingerprint: that was a sixth of
-- what recording a plan cost the server.
create or replace function event_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    person account%rowtype;
    head case_head%rowtype;
    decides constant boolean := new.type in ('approved', 'returned', 'declined', 'cancelled');
    place constant bigint := current_position();
    said record;
begin
    select * into person from account where name = session_user;
    if not found or new.actor is distinct from person.name or new.role is distinct from person.role then
        perform refuse('actor_is_session_user');
    end if;

    if new.version = 1 then
        insert into case_head (case_id, team, version, reached)
            values (new.case_id, person.team, 1, place)
            on conflict do nothing returning * into head;
    elsif new.type = 'plan_recorded' then
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                round = round + 1, is_waiting = true
            where case_id = new.case_id and version = new.version - 1 and not is_waiting
            returning * into head;
    elsif decides then
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                is_waiting = false
            where case_id = new.case_id and version = new.version - 1 and is_waiting
            returning * into head;
    elsif new.type = 'case_assigned' then
        if person.role <> 'team_lead' then
            perform refuse('event_role_leads');
        end if;
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                assigned_to = new.body::json ->> 'agent'
            where case_id = new.case_id and version = new.version - 1
            returning * into head;
    elsif new.type = 'purged' then
        if person.role <> 'administrator' then
            perform refuse('event_role_purges');
        end if;
        update case_head set version = new.version, reached = greatest(reached + 1, place),
                is_erased = true
            where case_id = new.case_id and version = new.version - 1 and not is_waiting
                and not is_erased
            returning * into head;
    else
        update case_head set version = new.version, reached = greatest(reached + 1, place)
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
    if head.team <> person.team and person.role <> 'legal_reviewer' then
        perform refuse('case_of_another_team');
    end if;
    if person.role = 'agency_collector' and head.assigned_to is distinct from person.name then
        perform refuse('case_not_assigned');
    end if;
    new.team := head.team;
    -- By the clock, after every earlier fact of the case, and after every checkpoint.
    new.sequence := head.reached;

    if new.type = 'purged' then
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
