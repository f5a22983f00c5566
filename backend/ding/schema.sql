-- Conversations, by workspace.
CREATE TABLE ding_space(
  space     BLOB PRIMARY KEY,
  workspace BLOB NOT NULL,          -- itself for a workspace
  kind      INTEGER NOT NULL,
  active    INTEGER NOT NULL        -- whether we belong to it
) STRICT, WITHOUT ROWID;
CREATE INDEX ding_space_workspace ON ding_space(workspace);

-- What was put before people, by the place of its event.
CREATE TABLE ding_notice(
  space   BLOB NOT NULL,
  device  BLOB NOT NULL,
  start   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  person  BLOB NOT NULL,            -- who did
  stamp   INTEGER NOT NULL,
  mdevice BLOB NOT NULL,            -- the message
  mstart  INTEGER NOT NULL,
  mseq    INTEGER NOT NULL,
  PRIMARY KEY(space, device, start, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX ding_notice_person ON ding_notice(person, stamp);
CREATE INDEX ding_notice_stamp ON ding_notice(space, stamp);

-- Notices and reminders: what comes before people. A reminder may come before its notice.
CREATE TABLE ding_round(
  space   BLOB NOT NULL,
  device  BLOB NOT NULL,            -- the event
  start   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  person  BLOB NOT NULL,
  stamp   INTEGER NOT NULL,
  everybody INTEGER NOT NULL,
  nonce   BLOB NOT NULL,
  ndevice BLOB NOT NULL,            -- its notice
  nstart  INTEGER NOT NULL,
  nseq    INTEGER NOT NULL,
  PRIMARY KEY(space, device, start, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX ding_round_person ON ding_round(person, stamp);
CREATE INDEX ding_round_notice ON ding_round(space, ndevice, nstart, nseq);
CREATE INDEX ding_round_stamp ON ding_round(stamp);

-- Whom a round names.
CREATE TABLE ding_to(
  space  BLOB NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  person BLOB NOT NULL,
  PRIMARY KEY(space, device, start, seq, person)
) STRICT, WITHOUT ROWID;

-- What people said of a notice, each thing the first time: 1 seen, 2 confirmed, 3 called off.
CREATE TABLE ding_word(
  space  BLOB NOT NULL,
  device BLOB NOT NULL,             -- the notice
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  what   INTEGER NOT NULL,
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  PRIMARY KEY(space, device, start, seq, what, person)
) STRICT, WITHOUT ROWID;

-- Who may and how often; the last few of each who said so.
CREATE TABLE ding_rules(
  space  BLOB NOT NULL,             -- the workspace
  person BLOB NOT NULL,
  stamp  INTEGER NOT NULL,
  device BLOB NOT NULL,
  start  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  who    INTEGER NOT NULL,
  per_day INTEGER NOT NULL,
  per_ten INTEGER NOT NULL,
  PRIMARY KEY(space, person, stamp, device, start, seq)
) STRICT, WITHOUT ROWID;
