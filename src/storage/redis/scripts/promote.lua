-- Moves jobs that have fallen due, and members of deleted batches: `JobStore::promote`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           at most so many that have fallen due
-- ARGV[3]           '1': hand them out for an election and leave them where they are
-- ARGV[4]           look at so many members of deleted batches at most
-- Returns           {moved, microseconds until the next falls due or -1, handed out, members moved,
--                   members looked at}
--                   handed out, per job: id, record, reason, data, candidate (packed; '' is Enqueued)

local function next_in_row(row, after, max)
  local ids, last, chunk = {}, after, floor(after / PER_CHUNK)
  while #ids < max do
    local found = call('ZRANGEBYSCORE', key.chunks .. row, chunk, '+inf', 'LIMIT', 0, 1)
    if not found[1] then break end
    chunk = tonumber(found[1])
    local text = call('GET', key.chunk .. chunk_bytes(chunk) .. row) or ''
    for place = 0, #text / 16 - 1 do
      local id, number = sub(text, place * 16 + 1, place * 16 + 16), chunk * PER_CHUNK + place
      if id ~= NO_ID and number > after and #ids < max then
        ids[#ids + 1], last = id, number
      end
    end
    chunk = chunk + 1
  end
  return ids, last
end

local function delete_members(ids, retention)
  local deleted = 0
  get_all(ids)
  for _, id in ipairs(ids) do
    local job = get(id)
    -- An earlier one may have taken it along.
    if job and batches.counted(job.kind, job.ending) == 0 then
      touch(job)
      if job.kind == RUNNING then take_from_holder(job) end
      move(job, {kind = FINAL, ending = 2, due_in = 0, name = 'Deleted',
                 reason = BATCH_DELETED, data = '',
                 retention = retention >= 0 and retention or nil})
      deleted = deleted + 1
    end
  end
  return deleted
end

local function delete_members_of_batches(max)
  local moved, seen, at = 0, 0, 0
  begin_work()
  while seen < max do
    local entry = call('ZRANGE', key.sweeps, at, at, 'WITHSCORES')
    if not entry[1] then break end
    at = at + 1
    local batch, retention, after = read('>c16i8I7', entry[1])
    local ids, last = next_in_row('b:' .. batch, after, max - seen)
    moved = moved + delete_members(ids, retention)
    seen = seen + #ids
    later_call('ZREM', key.sweeps, entry[1])
    if seen == max then
      later_call('ZADD', key.sweeps, entry[2], batch .. write('>i8I7', retention, last))
    end
  end
  if at > 0 then flush() end
  return moved, seen
end

local due = call('ZRANGEBYSCORE', key.timed, '-inf', now, 'LIMIT', 0, ARGV[2])
local ids, handed_out = {}, {}
for i, member in ipairs(due) do ids[i] = sub(member, 8) end
get_all(ids)
if ARGV[3] == '1' then
  for _, id in ipairs(ids) do
    local job = get(id)
    local reason, data = reason_and_data(job)
    local n = #handed_out
    handed_out[n + 1], handed_out[n + 2], handed_out[n + 3] = id, encode(job), reason
    handed_out[n + 4] = data
    handed_out[n + 5] = may_have_extra(job) and extra(job).t or ''
  end
elseif #ids > 0 then
  begin_work()
  get_all(ids)
  for _, id in ipairs(ids) do
    local job = get(id)
    local candidate = may_have_extra(job) and extra(job).t
    move(job, candidate and read_state(candidate) or enqueued(DUE))
  end
  flush()
end
local deleted, seen = delete_members_of_batches(tonumber(ARGV[4]))
local next_due = -1
if call('EXISTS', key.sweeps) == 1 then
  next_due = 0
else
  local first = call('ZRANGE', key.timed, 0, 0, 'WITHSCORES')
  if first[2] then next_due = math.max(tonumber(first[2]) - now, 0) end
end
return {ARGV[3] == '1' and 0 or #ids, string.format('%.0f', next_due), handed_out, deleted, seen}
