-- Wake-ups of other processes: a notification is sent only for topics that somebody is listed for
-- in `waiting`, because each transaction that sends one waits for the commits of all others that do.

-- Tells those who wait for one of the topics, when the transaction commits.
CREATE OR REPLACE FUNCTION :schema.tell(topics text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('portfire.' || :schema_text, listed.topic)
  FROM (SELECT DISTINCT topic FROM :schema.waiting WHERE topic = ANY (topics)) AS listed;
END $$;

-- Removes from the list those whose connection is gone.
CREATE OR REPLACE FUNCTION :schema.forget_deaf()
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.waiting
  WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = process);
$$;
