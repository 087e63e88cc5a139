-- The walls of a store on PostgreSQL: who reads and writes what. Run once, as the owner, in the
-- transaction of the migration.
--
-- A person is a login role, a member of one group, and known by session_user. An insert into `event`
-- is all that a person can do about a case; the rows that hold four eyes and one waiting plan are
-- written by the trigger below, as the owner. It reads nothing that others write at the same time but
-- the one row of its own case, so SERIALIZABLE transactions on different cases do not meet.

create table case_head (
    case_id text primary key,
    team text not null,
    version integer not null,
    round integer not null default 0,
    reached bigint not null,
    is_waiting boolean not null default false,
    is_erased boolean not null default false,
    assigned_to text references account (name)
) with (fillfactor = 50);
-- Rows keep their size and have room beside them: an update that leaves its page would write to the
-- index, and so meet the transactions of cases whose ids are near.
comment on table case_head is
    'Where each case stands, for the guards only; a fold over its events gives the same.';
create index case_head_assigned_to on case_head (assigned_to) where assigned_to is not null;
revoke all on case_head from public;

alter table account
    add column added_by text not null default session_user,
    add column added_at timestamptz not null default clock_timestamp();
alter table event add column team text not null default '';
-- Compressing an agreement costs the server more than all the rest of recording it.
alter table event alter column body set storage external;
-- The trigger below copies the maker from an actor that is already known.
alter table submission drop constraint submission_maker_fkey;
alter table request add column actor text not null default session_user;
alter table case_key
    add column added_by text not null default session_user,
    add column team text not null default '';
alter table person_index add column team text not null default '';

-- No checkpoint ends behind it, and no fact is numbered before it: what is recorded after a checkpoint
-- was made gets a number that the next one covers, even when the clock is set back in between. Not a
-- row, because a transaction that waited for the checkpoint would not see a row that is newer than
-- itself.
create sequence sealed_up_to minvalue 0 start 0;
revoke all on sequence sealed_up_to from public;

-- A case stands and falls with its head: nobody deletes one.
create trigger case_head_no_delete before delete on case_head
    for each row execute function refuse_change();
create trigger case_head_no_truncate before truncate on case_head
    for each statement execute function refuse_change();

-- In PL/pgSQL, which keeps its plans for as long as somebody is signed in.
create function my_team() returns text
    language plpgsql stable security definer set search_path = plan_assistant, pg_temp
    as $$ begin return (select team from account where name = session_user); end $$;
create function assigned_cases() returns setof text
    language plpgsql stable security definer set search_path = plan_assistant, pg_temp
    as $$ begin return query select case_id from case_head where assigned_to = session_user; end $$;

create function current_position() returns bigint
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    clock constant bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
    sealed constant bigint := (select last_value from sealed_up_to);
begin
    return case when clock > sealed then clock else nextval('sealed_up_to') end;
end $$;

create function refuse(rule text) returns void
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin raise exception using errcode = '23514', constraint = rule, message = rule; end $$;

