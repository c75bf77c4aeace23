-- Moves jobs that have fallen due: `JobStore::promote`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           at most so many
-- ARGV[3]           '1': hand them out for an election and change nothing
-- Returns           {moved, microseconds until the next falls due or -1, handed out}
--                   handed out, per job: id, record, reason, data, candidate (packed; '' is Enqueued)

local members = call('ZRANGEBYSCORE', key.timed, '-inf', now, 'LIMIT', 0, ARGV[2])
local ids, handed_out = {}, {}
for i, member in ipairs(members) do ids[i] = sub(member, 8) end
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
local next_due = -1
local first = call('ZRANGE', key.timed, 0, 0, 'WITHSCORES')
if first[2] then next_due = math.max(tonumber(first[2]) - now, 0) end
return {ARGV[3] == '1' and 0 or #ids, string.format('%.0f', next_due), handed_out}
