-- +goose Up

-- The reference data of 1 July 2025 was wrong in two ways, and a database keeps what it was
-- first given. An edit that somebody made of these units since is kept.

-- Xã Ba Chẽ is 06970 in the list of Quyết định 19/2025/QĐ-TTg; ours said 06978, which is
-- no commune's.
UPDATE org_link SET to_id = 'C06970.20250701' WHERE to_id = 'C06978.20250701';
UPDATE org_link SET from_id = 'C06970.20250701' WHERE from_id = 'C06978.20250701';
UPDATE org_position SET area = '06970' WHERE area = '06978';
UPDATE org_position SET area_id = 'C06970.20250701' WHERE area_id = 'C06978.20250701';
UPDATE org_version SET id = 'C06970.20250701', code = '06970' WHERE id = 'C06978.20250701';

-- Of two communes with one name in provinces that became one, the ground of each was said
-- to have gone to the successors of both.
DELETE FROM org_link WHERE event IN ('E20250701.K31', 'E20250701.K80', 'E20250701.K82', 'E20250701.K86', 'E20250701.K92') AND (
  (from_id = 'C10798' AND to_id = 'C11911.20250701') OR (from_id = 'C11890' AND to_id = 'C10804.20250701') OR
  (from_id = 'C11890' AND to_id = 'C10843.20250701') OR (from_id = 'C25462' AND to_id = 'C27694.20250701') OR
  (from_id = 'C27691' AND to_id = 'C25459.20250701') OR (from_id = 'C28252' AND to_id = 'C29869.20250701') OR
  (from_id = 'C28270' AND to_id = 'C29869.20250701') OR (from_id = 'C28437' AND to_id = 'C29869.20250701') OR
  (from_id = 'C28439' AND to_id = 'C29869.20250701') OR (from_id = 'C28924' AND to_id = 'C29734.20250701') OR
  (from_id = 'C29623' AND to_id = 'C29182.20250701') OR (from_id = 'C29734' AND to_id = 'C28921.20250701') OR
  (from_id = 'C31246' AND to_id = 'C31726.20250701') OR (from_id = 'C31268' AND to_id = 'C31666.20250701') OR
  (from_id = 'C31378' AND to_id = 'C31654.20250701') OR (from_id = 'C31379' AND to_id = 'C31582.20250701') OR
  (from_id = 'C31438' AND to_id = 'C31741.20250701') OR (from_id = 'C31474' AND to_id = 'C31741.20250701') OR
  (from_id = 'C31480' AND to_id = 'C31639.20250701') OR (from_id = 'C31483' AND to_id = 'C31591.20250701') OR
  (from_id = 'C31582' AND to_id = 'C31378.20250701') OR (from_id = 'C31606' AND to_id = 'C31495.20250701') OR
  (from_id = 'C31657' AND to_id = 'C31378.20250701') OR (from_id = 'C31666' AND to_id = 'C31288.20250701') OR
  (from_id = 'C31669' AND to_id = 'C31480.20250701') OR (from_id = 'C31714' AND to_id = 'C31246.20250701') OR
  (from_id = 'C31741' AND to_id = 'C31408.20250701') OR (from_id = 'C31744' AND to_id = 'C31473.20250701')
);
UPDATE org_link SET whole = TRUE, main = TRUE WHERE event IN ('E20250701.K31', 'E20250701.K80', 'E20250701.K82', 'E20250701.K86', 'E20250701.K92') AND (
  (from_id = 'C11890' AND to_id = 'C11911.20250701') OR (from_id = 'C25462' AND to_id = 'C25459.20250701') OR
  (from_id = 'C27691' AND to_id = 'C27694.20250701') OR (from_id = 'C28252' AND to_id = 'C28249.20250701') OR
  (from_id = 'C28270' AND to_id = 'C28270.20250701') OR (from_id = 'C28437' AND to_id = 'C28435.20250701') OR
  (from_id = 'C28439' AND to_id = 'C28439.20250701') OR (from_id = 'C28924' AND to_id = 'C28921.20250701') OR
  (from_id = 'C29623' AND to_id = 'C29623.20250701') OR (from_id = 'C29734' AND to_id = 'C29734.20250701') OR
  (from_id = 'C31246' AND to_id = 'C31246.20250701') OR (from_id = 'C31268' AND to_id = 'C31288.20250701') OR
  (from_id = 'C31378' AND to_id = 'C31378.20250701') OR (from_id = 'C31379' AND to_id = 'C31378.20250701') OR
  (from_id = 'C31438' AND to_id = 'C31408.20250701') OR (from_id = 'C31474' AND to_id = 'C31473.20250701') OR
  (from_id = 'C31480' AND to_id = 'C31480.20250701') OR (from_id = 'C31483' AND to_id = 'C31495.20250701') OR
  (from_id = 'C31582' AND to_id = 'C31582.20250701') OR (from_id = 'C31606' AND to_id = 'C31591.20250701') OR
  (from_id = 'C31657' AND to_id = 'C31654.20250701') OR (from_id = 'C31666' AND to_id = 'C31666.20250701') OR
  (from_id = 'C31669' AND to_id = 'C31639.20250701') OR (from_id = 'C31714' AND to_id = 'C31726.20250701') OR
  (from_id = 'C31741' AND to_id = 'C31741.20250701') OR (from_id = 'C31744' AND to_id = 'C31741.20250701')
);
