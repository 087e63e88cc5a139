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
    is_waiting boolean not null default false,
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
begin
    select * into person from account where name = session_user;
    if not found or new.actor is distinct from person.name or new.role is distinct from person.role then
        perform refuse('actor_is_session_user');
    end if;

    if new.version = 1 then
        insert into case_head (case_id, team, version) values (new.case_id, person.team, 1)
            on conflict do nothing returning * into head;
    elsif new.type = 'plan_recorded' then
        update case_head set version = new.version, round = round + 1, is_waiting = true
            where case_id = new.case_id and version = new.version - 1 and not is_waiting
            returning * into head;
    elsif decides then
        update case_head set version = new.version, is_waiting = false
            where case_id = new.case_id and version = new.version - 1 and is_waiting
            returning * into head;
    elsif new.type = 'case_assigned' then
        if person.role <> 'team_lead' then
            perform refuse('event_role_leads');
        end if;
        update case_head set version = new.version, assigned_to = new.body::json ->> 'agent'
            where case_id = new.case_id and version = new.version - 1
            returning * into head;
    else
        update case_head set version = new.version
            where case_id = new.case_id and version = new.version - 1
            returning * into head;
    end if;

    if head.case_id is null then
        select * into head from case_head where case_id = new.case_id;
        perform refuse(case
            when head.case_id is null or head.version <> new.version - 1 then 'stale_version'
            when head.is_waiting then 'one_pending'
            when head.round = 0 then 'nothing_pending'
            else 'already_decided' end);
    end if;
    if decides and new.version = 1 then
        perform refuse('nothing_pending');
    end if;
    if head.team <> person.team and person.role <> 'legal_reviewer' then
        perform refuse('case_of_another_team');
    end if;
    if person.role = 'agency_collector' and head.assigned_to is distinct from person.name then
        perform refuse('case_not_assigned');
    end if;
    new.team := head.team;

    if new.type = 'plan_recorded' then
        insert into submission (case_id, round, previous_round, event_id, number, fingerprint, maker)
            values (new.case_id, head.round, nullif(head.round - 1, 0), new.event_id,
                    new.body::json ->> 'number',
                    encode(sha256(convert_to(new.body, 'UTF8')), 'hex'), new.actor);
    elsif decides then
        insert into decision (case_id, round, event_id, outcome, maker, fingerprint, decider,
                              decider_role)
            select new.case_id, head.round, new.event_id, new.type, sent.maker,
                    new.body::json ->> 'fingerprint', new.actor, new.role
                from submission sent where sent.case_id = new.case_id and sent.round = head.round;
    end if;
    return new;
end $$;

revoke execute on function my_team(), assigned_cases(), refuse(text), event_enters() from public;
create trigger event_enters before insert on event
    for each row execute function event_enters();

-- Grants: by column, and nothing that is not named here.
grant usage on schema plan_assistant to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector;
grant select on alembic_version to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector;
grant execute on function my_team(), assigned_cases() to plan_assistant_collector,
    plan_assistant_team_lead, plan_assistant_legal_reviewer, plan_assistant_auditor,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant select on account, event, request to plan_assistant_collector, plan_assistant_team_lead,
    plan_assistant_legal_reviewer, plan_assistant_auditor, plan_assistant_administrator,
    plan_assistant_agency_collector;
grant select on submission, decision, case_head to plan_assistant_legal_reviewer,
    plan_assistant_auditor;
grant insert (event_id, case_id, version, at, actor, role, type, body, sha256) on event
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant insert (key, payload_sha256, case_id, version, event_ids) on request
    to plan_assistant_collector, plan_assistant_team_lead, plan_assistant_legal_reviewer,
    plan_assistant_administrator, plan_assistant_agency_collector;
grant insert (name, display_name, role, team) on account to plan_assistant_administrator;

-- Rows: forced, so that the owner passes only where a policy says so.
alter table account enable row level security, force row level security;
alter table event enable row level security, force row level security;
alter table request enable row level security, force row level security;
alter table submission enable row level security, force row level security;
alter table decision enable row level security, force row level security;
alter table case_head enable row level security, force row level security;

create policy staff_reads on account for select to plan_assistant_collector,
    plan_assistant_team_lead, plan_assistant_legal_reviewer, plan_assistant_auditor,
    plan_assistant_administrator using (true);
create policy agency_reads_itself on account for select to plan_assistant_agency_collector
    using (name = session_user);
create policy administrator_adds on account for insert to plan_assistant_administrator
    with check (true);
create policy owner_all on account to plan_assistant_owner using (true) with check (true);

create policy team_reads on event for select
    to plan_assistant_collector, plan_assistant_team_lead
    using (team = (select my_team()));
create policy reviewers_read on event for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy administrator_reads_own on event for select to plan_assistant_administrator
    using (actor = session_user);
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
create policy auditor_reads on request for select to plan_assistant_auditor using (true);

create policy reviewers_read on submission for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy owner_all on submission to plan_assistant_owner using (true) with check (true);
create policy reviewers_read on decision for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy owner_all on decision to plan_assistant_owner using (true) with check (true);
create policy reviewers_read on case_head for select
    to plan_assistant_legal_reviewer, plan_assistant_auditor using (true);
create policy owner_all on case_head to plan_assistant_owner using (true) with check (true);
