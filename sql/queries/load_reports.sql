-- The keys of all aggregate reports.
select report_key from waybill.dmarc_report
