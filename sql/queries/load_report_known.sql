-- Whether an aggregate report is there.  $1: report_key
select 1 from waybill.dmarc_report where report_key = $1
