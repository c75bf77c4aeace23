-- All of one job: `Monitoring::job`; or lines of its log: `Monitoring::log`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           job
-- ARGV[3…4]         for the log: after which number, at most so many
-- Returns           nil where there is none, or
--                   {record, arguments apart, further fields and values, history, parents as fields
--                   and values, members of children}; of the log {number of the first line, lines}

local id = ARGV[2]
local record = call('GET', key.job .. id)
if ARGV[3] then
  local dropped = tonumber(call('HGET', key.extra .. id, 'y') or 0)
  local from = math.max(tonumber(ARGV[3]) - dropped, 0)
  local lines = call('LRANGE', key.log .. id, from, from + tonumber(ARGV[4]) - 1)
  return {from + dropped + 1, lines}
end
if not record then return false end
return {record, call('GET', key.arguments .. id) or '', call('HGETALL', key.extra .. id),
        call('LRANGE', key.history .. id, 0, -1), call('HGETALL', key.parents .. id),
        call('ZRANGE', key.children .. id, 0, -1)}
