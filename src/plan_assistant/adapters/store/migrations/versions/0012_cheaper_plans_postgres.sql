-- What a plan cost the server for nothing: people who do not act, rules that were read anew in every
-- statement, and a schedule in which nothing is looked for. Run once, as the owner, in the transaction of the
-- migration.

-- session_user is a `name`, which compares by the collation "C". By an index in that of the database nobody is
-- found: all people were read, twice for each fact, and locked as a whole for SERIALIZABLE transactions.
create index account_signed_in on account (name collate "C");
drop index case_head_assigned_to;
create index case_head_assigned_to on case_head (assigned_to collate "C") where assigned_to is not null;

-- The text of a CHECK is read anew in every statement: this one says the same in a third of the words. What no
-- round follows, one_pending refuses.
alter table submission
    drop constraint submission_round_follows,
    add constraint submission_round_follows check (previous_round is not distinct from nullif(round - 1, 0));

-- As in revision 0006, but that it asks itself which facts it is about: a condition of the trigger would be
-- read anew in every statement, too.
create or replace function event_follows() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    approved decision%rowtype;
begin
    if new.type not in ('signed', 'payment_posted', 'kept', 'broken') then
        return new;
    end if;
    select * into approved from decision where case_id = new.case_id and outcome = 'approved'
        and fingerprint = new.body::json ->> 'fingerprint' limit 1;
    if not found then
        perform refuse('follows_approval');
    end if;
    if new.type = 'broken' and approved.maker = new.actor then
        perform refuse('maker_breaks');
    end if;
    return new;
end $$;
create or replace trigger event_follows before insert on event
    for each row execute function event_follows();

-- As in revision 0010, but for how a plan is read.
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
    read text := new.body;
    parts text[];
    behind text[];
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
        -- The schedule is the greater part of a plan, and nothing in it is asked for. That it is JSON is
        -- enough, and costs half of looking for fields in it. null is a value where it stands, as the schedule
        -- is: of a text, the quotation marks around "plan" would leave no JSON.
        parts := string_to_array(new.body, '"plan":');
        behind := string_to_array(parts[2], ',"policy":');
        if cardinality(parts) = 2 and cardinality(behind) = 2 and behind[1] is json then
            read := concat(parts[1], '"plan":null,"policy":', behind[2]);
        end if;
        select * into said from json_to_record(read::json)
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
