-- Removes jobs whose retention has passed, and old bookkeeping: `JobStore::expire`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           at most so many
-- Returns           {removed, 1 where there may be more}

local room = tonumber(ARGV[2])
local PORTION = 1000
local DAYS_KEPT = 32
begin_work()
local seen = {}  -- chunks, and when the next of their jobs expires

local function expire_chunk(member)
  local ids, waiting_for = {}, nil
  local text = call('GET', key.chunk .. member) or ''
  for at = 1, #text, 16 do
    local id = sub(text, at, at + 15)
    if id ~= NO_ID then ids[#ids + 1] = id end
  end
  get_all(ids)
  for _, id in ipairs(ids) do
    local job = get(id)
    if job and job.due > 0 and (job.kind == PARKED or job.kind == FINAL) then
      if job.due > now then
        if not waiting_for or job.due < waiting_for then waiting_for = job.due end
      elseif room == 0 then
        return false
      else
        room = room - 1
        -- Its children are decided as though it had been deleted; they still look for it meanwhile.
        settle(job, 2, 0)
        batches.loses(job)
        if job.created > now - HOUR then later_call('ZADD', key.units, now, 'j' .. id) end
        remove_job(job)
      end
    end
  end
  seen[#seen + 1] = {member, waiting_for}
  return true
end

local chunks = call('ZRANGEBYSCORE', key.expiry, '-inf', now, 'LIMIT', 0, PORTION)
local more = #chunks == PORTION
for _, member in ipairs(chunks) do
  if not expire_chunk(member) then
    more = true
    break
  end
end

-- What is remembered longer than promised.
local old = call('ZRANGEBYSCORE', key.units, '-inf', string.format('(%.0f', now - HOUR), 'LIMIT', 0,
                 PORTION)
for _, member in ipairs(old) do
  later_call('ZREM', key.units, member)
  if sub(member, 1, 1) == 'u' then later_call('HDEL', key.existing, sub(member, 2)) end
end
for _, name in ipairs(call('ZRANGEBYSCORE', key.windows, '-inf', string.format('(%.0f', now),
                           'LIMIT', 0, PORTION)) do
  set_holder(name, false)
end
local hour = floor(now / HOUR)
if tonumber(call('HGET', P, 'swept') or 0) < hour then
  later_call('HSET', P, 'swept', hour)
  for _, field in ipairs(call('HKEYS', key.hours)) do
    if tonumber(string.match(field, '^%d+')) < hour - DAYS_KEPT * 24 then
      later_call('HDEL', key.hours, field)
    end
  end
end
batches.settle()
limits.settle()
if #seen > 0 then
  write_although_full()
  -- Before all else: what is let go here may enter the same chunks.
  for _, chunk in ipairs(seen) do
    if chunk[2] then
      call('ZADD', key.expiry, chunk[2], chunk[1])
    else
      call('ZREM', key.expiry, chunk[1])
    end
  end
end
if #order > 0 or #commands > 0 then flush() end
return {tonumber(ARGV[2]) - room, more and 1 or 0}