create function event_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    person account%rowtype;
    head case_head%rowtype;
    decides constant boolean := new.type in ('approved', 'returned', 'declined', 'cancelled');
    place constant bigint := current_position();
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
        insert into submission (case_id, round, previous_round, event_id, number, fingerprint, maker)
            values (new.case_id, head.round, nullif(head.round - 1, 0), new.event_id,
                    new.body::json ->> 'number',
                    -- Of a body with sealed fields, over what they hold: only its maker could
                    -- compute it, and whoever opens the fields can check it.
                    coalesce(new.body::json ->> 'fingerprint',
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

create trigger event_enters before insert on event
    for each row execute function event_enters();

-- The key of a case comes with its opening, under the master key that the store stands on by then.
create function case_key_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
begin
    if new.master_key_id is distinct from
            (select master_key_id from store_key where purpose = 'index') then
        perform refuse('master_key_moved');
    end if;
    new.team := my_team();
    return new;
end $$;
create trigger case_key_enters before insert on case_key
    for each row execute function case_key_enters();
create function person_index_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$ begin new.team := my_team(); return new; end $$;
create trigger person_index_enters before insert on person_index
    for each row execute function person_index_enters();

-- Who seals waits for facts that are being recorded, and lets new ones wait. Asked for as a function,
-- because the right to lock a table is the right to change it.
create function hold_writers() returns void
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$ begin lock table event in share mode; end $$;
create function seal_enters() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
begin
    if not exists (select 1 from pg_locks where pid = pg_backend_pid() and granted
            and mode = 'ShareLock' and relation = 'plan_assistant.event'::regclass) then
        perform refuse('writers_not_held');
    end if;
    -- Later facts get greater numbers.
    if new.last_sequence > (select last_value from sealed_up_to) then
        perform setval('sealed_up_to', new.last_sequence);
    end if;
    return new;
end $$;
create trigger seal_enters before insert on seal
    for each row execute function seal_enters();

-- For an administrator who gives a new password in place of a forgotten one, and sees no old one.
create function passwords_of(person text) returns integer
    language plpgsql stable security definer set search_path = plan_assistant, pg_temp
    as $$ begin
        return (select coalesce(max(number), 0) from password where account = person);
    end $$;

revoke execute on function my_team(), assigned_cases(), current_position(), refuse(text),
    passwords_of(text), event_enters(), case_key_enters(), person_index_enters(), hold_writers(), seal_enters()
    from public;

-- Grants: by column, and nothing that is not named here.
grant usage on schema plan_assistant to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector, plan_assistant_sealer;
grant select on alembic_version to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector, plan_assistant_sealer;
grant execute on function my_team(), assigned_cases() to plan_assistant_collector,
    plan_assistant_team_lead, plan_assistant_legal_reviewer, plan_assistant_auditor,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant select on account, event, request to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector, plan_assistant_sealer;
grant select on submission, decision to plan_assistant_legal_reviewer, plan_assistant_auditor,
    plan_assistant_sealer;
grant select on case_head to plan_assistant_legal_reviewer, plan_assistant_auditor;
grant select on store_key, case_key, person_index, approval_key, approval_start, password, sign_in
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_auditor, plan_assistant_administrator, plan_assistant_agency_collector;
-- Leaves and people of a checkpoint name the cases and people of other teams.
grant select (number, previous_number, previous_last, previous, first_sequence, last_sequence, count,
    root, at, key_id, signature, sha256) on seal
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant select on seal to plan_assistant_auditor, plan_assistant_sealer;
grant select on seal_key to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector, plan_assistant_sealer;
grant insert (event_id, case_id, version, at, actor, role, type, body, sha256) on event
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant insert (key, payload_sha256, case_id, version, event_ids) on request
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant insert (name, display_name, role, team) on account to plan_assistant_administrator;
grant insert (key_id, case_id, master_key_id, wrapped) on case_key
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator;
grant insert (case_id, field, mac) on person_index
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator;
-- The passwords here open the keys that sign approvals; nobody signs in with them.
grant insert (account, number, public_key, at, set_by, endorsed_by, endorsed_with, endorsement)
    on approval_key to plan_assistant_team_lead, plan_assistant_administrator;
grant insert (account, number, at, set_by, verifier, key_number, sealed_key)
    on password to plan_assistant_team_lead, plan_assistant_administrator;
grant insert (account, number, at, outcome)
    on sign_in to plan_assistant_team_lead, plan_assistant_administrator;
-- A program seals, under a login that belongs to nobody.
grant insert on seal, seal_key to plan_assistant_sealer;
grant execute on function hold_writers() to plan_assistant_sealer;
grant execute on function passwords_of(text) to plan_assistant_administrator;

-- Rows: forced, so that the owner passes only where a policy says so.
alter table account enable row level security, force row level security;
alter table event enable row level security, force row level security;
alter table request enable row level security, force row level security;
alter table submission enable row level security, force row level security;
alter table decision enable row level security, force row level security;
alter table case_head enable row level security, force row level security;
alter table seal enable row level security, force row level security;
alter table seal_key enable row level security, force row level security;
alter table store_key enable row level security, force row level security;
alter table case_key enable row level security, force row level security;
alter table person_index enable row level security, force row level security;
alter table approval_key enable row level security, force row level security;
alter table approval_start enable row level security, force row level security;
alter table password enable row level security, force row level security;
alter table sign_in enable row level security, force row level security;

create policy staff_reads on account for select to plan_assistant_collector,
    plan_assistant_team_lead, plan_assistant_legal_reviewer, plan_assistant_auditor,
    plan_assistant_administrator, plan_assistant_sealer using (true);
-- And those whose signatures stand under approvals.
create policy agency_reads_itself on account for select to plan_assistant_agency_collector
    using (name = session_user or role in ('team_lead', 'administrator'));
create policy administrator_adds on account for insert to plan_assistant_administrator
    with check (true);
create policy owner_all on account to plan_assistant_owner using (true) with check (true);

-- Administrators import cases and erase them once they are kept long enough.
create policy team_reads on event for select
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator
    using (team = (select my_team()));
create policy reviewers_read on event for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_sealer using (true);
create policy agency_reads on event for select to plan_assistant_agency_collector
    using (case_id in (select assigned_cases()));
create policy team_records on event for insert
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator
    with check (actor = session_user and team = (select my_team()));
create policy legal_records on event for insert to plan_assistant_legal_reviewer
    with check (actor = session_user);
create policy agency_records on event for insert to plan_assistant_agency_collector
    with check (actor = session_user and case_id in (select assigned_cases()));

create policy own_requests on request
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_administrator, plan_assistant_agency_collector
    using (actor = session_user) with check (actor = session_user);
create policy auditor_reads on request for select
    to plan_assistant_auditor, plan_assistant_sealer using (true);

create policy reviewers_read on submission for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_sealer using (true);
create policy owner_all on submission to plan_assistant_owner using (true) with check (true);
create policy reviewers_read on decision for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_sealer using (true);
create policy owner_all on decision to plan_assistant_owner using (true) with check (true);
create policy reviewers_read on case_head for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy owner_all on case_head to plan_assistant_owner using (true) with check (true);

create policy everybody_reads on seal for select using (true);
create policy sealer_seals on seal for insert to plan_assistant_sealer with check (true);
create policy everybody_reads on seal_key for select using (true);
create policy sealer_seals on seal_key for insert to plan_assistant_sealer with check (true);

create policy everybody_reads on store_key for select using (true);
create policy owner_all on store_key to plan_assistant_owner using (true) with check (true);
create policy team_reads on case_key for select
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator
    using (team = (select my_team()));
create policy reviewers_read on case_key for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy agency_reads on case_key for select to plan_assistant_agency_collector
    using (case_id in (select assigned_cases()));
create policy team_opens on case_key for insert
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator
    with check (added_by = session_user);
create policy owner_all on case_key to plan_assistant_owner using (true) with check (true);
create policy team_reads on person_index for select
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator
    using (team = (select my_team()));
create policy reviewers_read on person_index for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy agency_reads on person_index for select to plan_assistant_agency_collector
    using (case_id in (select assigned_cases()));
create policy team_opens on person_index for insert
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_administrator
    with check (true);
create policy owner_all on person_index to plan_assistant_owner using (true) with check (true);

create policy everybody_reads on approval_key for select using (true);
create policy own_keys on approval_key for insert to plan_assistant_team_lead
    with check (account = session_user and set_by = session_user and endorsed_by = session_user);
create policy administrator_gives on approval_key for insert to plan_assistant_administrator
    with check (set_by = session_user and endorsed_by = session_user);
create policy everybody_reads on approval_start for select using (true);
create policy reads_own on password for select using (account = session_user);
create policy owner_counts on password for select to plan_assistant_owner using (true);
create policy own_password on password for insert to plan_assistant_team_lead
    with check (account = session_user and set_by = session_user);
create policy administrator_gives on password for insert to plan_assistant_administrator
    with check (set_by = session_user);
create policy reads_own on sign_in for select using (account = session_user);
create policy others_read on sign_in for select
    to plan_assistant_auditor, plan_assistant_administrator using (true);
create policy own_tries on sign_in for insert to plan_assistant_team_lead
    with check (account = session_user);
create policy administrator_notes on sign_in for insert to plan_assistant_administrator
    with check (true);
