-- What enters an event, as in revision 0005 but for one thing: the body of a plan is read once, not once
-- for its number and once for its fingerprint. It was a sixth of what recording a plan costs the
-- server. Run once, as the owner, in the transaction of the migration.

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
        select number, fingerprint into said
            from json_to_record(new.body::json) as said (number text, fingerprint text);
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
