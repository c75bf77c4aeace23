-- Wake-ups of other processes: a notification is sent only for topics that somebody is listed for
-- in `waiting`, because transactions that send one commit one after the other.

-- Tells those who wait for one of the topics, when the transaction commits. In a transaction of the
-- application's own that may be much later, and who waits then is not known yet: there it is told
-- in any case, which PostgreSQL does once for each topic.
CREATE OR REPLACE FUNCTION :schema.tell(topics text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('portfire.tell_everybody', true) = 'on' THEN
    PERFORM pg_notify('portfire.' || :schema_text, topic) FROM unnest(topics) topic;
    RETURN;
  END IF;
  PERFORM pg_notify('portfire.' || :schema_text, listed.topic)
  FROM (SELECT DISTINCT topic FROM :schema.waiting WHERE topic = ANY (topics)) AS listed;
END $$;

-- Removes from the list those whose connection is gone.
CREATE OR REPLACE FUNCTION :schema.forget_deaf()
RETURNS void LANGUAGE sql AS $$
  DELETE FROM :schema.waiting
  WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = process);
$$;
