-- How far linking has come, and whether rows were taken back since.
select (select last_load_id from waybill.linking), exists (select from waybill.relink)
