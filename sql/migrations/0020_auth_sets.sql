-- Records of aggregate reports repeat the same few DKIM and SPF results: what one or more of them have is kept once, and
-- a record names it.  The view dmarc_auth shows them record by record, as the table of that name did.
create table waybill.dmarc_auth_set (
    auth_key bigint not null,
    position integer not null,
    method text not null collate "C",
    domain text collate "C",
    selector text collate "C",
    scope text collate "C",
    result text collate "C",
    raw_result text collate "C",
    human_result text collate "C",
    primary key (auth_key, position)
);

alter table waybill.dmarc_record add column auth_key bigint;

create temporary table auth_sets on commit drop as
select report_key, seq,
       hashtextextended(string_agg(row(position, method, domain, selector, scope, result, raw_result, human_result)::text, '' order by position), 0)
           as auth_key
from waybill.dmarc_auth
group by report_key, seq;
create index on auth_sets (auth_key);
analyze auth_sets;

insert into waybill.dmarc_auth_set
select s.auth_key, a.position, a.method, a.domain, a.selector, a.scope, a.result, a.raw_result, a.human_result
from (select distinct on (auth_key) * from auth_sets order by auth_key) as s
join waybill.dmarc_auth a using (report_key, seq);

update waybill.dmarc_record r set auth_key = s.auth_key
from auth_sets s
where s.report_key = r.report_key and s.seq = r.seq;

drop table waybill.dmarc_auth;
