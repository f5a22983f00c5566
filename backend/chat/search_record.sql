-- Cards of several messages are found by what they hold; those that are here already are read anew.
INSERT OR IGNORE INTO chat_unindexed SELECT feed, seq FROM chat_record;
