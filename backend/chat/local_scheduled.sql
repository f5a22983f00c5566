-- Messages that wait here for their time, and those that were sent late until their author takes note.
CREATE TABLE chatlocal_scheduled(
  id    TEXT PRIMARY KEY,
  space BLOB NOT NULL,
  nonce TEXT NOT NULL,      -- of the call that made it
  due   INTEGER NOT NULL,   -- Unix ms
  state INTEGER NOT NULL,   -- ScheduledState of the door
  error TEXT NOT NULL,      -- code, "" for none
  body  BLOB NOT NULL,      -- CBOR, as in the event, without files
  sent  INTEGER NOT NULL,   -- Unix ms, 0: not
  message TEXT NOT NULL     -- its name on the door once sent
) STRICT, WITHOUT ROWID;
CREATE INDEX chatlocal_scheduled_due ON chatlocal_scheduled(state, due);
CREATE INDEX chatlocal_scheduled_space ON chatlocal_scheduled(space, due);

-- Their files, in order. An upload is one message's, so it is not offered for the next one.
CREATE TABLE chatlocal_scheduled_upload(
  upload    TEXT PRIMARY KEY,
  scheduled TEXT NOT NULL,
  n         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chatlocal_scheduled_upload_of ON chatlocal_scheduled_upload(scheduled, n);
