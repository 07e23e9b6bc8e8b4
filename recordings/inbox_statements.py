"""What the intake asks of the database: each a single statement, for SQLite and PostgreSQL alike."""

STORE = """
INSERT INTO recordings_webhookdelivery
  (account_id, key, state, lane, dedupe_id, event, method, path, query, headers, body, note,
   received_at, created_at, due_at,
   attempts, deaths, duplicates, replays, worker, outcome, is_erased)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 0, '', '', FALSE)
ON CONFLICT (account_id, dedupe_id) DO UPDATE SET
  duplicates = recordings_webhookdelivery.duplicates + 1,
  last_duplicate_at = %s,
  due_at = CASE WHEN recordings_webhookdelivery.state = %s THEN %s
           ELSE recordings_webhookdelivery.due_at END,
  attempts = CASE WHEN recordings_webhookdelivery.state = %s THEN 0
             ELSE recordings_webhookdelivery.attempts END,
  state = CASE WHEN recordings_webhookdelivery.state = %s THEN %s
          ELSE recordings_webhookdelivery.state END
"""

_COUNT_ROW = """
INSERT INTO recordings_refusal
  (account_id, day, reason, count, last_at, skew_seconds, url_seen, url_expected)
VALUES (%s, %s, %s, 1, %s, %s, %s, %s)
"""
_COUNT_UP = """
DO UPDATE SET
  count = recordings_refusal.count + 1,
  last_at = excluded.last_at,
  skew_seconds = excluded.skew_seconds,
  url_seen = excluded.url_seen,
  url_expected = excluded.url_expected
"""
COUNT = f"{_COUNT_ROW} ON CONFLICT (account_id, day, reason) {_COUNT_UP}"
COUNT_STRANGER = f"{_COUNT_ROW} ON CONFLICT (day, reason) WHERE account_id IS NULL {_COUNT_UP}"
