-- +goose Up

-- Xã Ba Chẽ is 06970 in the list of Quyết định 19/2025/QĐ-TTg; this program's data said
-- 06978, which is and was no commune's. What was recorded with it meant that commune.
UPDATE population_person SET
  birthplace = CASE birthplace WHEN 2200006978 THEN 2200006970 ELSE birthplace END,
  origin = CASE origin WHEN 2200006978 THEN 2200006970 ELSE origin END,
  permanent = CASE permanent WHEN 2200006978 THEN 2200006970 ELSE permanent END,
  temporary = CASE temporary WHEN 2200006978 THEN 2200006970 ELSE temporary END,
  present = CASE present WHEN 2200006978 THEN 2200006970 ELSE present END
WHERE birthplace = 2200006978 OR origin = 2200006978 OR permanent = 2200006978 OR temporary = 2200006978 OR present = 2200006978;
UPDATE population_event SET doc = REPLACE(doc, '"commune":"06978"', '"commune":"06970"') WHERE doc LIKE '%"commune":"06978"%';
UPDATE population_event_part SET doc = REPLACE(doc, '"commune":"06978"', '"commune":"06970"') WHERE doc LIKE '%"commune":"06978"%';
UPDATE population_list SET doc = REPLACE(doc, '"06978"', '"06970"') WHERE doc LIKE '%"06978"%';
